"""A chaotic run as a picture: what each node suffered, and every request from its asking to its end."""

from collections.abc import Iterator
from html import escape
from typing import Final

from lockstep.chain.bindings.arbiter import Status
from lockstep.cli.net.faults import Fault
from lockstep.cli.net.report import ChaosRun
from lockstep.cli.net.requester import Asked
from lockstep.features.inference.requests import Guarantee

WIDTH, LEFT, RIGHT = 960, 70, 10
ROW, BAR, LINE = 22, 14, 1.6
COLOURS: Final = {
    Fault.BRIBE: "#b5379d",
    Fault.KILL: "#222222",
    Fault.PAUSE: "#c98a00",
    Fault.CUT: "#1f5fa8",
    Fault.CORRUPT: "#c0392b",
}
ENDS: Final = {"final and right": "#2a9d5c", "refunded": "#c98a00", "wrong or lost": "#c0392b"}


def draw(run: ChaosRun) -> str:
    """An SVG document."""
    nodes, requests = len(run.plan.nodes), len(run.asked)
    middle = 44 + nodes * ROW
    height = middle + 40 + requests * LINE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>',
        *_legend({str(fault): colour for fault, colour in COLOURS.items()}, 16),
        *_harms(run, 30),
        *_legend(ENDS, middle + 10),
        *_requests(run, middle + 24),
        _text(WIDTH - RIGHT, height - 4, f"{run.seconds:,.0f} s", anchor="end"),
    ]
    return "\n".join([*parts, "</svg>\n"])


def _harms(run: ChaosRun, top: float) -> Iterator[str]:
    for number, node in enumerate(run.plan.nodes):
        y = top + number * ROW
        yield _text(LEFT - 8, y + BAR - 2, node.name, anchor="end")
        yield _bar(LEFT, y, WIDTH - RIGHT - LEFT, BAR, "#f0f0f0", f"{node.name}, honest")
    for harm in run.harms:
        x, width = _across(run, harm.since), _across(run, harm.until) - _across(run, harm.since)
        what = f"{harm.fault} {harm.detail}".strip() + f", {harm.since:.0f}–{harm.until:.0f} s"
        yield _bar(x, top + harm.node * ROW, max(1.0, width), BAR, COLOURS[harm.fault], what)
        if harm.fault is Fault.BRIBE:
            yield _text(x + 3, top + harm.node * ROW + BAR - 3, harm.detail, colour="#ffffff")


def _requests(run: ChaosRun, top: float) -> Iterator[str]:
    places = {guarantee: place for place, guarantee in enumerate(Guarantee)}
    for number, asked in enumerate(sorted(run.asked, key=lambda one: (places[one.guarantee], one.number))):
        x, end = _across(run, asked.asked_at), _across(run, asked.asked_at + asked.seconds)
        what = f"request {asked.number} ({asked.guarantee}): {_end_of(asked)} after {asked.seconds:.0f} s"
        yield _bar(x, top + number * LINE, max(1.0, end - x), LINE * 0.75, ENDS[_end_of(asked)], what)
    for guarantee in Guarantee:
        first = sum(places[one.guarantee] < places[guarantee] for one in run.asked)
        yield _text(LEFT - 8, top + first * LINE + 10, str(guarantee), anchor="end")


def _end_of(asked: Asked) -> str:
    if asked.is_right:
        return "final and right"
    return "refunded" if asked.status is Status.VOID else "wrong or lost"


def _across(run: ChaosRun, seconds: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, seconds / max(run.seconds, 1.0))


def _legend(colours: dict[str, str], y: float) -> Iterator[str]:
    for number, (name, colour) in enumerate(colours.items()):
        x = LEFT + 130 * number
        yield _bar(x, y - 10, 10, 10, colour, name)
        yield _text(x + 15, y, name)


def _bar(x: float, y: float, width: float, height: float, colour: str, title: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} fill="{colour}"><title>{escape(title)}</title></rect>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#333333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
