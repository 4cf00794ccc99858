"""The incentive table: each attack, what is done about it, and what simulates it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lockstep.errors import ConfigError
from lockstep.features.figures import Row
from lockstep.features.simulation import (
    bindings,
    clocks,
    collusion,
    deployed,
    optimistic,
    quorum,
    refusals,
    tournaments,
    watching,
)
from lockstep.features.simulation.setting import Setting


@dataclass(frozen=True, slots=True)
class Attack:
    """A line of the table."""

    name: str
    attack: str
    condition: str
    """What has to hold so that it does not pay."""
    simulate: Callable[[Setting], Iterator[Row]]


ATTACKS: Final = (
    Attack("T1", "post a cheap result, save the computation", "B_a > s/(qπ) − F − G", optimistic.cheap_result),
    Attack(
        "T2",
        "the same; when challenged, refute oneself first",
        "(1 − ρ) B_a > s/(qπ) − F − 2G",
        optimistic.self_refuted,
    ),
    Attack("T3", "false result that is worth V", "V ≤ (qπ (F + (1 − ρ) B_a + 2G) − s) / (1 − qπ)", optimistic.targeted),
    Attack("T4", "false result that is worth much", "as T3: buy watchers, not bonds", optimistic.high_value),
    Attack("T5", "challenge what is right", "loses twice the defender's gas; ρ B_c ≥ G", tournaments.false_challenge),
    Attack("T6", "many claims, to delay", "delay ≤ log2(N + 1) matches, each paid for", tournaments.delay),
    Attack("T7", "many claims, to exhaust the true one", "ρ N B_c ≥ gas of its matches", tournaments.exhaustion),
    Attack("T8", "perjury for the true claim", "every opening is of a committed node", bindings.perjury),
    Attack("T9", "rush or copy the moves of others", "no refunds; claims are bound to who made them", bindings.rushing),
    Attack("T10", "censor moves until a clock has run out", "clock ≥ censorship + own moves", clocks.censorship),
    Attack("T11", "fall silent, both sides", "every job ends", clocks.silence),
    Attack("T12", "a receiver that refuses money", "credits are fetched", refusals.refusing_receivers),
    Attack("T13", "lazy member, traces committed", "f − c > −S", quorum.lazy_alone),
    Attack("T14", "lazy member, outputs alone compared", "must not exist", quorum.output_only),
    Attack("T15", "all members give the same default", "S ≥ c/a − f", quorum.all_lazy),
    Attack("T16", "copy a commitment", "the hash binds member, question, contract, chain", bindings.copied_commitments),
    Attack("T17", "colluders who always lie", "one honest member appeals", collusion.always_lying),
    Attack("T17b", "colluders who own all seats", "n S qπ ≥ V (1 − qπ); loss ≤ pⁿ V", collusion.patient),
    Attack("T18", "lying majority without appeal", "must not exist", collusion.without_appeal),
    Attack("T19", "hide instead of losing", "silence costs 2f", quorum.hiding),
    Attack("T20", "grind the seed of a draw", "gain < reward of a slot", collusion.grinding),
    Attack("T21", "watcher that repeats the claimant's root", "S_w ≥ r_w (1 − x) / x", watching.free_riders),
    Attack("T22", "bribe watchers to look away", "as T2 and T3 with q of the honest", optimistic.bribed),
    Attack("T23", "plant a wrong answer", "the game decides, the planter is bonded", quorum.false_planters),
    Attack("T24", "grind roots for the tiles that are asked for", "a later beacon picks", bindings.ground_roots),
    Attack("T25", "withhold the input", "the consumer asks whether it is available", refusals.withheld),
    Attack("terms", "deploy weaker terms than these", "each parameter, in c", deployed.terms),
    Attack(
        "WE", "prizes for watchers instead of pay", "duty pay ≤ 1.2 × prizes at the same rate", watching.equilibrium
    ),
)


def find_attacks(names: Sequence[str]) -> tuple[Attack, ...]:
    """Those that are named; all when none is. Raises ``ConfigError`` ``bench/case``."""
    known = {attack.name: attack for attack in ATTACKS}
    if unknown := [name for name in names if name not in known]:
        raise ConfigError("bench/case", "no such case", value=", ".join(unknown), remedy="one of: " + ", ".join(known))
    return tuple(attack for attack in ATTACKS if not names or attack.name in names)
