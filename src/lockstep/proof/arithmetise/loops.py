"""Loops of an operator, and how what it reads lies along the axes of a committed tensor.

An operator is loops (names with extents) and, for every operand, an affine *access*: coordinates of the operand,
each ``Σ step·loop + offset``. Committed tensors have axes of their own. ``resolve`` finds for each axis which loops run
along it; where a loop runs over the end of an axis it has to be split first, which ``fit`` does for all operands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from lockstep.proof.arithmetise.expressions import Place

Extents = dict[str, int]
"""Loops in order, the slowest first."""


class NoFitError(Exception):
    """An access does not follow the axes of the tensor: its values have to be gathered."""


@dataclass(frozen=True, slots=True)
class Along:
    """An axis of a tensor: ``extent`` values, ``stride`` elements apart in the tensor's flat order."""

    extent: int
    stride: int


@dataclass(frozen=True, slots=True)
class Coordinate:
    """One coordinate of what is read: ``Σ steps·loop + offset``, of ``extent`` values ``stride`` elements apart."""

    extent: int
    stride: int
    steps: Mapping[str, int]
    offset: int = 0

    def leaves(self, loops: Extents) -> bool:
        """Whether some places are outside the coordinate's extent (padding: they count as 0)."""
        reaches = [step * (loops[name] - 1) for name, step in self.steps.items()]
        low = self.offset + sum(min(0, reach) for reach in reaches)
        return low < 0 or self.offset + sum(max(0, reach) for reach in reaches) >= self.extent


Access = tuple[Coordinate, ...]


def flat(elements: int, steps: Mapping[str, int], offset: int = 0) -> Access:
    """An access by flat element number."""
    return (Coordinate(elements, 1, steps, offset),)


def row_major(extents: Sequence[int]) -> tuple[Along, ...]:
    """The axes of a dense tensor; axes of one value are left out."""
    axes = [Along(extent, prod(extents[number + 1 :])) for number, extent in enumerate(extents)]
    return tuple(axis for axis in axes if axis.extent > 1)


@dataclass(frozen=True, slots=True)
class Split(Exception):  # noqa: N818  (a finding, raised through the search)
    """A loop has to be cut in two: the inner one of ``inner`` turns."""

    loop: str
    inner: int


def resolve(access: Access, loops: Extents, axes: tuple[Along, ...]) -> tuple[Place, ...]:
    """For each axis, the loops along it. Raises ``Split`` or ``NoFitError``."""
    places: dict[int, Place] = {}
    steps: dict[str, int] = {}
    offset = 0
    for coordinate in access:
        if coordinate.leaves(loops):
            places[_axis_of(coordinate, axes)] = _place(coordinate.steps, coordinate.offset)
            continue
        offset += coordinate.offset * coordinate.stride
        for name, step in coordinate.steps.items():
            steps[name] = steps.get(name, 0) + step * coordinate.stride
    along: dict[int, dict[str, int]] = {number: {} for number in range(len(axes)) if number not in places}
    for name, step in steps.items():
        if step and loops[name] > 1:
            number, count = _assign(name, step, loops[name], axes, along)
            along[number][name] = count
    least = offset + sum(min(0, step) * (loops[name] - 1) for name, step in steps.items())
    for number in sorted(along, key=lambda number: -axes[number].stride):
        digit, least = divmod(least, axes[number].stride)
        taken = along[number]
        reach = sum(abs(step) * (loops[name] - 1) for name, step in taken.items())
        if digit < 0 or digit + reach >= axes[number].extent:
            raise NoFitError
        start = digit + sum(-step * (loops[name] - 1) for name, step in taken.items() if step < 0)
        places[number] = _place(taken, start)
    if least:
        raise NoFitError
    return tuple(places[number] for number in range(len(axes)))


def _axis_of(coordinate: Coordinate, axes: tuple[Along, ...]) -> int:
    for number, axis in enumerate(axes):
        if axis == Along(coordinate.extent, coordinate.stride):
            return number
    raise NoFitError


def _place(steps: Mapping[str, int], offset: int) -> Place:
    named = [(name, step) for name, step in steps.items() if step]
    if len(named) > 2:
        raise NoFitError
    (first, stride), (second, dilation) = (*named, ("", 1), ("", 1))[:2]
    return Place(first, stride, second, dilation, offset)


def _assign(name: str, step: int, extent: int, axes: tuple[Along, ...], along: Mapping[int, object]) -> tuple[int, int]:
    """The axis that a loop runs along, and how fast."""
    for number in sorted(along, key=lambda number: -axes[number].stride):
        axis = axes[number]
        if step % axis.stride == 0:
            count = step // axis.stride
            if abs(count) * (extent - 1) < axis.extent:
                return number, count
            inner, rest = divmod(axis.extent, abs(count))
            if rest == 0 and 1 < inner < extent and extent % inner == 0:
                raise Split(name, inner)
            raise NoFitError
    raise NoFitError


@dataclass(frozen=True)
class Reading:
    """Loops and accesses that fit each other; ``parents`` says what became of the loops that were split."""

    loops: Extents
    accesses: tuple[Access, ...]
    parents: Mapping[str, tuple[str, ...]]

    def parts(self, name: str) -> tuple[str, ...]:
        """The loops that a loop was split into, the slowest first; itself if it was not."""
        if name not in self.parents:
            return (name,) if self.loops.get(name, 1) > 1 else ()
        return tuple(part for child in self.parents[name] for part in self.parts(child))

    def split(self, cut: Split) -> "Reading":
        """The same with one loop cut in two."""
        outer, inner = f"{cut.loop}'", f"{cut.loop}."
        loops: Extents = {}
        for name, extent in self.loops.items():
            if name == cut.loop:
                loops[outer], loops[inner] = extent // cut.inner, cut.inner
            else:
                loops[name] = extent
        accesses = tuple(tuple(_cut(c, cut, outer, inner) for c in access) for access in self.accesses)
        return Reading(loops, accesses, {**self.parents, cut.loop: (outer, inner)})


def _cut(coordinate: Coordinate, cut: Split, outer: str, inner: str) -> Coordinate:
    if cut.loop not in coordinate.steps:
        return coordinate
    steps = dict(coordinate.steps)
    step = steps.pop(cut.loop)
    return replace(coordinate, steps={**steps, outer: step * cut.inner, inner: step})


def reading(loops: Extents, accesses: Sequence[Access]) -> Reading:
    """Loops of one turn are left out."""
    kept = {name: extent for name, extent in loops.items() if extent > 1}
    stripped = tuple(
        tuple(replace(c, steps={n: s for n, s in c.steps.items() if n in kept}) for c in access) for access in accesses
    )
    return Reading(kept, stripped, {})


def fit(start: Reading, axes: Sequence[tuple[Along, ...] | None]) -> tuple[Reading, list[tuple[Place, ...] | None]]:
    """Splits loops until every access follows its axes. ``None`` for those that never do, or have none."""
    current = start
    while True:
        places: list[tuple[Place, ...] | None] = []
        try:
            for access, along in zip(current.accesses, axes, strict=True):
                try:
                    places.append(None if along is None else resolve(access, current.loops, along))
                except NoFitError:
                    places.append(None)
        except Split as cut:
            current = current.split(cut)
            continue
        return current, places
