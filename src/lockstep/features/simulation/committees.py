"""Committees round by round: who is drawn, what each says, what the game makes of it, what everybody is paid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.features.simulation.population import CHEATING, HONEST, LAZY
from lockstep.features.simulation.setting import Setting

Samples = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdicts:
    """Of each round: how many said the truth or the same lie, and whether the truth became final."""

    right: NDArray[np.int64]
    lying: NDArray[np.int64]
    is_disputed: Flags
    is_true: Flags


def decide(
    random: np.random.Generator, setting: Setting, seats: NDArray[np.int8], *, outside: float, has_appeal: bool = True
) -> Verdicts:
    """What becomes final (committee.md, section 5). Lazy members each say something of their own, liars all the same.

    ``outside``: the chance that a question is planted, or looked at by somebody who is no member. Without appeal, which
    the contracts do not offer, a majority's answer is final unless it is so found out.
    """
    rounds = len(seats)
    majority = -(-2 * seats.shape[1] // 3)
    right, lying = (seats == HONEST).sum(axis=1), (seats == CHEATING).sum(axis=1)
    is_won = random.random(rounds) < setting.world.success
    is_seen = random.random(rounds) < outside
    has_challenger = (right > 0) | is_seen if has_appeal else is_seen | (lying < majority)
    is_disputed = (right < majority) & has_challenger
    return Verdicts(right, lying, is_disputed, (right >= majority) | (is_disputed & is_won))


def pay_members(setting: Setting, seats: NDArray[np.int8], verdicts: Verdicts, *, value: float = 0) -> Samples:
    """What each seat earns (section 7): f and half of what the wrong forfeit for who was right, −S for the wrong.

    Whichever way a forfeit goes, through the Bracket or past it, half of it is shared (``Referee.shares_of``).
    Liars whose lie became final share ``value``.
    """
    terms, world = setting.terms, setting.world
    size = seats.shape[1]
    is_true = verdicts.is_true[:, None]
    winners = np.where(verdicts.is_true, verdicts.right, verdicts.lying)[:, None]
    losers = size - winners
    share = terms.winners_share * terms.ticket * losers / np.maximum(winners, 1)
    gas = np.where(verdicts.is_disputed, world.dispute_gas, 0)[:, None] / np.maximum(winners, 1)
    loot = value / np.maximum(winners, 1)
    won = terms.fee_per_member + share - gas
    honest = np.where(is_true, won, -terms.ticket) - world.compute
    lying = np.where(is_true, -terms.ticket, won + loot) - world.fake
    lazy = np.full_like(honest, -terms.ticket - world.fake)
    return np.asarray(np.select([seats == HONEST, seats == LAZY], [honest, lazy], lying), dtype=np.float64)


def earned_by(seats: NDArray[np.int8], pay: Samples, strategy: int) -> Samples:
    """Of the seats that one strategy had."""
    return np.asarray(pay[seats == strategy])
