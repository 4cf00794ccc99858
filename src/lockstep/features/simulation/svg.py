"""Line charts as SVG text: mid-tone colours on no background, so that they read on light pages and on dark ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 760
PANEL_HEIGHT: Final = 330
LEFT, RIGHT, TOP, BOTTOM = 52, 200, 34, 44
"""Around the plot of a panel; names of lines stand at the right."""
INK: Final = "#7d8590"
LINE_HEIGHT: Final = 14
GREEN, BLUE, AMBER, RED, PURPLE, TEAL = "#2f9e63", "#3f83d9", "#c98a1b", "#d1495b", "#9b6bd3", "#2aa6a6"


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    colour: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line: what is deployed."""

    name: str
    at: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart. What lies outside ``highest`` and ``lowest`` is cut off."""

    title: str
    across: str
    ticks: Sequence[tuple[float, str]]
    lowest: float
    highest: float
    step: float
    lines: Sequence[Line]
    marks: Sequence[Mark] = ()
    is_logarithmic: bool = False

    def x(self, value: float) -> float:
        first, last = self._place(self.ticks[0][0]), self._place(self.ticks[-1][0])
        return LEFT + (WIDTH - LEFT - RIGHT) * (self._place(value) - first) / (last - first)

    def y(self, value: float) -> float:
        share = (self.highest - value) / (self.highest - self.lowest)
        return TOP + (PANEL_HEIGHT - TOP - BOTTOM) * share

    def _place(self, value: float) -> float:
        return math.log(value) if self.is_logarithmic else value


def draw(panels: Sequence[Panel]) -> str:
    """All panels, one below the other."""
    height = PANEL_HEIGHT * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12" role="img">'
    ]
    for number, panel in enumerate(panels):
        parts.append(f'<g transform="translate(0 {PANEL_HEIGHT * number})">')
        parts += [*_frame(panel, number), *_lines(panel, number), *_marks(panel), "</g>"]
    return "\n".join([*parts, "</svg>\n"])


def _frame(panel: Panel, number: int) -> list[str]:
    right, bottom = WIDTH - RIGHT, PANEL_HEIGHT - BOTTOM
    parts = [
        f'<clipPath id="plot{number}"><rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}"/>'
        "</clipPath>",
        _text(LEFT, TOP - 16, panel.title, weight="bold"),
        _text((LEFT + right) / 2, bottom + 34, panel.across, anchor="middle"),
    ]
    for tick in range(round((panel.highest - panel.lowest) / panel.step) + 1):
        value = panel.lowest + tick * panel.step
        width = 1.2 if value == 0 else 0.4
        y = panel.y(value)
        parts.append(
            f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{INK}" stroke-width="{width}"/>'
        )
        parts.append(_text(LEFT - 6, y + 4, f"{value:g}", anchor="end"))
    parts += [_text(panel.x(at), bottom + 16, name, anchor="middle") for at, name in panel.ticks]
    return parts


def _lines(panel: Panel, number: int) -> list[str]:
    parts, ends = [], []
    for line in panel.lines:
        points = " ".join(f"{panel.x(x):.1f},{panel.y(y):.1f}" for x, y in line.points)
        style = f'fill="none" stroke="{line.colour}" stroke-width="2" clip-path="url(#plot{number})"'
        parts.append(f'<polyline points="{points}" {style}/>')
        last = min(max(line.points[-1][1], panel.lowest), panel.highest)
        ends.append((panel.y(last), line.name, line.colour))
    free = float(PANEL_HEIGHT)
    for height, name, colour in sorted(ends, reverse=True):
        free = min(free - LINE_HEIGHT, height)
        parts.append(_text(WIDTH - RIGHT + 8, free + 4, name, colour=colour))
    return parts


def _marks(panel: Panel) -> list[str]:
    parts = []
    for number, mark in enumerate(panel.marks):
        x, top = panel.x(mark.at), TOP - 2 + LINE_HEIGHT * (number + 1)
        style = 'stroke-width="1.2" stroke-dasharray="5 4"'
        parts.append(_straight((x, TOP), (x, PANEL_HEIGHT - BOTTOM), style))
        is_right = x > (LEFT + WIDTH - RIGHT) * 0.6
        parts.append(_text(x - 5 if is_right else x + 5, top, mark.name, anchor="end" if is_right else "start"))
    return parts


def _straight(start: tuple[float, float], end: tuple[float, float], style: str) -> str:
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{INK}" {style}/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = INK, weight: str = "normal") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="{colour}" font-weight="{weight}">{escape(text)}</text>'
