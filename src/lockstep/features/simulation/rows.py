"""The incentive table: each attack, what is done about it, and what simulates it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lockstep.errors import ConfigError
from lockstep.features.figures import Row
from lockstep.features.simulation import optimistic
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
    Attack("T22", "bribe watchers to look away", "as T2 and T3 with q of the honest", optimistic.bribed),
)


def find_attacks(names: Sequence[str]) -> tuple[Attack, ...]:
    """Those that are named; all when none is. Raises ``ConfigError`` ``bench/case``."""
    known = {attack.name: attack for attack in ATTACKS}
    if unknown := [name for name in names if name not in known]:
        raise ConfigError("bench/case", "no such case", value=", ".join(unknown), remedy="one of: " + ", ".join(known))
    return tuple(attack for attack in ATTACKS if not names or attack.name in names)
