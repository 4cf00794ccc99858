"""Time: what censorship has to last, and that silence of anybody ends (T10, T11)."""

from collections.abc import Iterator
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lockstep.features.figures import Row
from lockstep.features.simulation.estimates import Case, Estimate
from lockstep.features.simulation.setting import Setting

FACTORS: Final = (0.5, 0.9, 1.1, 2.0)
"""Of the censorship that a clock outlasts."""
MATCHES: Final = 10
"""As many as 1023 false claims make one after another, each as long as it can be."""
SLOT_SECONDS: Final = 12


def censorship(setting: Setting) -> Iterator[Row]:
    """T10: keep the true claim's moves out of blocks until its clock has run out."""
    case, random = Case("T10"), setting.random("T10")
    terms, world = setting.trunk, setting.world
    outlasted = terms.clock_seconds - own_moves(world.moves) * 2 * world.move_seconds
    yield case.bound("censorship that a claim outlasts", outlasted, "s")
    for factor in FACTORS:
        taken = _seconds_of_moves(random, setting, world.moves) + factor * outlasted
        lost = Estimate.of(taken >= terms.clock_seconds)
        metric = f"claims lost when {factor:.0%} of that is censored"
        if factor < 1:
            yield from case.below(metric, lost, 0.001, why="outlasted", unit="share")
        else:
            yield from case.shown(metric, lost, "share")
    price = outlasted / SLOT_SECONDS * world.slot_reward
    yield case.bound(f"price of the blocks, at {world.slot_reward:g} c for {SLOT_SECONDS} s", price)
    yield case.at_least("that price, against the highest V of this table", price, world.high_value)
    clock = np.full(setting.rounds, float(terms.clock_seconds))
    is_lost = np.zeros(setting.rounds, dtype=bool)
    for _ in range(MATCHES):
        clock = np.maximum(clock, terms.match_seconds) - _seconds_of_moves(random, setting, world.moves)
        is_lost |= clock <= 0
    metric = f"claims that run out of time in {MATCHES} matches, nobody censoring"
    yield from case.below(metric, Estimate.of(is_lost), 0.001, why="bounded damage", unit="share")
    yield case.bound(
        "slowest move that any number of matches allows", terms.match_seconds / own_moves(world.moves), "s"
    )


def silence(setting: Setting) -> Iterator[Row]:
    """T11: every way to fall silent, of both sides, ends in FINAL or VOID by calls that anybody can make."""
    case, moves = Case("T11"), setting.world.moves
    ends = [
        finish(setting, defends, joins, (first, second))
        for defends, joins in product((False, True), repeat=2)
        for first, second in product(range(moves + 1), repeat=2)
    ]
    stuck = sum(status not in ("FINAL", "VOID") for status, _ in ends)
    yield Row(
        case.name, "ways to be silent after which a job is stuck", stuck, "ways",
        f"0 of {len(ends)}; tests/contracts/test_bracket_machine.py", stuck == 0,
    )  # fmt: skip
    longest = max(seconds for _, seconds in ends)
    limit = setting.trunk.join_seconds + 2 * setting.trunk.clock_seconds
    target = f"<= {limit} (joining and both clocks)"
    yield Row(case.name, "longest of them", longest, "s", target, longest <= limit)


def finish(setting: Setting, defends: bool, joins: bool, quiet: tuple[int, int]) -> tuple[str, float]:
    """How a challenged job ends, and when: ``quiet`` holds how many moves each side makes before it falls silent.

    The first challenge has opened the tournament. Who waited moves first (dispute.md, sections 3 and 4).
    """
    terms = setting.trunk
    seconds = float(terms.join_seconds)
    if not defends or not joins:
        return ("FINAL" if defends or joins else "VOID"), seconds
    made, clocks, mover = [0, 0], [float(terms.clock_seconds)] * 2, 0
    while sum(made) < setting.world.moves:
        if made[mover] == quiet[mover]:
            # `timeout`, by anybody: the mover is out, and the winner is never charged.
            return "FINAL", seconds + clocks[mover]
        seconds += setting.world.move_seconds
        clocks[mover] -= setting.world.move_seconds
        made[mover] += 1
        mover = 1 - mover
    return "FINAL", seconds


def own_moves(moves: int) -> int:
    """Of one side in a match: every other one, and one more to settle."""
    return -(-moves // 2) + 1


def _seconds_of_moves(random: np.random.Generator, setting: Setting, moves: int) -> NDArray[np.float64]:
    longest = 2 * setting.world.move_seconds
    return np.asarray(random.uniform(0, longest, (setting.rounds, own_moves(moves))).sum(axis=1))
