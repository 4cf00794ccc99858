"""The page's pictures as SVG: the digit, the descent from trace to number, and where the money went."""

from collections.abc import Iterable, Sequence
from html import escape

from lockstep.cli.demo.record import Move, Payment, Picture, Recomputed

SLOTS = 16
CELL = 12
DESCENT_WIDTH = 760
ROW_HEIGHT = 92
SLOT_WIDTH = 28
SLOTS_LEFT = 150
MONEY_WIDTH = 760
MONEY_ROW = 58
ETHER = 10**18


def draw_picture(picture: Picture) -> str:
    """The input, one square a pixel."""
    rows = picture.pixels
    width, height = len(rows[0]) * CELL, len(rows) * CELL
    squares = "".join(
        f'<rect x="{x * CELL}" y="{y * CELL}" width="{CELL}" height="{CELL}" fill-opacity="{level:.2f}"/>'
        for y, row in enumerate(rows)
        for x, level in enumerate(row)
    )
    label = f"Handwritten digit, a {picture.label}"
    return f'<svg class="digit" viewBox="0 0 {width} {height}" role="img" aria-label="{label}"><g>{squares}</g></svg>'


def draw_descent(match: Sequence[Move], recomputed: Recomputed) -> str:
    """From the two trace roots to the element: one row a move, the slot that was chosen opens into the next row."""
    levels = [move for move in match if move.index is not None]
    height = ROW_HEIGHT * (len(levels) + 1) + 30
    parts = [_descent_row(number, move) for number, move in enumerate(levels)]
    parts.append(
        _element_row(len(levels), recomputed, levels[-1].index if levels else None)
    )
    label = "The descent from the trace roots to one element"
    return (
        f'<svg class="descent" viewBox="0 0 {DESCENT_WIDTH} {height}" role="img" aria-label="{label}">'
        + "".join(parts)
        + "</svg>"
    )


def _descent_row(row: int, move: Move) -> str:
    top = 34 + row * ROW_HEIGHT
    chosen = move.index or 0
    slots = "".join(
        f'<rect class="slot{" chosen" if slot == chosen else ""}" x="{_slot_x(slot)}" y="{top}" rx="3"'
        f' width="{SLOT_WIDTH - 4}" height="26"/>'
        for slot in range(SLOTS)
    )
    centre = _slot_x(chosen) + (SLOT_WIDTH - 4) / 2
    below = top + ROW_HEIGHT
    funnel = (
        f'<path class="funnel" d="M{_slot_x(chosen)} {top + 26} L{_slot_x(0)} {below}'
        f' L{_slot_x(SLOTS - 1) + SLOT_WIDTH - 4} {below} L{_slot_x(chosen) + SLOT_WIDTH - 4} {top + 26} Z"/>'
    )
    hashes = (
        f'<text class="mono" x="{DESCENT_WIDTH - 148}" y="{top + 10}"><tspan class="a">a {_short(move.node_a)}</tspan>'
        f'<tspan class="b" x="{DESCENT_WIDTH - 148}" dy="17">b {_short(move.node_b)}</tspan></text>'
    )
    words = (
        f'<text class="what" x="0" y="{top + 11}">{escape(move.what)}</text>'
        f'<text class="who" x="0" y="{top + 28}">{escape(move.by)} · {move.gas:,} gas</text>'
    )
    number = f'<text class="index" x="{centre}" y="{top + 17.5}">{chosen}</text>'
    return funnel + slots + number + hashes + words


def _element_row(row: int, recomputed: Recomputed, slot: int | None) -> str:
    top = 34 + row * ROW_HEIGHT
    left, width = _slot_x(0), SLOT_WIDTH * SLOTS - 4
    middle = left + width / 2
    place = ", ".join(str(coordinate) for coordinate in recomputed.coordinates)
    return (
        f'<rect class="number" x="{left}" y="{top}" width="{width}" height="58" rx="8"/>'
        f'<text class="claimed" x="{middle - 24}" y="{top + 37}">{recomputed.claimed}</text>'
        f'<text class="arrow" x="{middle}" y="{top + 36}">→</text>'
        f'<text class="computed" x="{middle + 24}" y="{top + 37}">{recomputed.computed}</text>'
        f'<text class="what" x="0" y="{top + 22}">element [{place}]</text>'
        f'<text class="who" x="0" y="{top + 39}">{escape(recomputed.node)}</text>'
        f'<text class="who" x="{DESCENT_WIDTH - 148}" y="{top + 22}">claimed, struck out;</text>'
        f'<text class="who" x="{DESCENT_WIDTH - 148}" y="{top + 39}">recomputed on chain</text>'
    )


def _slot_x(slot: int) -> int:
    return SLOTS_LEFT + slot * SLOT_WIDTH


def draw_money(payments: Sequence[Payment]) -> str:
    """One band a payment, as wide as the amount, from who paid to who got it."""
    payers, payees = (
        _in_order(p.payer for p in payments),
        _in_order(p.payee for p in payments),
    )
    rows = max(len(payers), len(payees))
    height = rows * MONEY_ROW + 12
    most = max((payment.wei for payment in payments), default=1) or 1
    left = {name: 26 + number * MONEY_ROW for number, name in enumerate(payers)}
    right = {name: 26 + number * MONEY_ROW for number, name in enumerate(payees)}
    bands = "".join(_band(p, left[p.payer], right[p.payee], most) for p in payments)
    names = "".join(
        f'<text class="party" x="0" y="{y + 5}">{escape(name)}</text>'
        for name, y in left.items()
    )
    names += "".join(
        f'<text class="party" x="{MONEY_WIDTH - 170}" y="{y + 5}">{escape(name)}</text>'
        for name, y in right.items()
    )
    label = "Who paid whom"
    return f'<svg class="money" viewBox="0 0 {MONEY_WIDTH} {height}" role="img" aria-label="{label}">{bands}{names}</svg>'


def _band(payment: Payment, start: int, end: int, most: int) -> str:
    x0, x1 = 150, MONEY_WIDTH - 185
    bend = (x1 - x0) / 2
    thickness = 2 + 20 * payment.wei / most
    kind = "burnt" if payment.payee == "burnt" else "paid"
    text = f"{escape(payment.reason)} · {format_ether(payment.wei)}"
    label_x, label_y = x0 + bend * 0.9, (start + end) / 2 - thickness / 2 - 4
    return (
        f'<path class="band {kind}" stroke-width="{thickness:.1f}"'
        f' d="M{x0} {start} C{x0 + bend} {start} {x1 - bend} {end} {x1} {end}"/>'
        f'<text class="amount" x="{label_x}" y="{label_y:.0f}">{text}</text>'
    )


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def format_ether(wei: int) -> str:
    """Wei as ETH with as many decimals as it takes, at most six."""
    return f"{wei / ETHER:.6f}".rstrip("0").rstrip(".") + " ETH"


def _short(digest: bytes) -> str:
    """A hash short enough to read: the first four and the last three bytes' digits."""
    text = digest.hex()
    return "0x" + text[:6] + "…" + text[-4:] if any(digest) else "nothing"
