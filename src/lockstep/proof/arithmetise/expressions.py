"""Affine expressions over named loops, before loops become the numbered indices of a relation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lockstep.proof.relations import NONE, POWERS, Expression, Index, Map, Role, Term


@dataclass(frozen=True, slots=True)
class Place:
    """An axis address ``stride·first + dilation·second + offset``; "" is no loop.

    With ``limb_bits``: the axis is summed, the limb of so many bits at place y with weight ``2^(limb_bits·y)``.
    """

    first: str = ""
    stride: int = 1
    second: str = ""
    dilation: int = 1
    offset: int = 0
    limb_bits: int = 0

    @property
    def loops(self) -> tuple[str, ...]:
        return tuple(name for name in (self.first, self.second) if name)


@dataclass(frozen=True, slots=True)
class Part:
    """``coefficient · block[places]``."""

    coefficient: int
    block: int
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Affine:
    """``constant + Σ parts + Σ step·loop`` over loops; ``address`` holds the steps, which only look-ups may have."""

    parts: tuple[Part, ...] = ()
    constant: int = 0
    address: tuple[tuple[str, int], ...] = ()

    def __add__(self, other: "Affine | int") -> "Affine":
        if isinstance(other, int):
            return Affine(self.parts, self.constant + other, self.address)
        return Affine(self.parts + other.parts, self.constant + other.constant, self.address + other.address)

    def __mul__(self, factor: int) -> "Affine":
        parts = tuple(replace(part, coefficient=part.coefficient * factor) for part in self.parts)
        address = tuple((name, step * factor) for name, step in self.address)
        return Affine(parts, self.constant * factor, address)

    def __neg__(self) -> "Affine":
        return self * -1

    def __sub__(self, other: "Affine | int") -> "Affine":
        return self + (-other)


@dataclass(frozen=True)
class Frame:
    """The indices of one relation: loops in order (the slowest first), each with its role."""

    names: tuple[str, ...]
    indices: tuple[Index, ...]

    def expression(self, affine: Affine) -> Expression:
        numbers = {name: number for number, name in enumerate(self.names)}
        strides = [0] * len(self.names) if affine.address else []
        for name, step in affine.address:
            if name in numbers:
                strides[numbers[name]] += step
        terms = tuple(
            Term(part.coefficient, part.block, tuple(_map(place, numbers) for place in part.places))
            for part in affine.parts
        )
        return Expression(terms, affine.constant, tuple(strides))


def _map(place: Place, numbers: dict[str, int]) -> Map:
    if place.limb_bits:
        return Map(POWERS, place.limb_bits)
    first = numbers[place.first] if place.first else NONE
    second = numbers[place.second] if place.second else NONE
    return Map(first, place.stride, second, place.dilation, place.offset)


Merges = tuple[tuple[str, str], ...]
"""Neighbouring loops that share an axis of a block, because together they take fewer bits."""


def compacted(loops: dict[str, int], merges: Merges) -> dict[str, int]:
    """The loops with each merged pair as one."""
    partner, second = dict(merges), {b for _, b in merges}
    return {
        merged_name(name, partner[name]) if name in partner else name: extent * loops.get(partner.get(name, ""), 1)
        for name, extent in loops.items()
        if name not in second
    }


def merged_name(first: str, second: str) -> str:
    return f"{first}*{second}"


def expanded(affine: Affine, loops: dict[str, int], merges: Merges) -> Affine:
    """An expression over compacted loops, over the loops themselves."""
    places = {merged_name(a, b): Place(a, loops[b], b) for a, b in merges}
    parts = (replace(part, places=tuple(places.get(p.first, p) for p in part.places)) for part in affine.parts)
    return replace(affine, parts=tuple(parts))


def bits_of(extent: int) -> int:
    """Bits that number ``extent`` values."""
    return (extent - 1).bit_length()


def frame(loops: dict[str, int], roles: dict[str, Role], outer: Sequence[str] = ()) -> Frame:
    """Loops in their order as indices. ``outer``: all loops of the group, which share the outer point."""
    outer_start, inner_start, at = {}, {}, 0
    for name in reversed(outer):
        outer_start[name] = at
        at += bits_of(loops[name])
    at = 0
    for name in reversed(loops):
        if name in roles and roles[name] in (Role.INNER, Role.BOTH):
            inner_start[name] = at
            at += bits_of(loops[name])
    names = tuple(name for name in loops if name in roles)
    indices = tuple(
        Index(
            role=roles[name],
            extent=loops[name],
            bits=bits_of(loops[name]),
            outer=outer_start.get(name, 0) if roles[name] in (Role.OUTER, Role.BOTH) else 0,
            inner=inner_start.get(name, 0),
        )
        for name in names
    )
    return Frame(names, indices)
