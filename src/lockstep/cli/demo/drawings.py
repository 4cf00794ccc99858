"""The page's pictures as SVG: the digit, the descent from trace to number, and where the money went."""

from collections.abc import Sequence
from html import escape

from lockstep.cli.demo.record import Move, Payment, Picture, Recomputed

SLOTS = 16
CELL = 12
DESCENT_WIDTH = 800
ROW_HEIGHT = 92
SLOT_WIDTH = 28
SLOTS_LEFT = 190
MONEY_WIDTH = 800
MONEY_LABEL = 200
MONEY_THICKNESS = 84
MONEY_GAP = 34
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
    parts.append(_element_row(len(levels), recomputed))
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
    right = DESCENT_WIDTH - 148
    hashes = (
        f'<text class="mono" x="{right}" y="{top + 10}"><tspan class="a">✗ {_short(move.node_false)}</tspan>'
        f'<tspan class="b" x="{right}" dy="17">✓ {_short(move.node_true)}</tspan></text>'
    )
    words = (
        f'<text class="what" x="0" y="{top + 11}">{escape(move.what)}</text>'
        f'<text class="who" x="0" y="{top + 28}">{escape(move.by)} · {move.gas:,} gas</text>'
    )
    number = f'<text class="index" x="{centre}" y="{top + 17.5}">{chosen}</text>'
    return funnel + slots + number + hashes + words


def _element_row(row: int, recomputed: Recomputed) -> str:
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


def draw_money(paid_in: Sequence[Payment], paid_out: Sequence[Payment]) -> str:
    """What went into a job on the left, what came out on the right; bands as thick as the amounts."""
    total = sum(payment.wei for payment in paid_in) or 1
    middle_top = 12.0 + MONEY_GAP * (max(len(paid_in), len(paid_out)) - 1) / 2
    sides = _money_side(paid_in, total, middle_top, is_left=True) + _money_side(
        paid_out, total, middle_top, is_left=False
    )
    centre = (
        f'<rect class="pool" x="{MONEY_WIDTH / 2 - 5}" y="{middle_top:.1f}" width="10" height="{MONEY_THICKNESS}"/>'
        f'<text class="who" x="{MONEY_WIDTH / 2}" y="{middle_top - 8:.1f}">{format_ether(total)}</text>'
    )
    height = 24 + MONEY_THICKNESS + MONEY_GAP * (max(len(paid_in), len(paid_out)) - 1)
    label = "What went into the job and what came out of it"
    return (
        f'<svg class="money" viewBox="0 0 {MONEY_WIDTH} {height}" role="img" aria-label="{label}">{sides}{centre}</svg>'
    )


def _money_side(payments: Sequence[Payment], total: int, middle_top: float, *, is_left: bool) -> str:
    edge, inner = (MONEY_LABEL, MONEY_WIDTH / 2 - 5) if is_left else (MONEY_WIDTH - MONEY_LABEL, MONEY_WIDTH / 2 + 5)
    bend = (edge + inner) / 2
    spread = MONEY_GAP * (len(payments) - 1)
    inside, outside = middle_top, middle_top - spread / 2
    parts = []
    for payment in payments:
        thick = MONEY_THICKNESS * payment.wei / total
        kind = "burnt" if payment.party == "burnt" else "paid"
        parts.append(
            f'<path class="band {kind}" d="M{edge:.1f} {outside:.1f} C{bend:.1f} {outside:.1f} {bend:.1f} {inside:.1f}'
            f" {inner:.1f} {inside:.1f} L{inner:.1f} {inside + thick:.1f} C{bend:.1f} {inside + thick:.1f}"
            f' {bend:.1f} {outside + thick:.1f} {edge:.1f} {outside + thick:.1f} Z"/>'
            + _money_label(payment, outside + thick / 2, is_left=is_left)
        )
        inside, outside = inside + thick, outside + thick + MONEY_GAP
    return "".join(parts)


def _money_label(payment: Payment, middle: float, *, is_left: bool) -> str:
    x, anchor = (MONEY_LABEL - 12, "end") if is_left else (MONEY_WIDTH - MONEY_LABEL + 12, "start")
    return (
        f'<text class="party" text-anchor="{anchor}" x="{x}" y="{middle - 2:.1f}">{escape(payment.party)}</text>'
        f'<text class="amount" text-anchor="{anchor}" x="{x}" y="{middle + 14:.1f}">{escape(payment.reason)},'
        f" {format_ether(payment.wei)}</text>"
    )


def format_ether(wei: int) -> str:
    """Wei as ETH with as many decimals as it takes, at most six."""
    return f"{wei / ETHER:.6f}".rstrip("0").rstrip(".") + " ETH"


def _short(digest: bytes) -> str:
    """A hash short enough to read: the first four and the last three bytes' digits."""
    text = digest.hex()
    return "0x" + text[:6] + "…" + text[-4:] if any(digest) else "nothing"
