"""The terms that were simulated against those that the contracts are deployed with."""

from collections.abc import Iterator

from lockstep.features.figures import Row
from lockstep.features.simulation.estimates import Case
from lockstep.features.simulation.setting import UNIT_WEI, Setting


def terms(setting: Setting) -> Iterator[Row]:
    """No deployed parameter is weaker than the one that the other rows were simulated with."""
    case, simulated, trunk = Case("terms"), setting.terms, setting.trunk
    committee = trunk.committee
    yield case.at_least("ticket S as deployed", setting.deployed_ticket, simulated.ticket)
    yield case.at_least("claimant's bond B_a as deployed", trunk.minimum_bond / UNIT_WEI, simulated.asserter_bond)
    yield case.at_least("challenger's bond B_c as deployed", setting.deployed_challenge_bond, simulated.challenger_bond)
    yield case.at_least("stake of a watcher S_w as deployed", setting.deployed_ticket, simulated.watcher_stake)
    silence = committee.silence_basis_points / 10_000 * trunk.ticket / UNIT_WEI
    yield case.at_least("penalty of silence as deployed", silence, simulated.nonreveal_penalty)
    opened = 1 / committee.opening_one_in
    yield case.at_least("opening rate x as deployed", opened, simulated.opening_rate, unit="share")
    tickets = setting.population.tickets
    most = float(tickets.max() / tickets.sum())
    cap = committee.cap_basis_points / 10_000
    yield Row(case.name, "share of the stake of the largest operator", most, "share", f"<= {cap:g}", most <= cap)
