"""No job is taken that cannot be done in time, that pays too little, or that the account cannot stand for."""

from hypothesis import given
from hypothesis import strategies as st

from lockstep.crypto.hashing import keccak256
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary
from lockstep.features.inference.player import Table
from lockstep.features.inference.server import Server
from lockstep.features.inference.view import JobsView
from lockstep.ir.graph import Graph
from lockstep.node.admission import Admission, Decision, Offer, PricePolicy, Refusal, choose
from lockstep.node.capacity import Capacity, Work
from lockstep.node.role import Role
from lockstep.testing.network import Network, draw_inputs
from lockstep.types import Digest

SLOW, FAST = keccak256(b"slow"), keccak256(b"fast")
SECONDS = {SLOW: 30.0, FAST: 1.0}
RICH = 10**30
NOW = 1_000


def offer(
    name: str, *, model: Digest = FAST, fee: int = 5, bond: int = 1, deadline: int = 100, passes: int = 1
) -> Offer:
    return Offer(keccak256(name.encode()), model, passes, fee, bond, NOW + deadline)


def decide(*offers: Offer, prices: PricePolicy | None = None, funds: int = RICH, busy: float = 0.0) -> Decision:
    return choose(
        offers,
        lambda one: SECONDS[one.model_id] * one.passes,
        prices or PricePolicy(),
        now=NOW,
        funds=funds,
        busy_seconds=busy,
        margin_seconds=10.0,
    )


def test_queue_is_as_long_as_the_deadline_allows() -> None:
    offers = [offer(str(number), model=SLOW) for number in range(5)]
    decision = decide(*offers)
    assert list(decision.taken.values()) == [30.0] * 3  # 10 s margin + 3 × 30 s = 100 s
    assert set(decision.refused.values()) == {Refusal.TIME}
    assert len(decision.refused) == 2


def test_earliest_deadline_is_done_first() -> None:
    late, soon = offer("late", model=SLOW, deadline=100), offer("soon", deadline=12)
    assert list(decide(late, soon).taken) == [soon.job_id, late.job_id]


def test_job_that_is_too_long_does_not_keep_out_a_short_one() -> None:
    long, short = offer("long", model=SLOW, deadline=30), offer("short", deadline=31)
    decision = decide(long, short)
    assert (list(decision.taken), decision.refused) == ([short.job_id], {long.job_id: Refusal.TIME})


def test_work_of_others_counts() -> None:
    assert decide(offer("a", model=SLOW), busy=60.0).taken
    assert decide(offer("a", model=SLOW), busy=60.1).refused == {keccak256(b"a"): Refusal.TIME}


def test_every_pass_costs_its_time() -> None:
    assert decide(offer("a", model=SLOW, passes=3)).taken
    assert not decide(offer("a", model=SLOW, passes=4)).taken


def test_fee_for_the_job_for_the_model_and_for_its_seconds() -> None:
    prices = PricePolicy(least_fee=5, by_model={SLOW: 100}, per_second=3)
    cases = [(FAST, 1, 5, True), (FAST, 1, 4, False), (FAST, 2, 6, True), (FAST, 2, 5, False)]
    cases += [(SLOW, 1, 100, True), (SLOW, 1, 99, False), (SLOW, 2, 180, True), (SLOW, 2, 179, False)]
    for model, passes, fee, is_taken in cases:
        one = offer("a", model=model, passes=passes, fee=fee)
        assert decide(one, prices=prices).refused == ({} if is_taken else {one.job_id: Refusal.FEE})


def test_bonds_of_all_that_is_taken_are_within_the_funds() -> None:
    offers = [offer(str(number), bond=40) for number in range(3)]
    decision = decide(*offers, funds=100)
    assert len(decision.taken) == 2
    assert list(decision.refused.values()) == [Refusal.FUNDS]


OFFERS = st.lists(
    st.builds(
        Offer,
        st.binary(min_size=32, max_size=32).map(Digest),
        st.sampled_from([SLOW, FAST]),
        st.integers(1, 4),
        st.integers(0, 20),
        st.integers(0, 50),
        st.integers(NOW - 10, NOW + 200),
    ),
    unique_by=lambda one: one.job_id,
    max_size=12,
)


@given(OFFERS, st.integers(0, 200), st.floats(0, 50))
def test_whatever_is_offered_every_deadline_is_kept(offers: list[Offer], funds: int, busy: float) -> None:
    prices = PricePolicy(least_fee=3, per_second=1)
    decision = decide(*offers, prices=prices, funds=funds, busy=busy)
    assert decision.taken.keys() | decision.refused.keys() == {one.job_id for one in offers}
    assert not decision.taken.keys() & decision.refused.keys()
    by_id = {one.job_id: one for one in offers}
    ends = NOW + 10.0 + busy
    for job_id, seconds in decision.taken.items():
        ends += seconds
        assert ends <= by_id[job_id].respond_by
        assert by_id[job_id].fee >= 3
    assert sum(by_id[job_id].bond for job_id in decision.taken) <= funds


def test_slower_runs_count_at_once_and_faster_ones_slowly() -> None:
    capacity = Capacity()
    assert capacity.find_seconds(FAST) is None
    for seconds, expected in [(1.0, 1.0), (3.0, 3.0), (2.0, 2.9)]:
        capacity.observe(FAST, seconds)
        found = capacity.find_seconds(FAST)
        assert found is not None and abs(found - expected) < 1e-9
    assert capacity.find_seconds(FAST, Work.PROVE) is None


def test_model_is_measured_before_the_first_job_and_the_queue_is_announced() -> None:
    capacity = Capacity()
    door = Admission(capacity, worker="server/a", margin_seconds=10.0, measure=lambda model: SECONDS[model])
    assert door.admit([offer("a", model=SLOW, deadline=39)], now=NOW, funds=RICH) == {}
    assert list(door.admit([offer("a", model=SLOW, deadline=40)], now=NOW, funds=RICH).values()) == [30.0]
    assert capacity.backlog_without("server/b") == 30.0
    other = Admission(capacity, worker="server/b", margin_seconds=10.0, measure=lambda model: SECONDS[model])
    assert other.admit([offer("b", model=SLOW, deadline=69)], now=NOW, funds=RICH) == {}
    assert other.admit([offer("b", model=SLOW, deadline=70)], now=NOW, funds=RICH) != {}


def test_refusal_is_reported_once() -> None:
    reported: list[Refusal] = []
    door = Admission(
        prices=PricePolicy(least_fee=6), on_decision=lambda _, newly: reported.append(newly) if newly else None
    )
    for _ in range(3):
        door.admit([offer("cheap")], now=NOW, funds=RICH)
    assert reported == [Refusal.FEE]


def test_server_on_a_chain_answers_only_what_it_admits(network: Network, graph: Graph) -> None:
    """Three jobs: one pays too little, one is due too soon for a slow machine, one is right."""
    capacity = Capacity()
    capacity.observe(network.model_id, 60.0)
    prices = PricePolicy(least_fee=10**15)

    def make(table: Table, view: JobsView, answers: object) -> Role:
        return Server(table, view, answers, admission=Admission(capacity, prices))  # type: ignore[arg-type]

    node = network.node(2, make, HonestAnswers(ModelLibrary.of(graph)))
    inputs = draw_inputs(graph)
    now = network.rpc.read_block().timestamp
    cheap, _ = network.request(inputs, fee=10**15 - 1)
    soon, _ = network.request(inputs, respond_by=now + 30)
    right, _ = network.request(inputs)
    network.settle([node])
    assert [network.record(job_id).status.name for job_id in (cheap, soon, right)] == ["OPEN", "OPEN", "ASSERTED"]
