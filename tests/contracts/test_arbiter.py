"""The life of a job: each row of the table in dispute.md section 2, honest, late, repeated and hostile."""

from typing import Any

import boa
import pytest

from lockstep.claims import ids
from lockstep.claims.job import Job as JobTerms
from lockstep.crypto.hashing import leaf_hash
from lockstep.crypto.merkle import digest_tree
from lockstep.types import Digest
from tests.contracts.bracket_machine.alphabet import Alphabet, Shape
from tests.contracts.bracket_machine.claims import honest_claim
from tests.contracts.bracket_machine.world import (
    BOND,
    FEE,
    MINIMUM_BOND,
    WINDOW,
    Contracts,
    Job,
    Status,
    World,
    code_of,
)

MODEL = Alphabet((Shape(3, 8), Shape(3, 8)), 1, 1)
YEAR = 31_536_000
ANSWER = b"\x81\x82\x83"
ACCEPT, REVERT, BURN_GAS, REENTER, ASK_AGAIN, RETURN_BOMB = (1 << i for i in range(6))
CALLBACK_GAS = 400_000


@pytest.fixture
def world(trunk: Contracts, people: dict[str, str]) -> World:
    return World.begin(trunk, MODEL, people["requester"])


def asserted(world: World, people: dict[str, str]) -> World:
    world.assert_result(people["claimant"], honest_claim(MODEL))
    return world


def now() -> int:
    return int(boa.env.evm.patch.timestamp)


# --- request


def test_a_job_is_named_as_python_names_it(world: World) -> None:
    terms = JobTerms(*world.job)
    assert ids.job_id(1, world.contracts.arbiter.address, terms) == world.job_id
    assert world.contracts.arbiter.job_id_of(world.job) == world.job_id


def test_a_request_holds_the_fee_and_logs_all_terms(trunk: Contracts, people: dict[str, str]) -> None:
    world = World.begin(trunk, MODEL, people["requester"])
    assert boa.env.get_balance(trunk.arbiter.address) == FEE
    assert world.status == Status.OPEN
    job = world.job._replace(nonce=2)
    trunk.arbiter.request(job, b"input", value=FEE, sender=people["requester"])
    (event,) = trunk.arbiter.get_logs()
    assert tuple(event.job) == tuple(job)
    assert event.input_data == b"input"


@pytest.mark.parametrize(
    ("code", "terms", "value"),
    [
        ("job/value", {}, FEE + 1),
        ("job/passes", {"passes": 0}, FEE),
        ("job/passes", {"passes": 65_537}, FEE),
        ("job/bond", {"bond": MINIMUM_BOND - 1}, FEE),
        ("job/window", {"window": 0}, FEE),
        ("job/window", {"window": YEAR + 1}, FEE),
        ("job/deadline", {"respond_by": 1}, FEE),
        ("job/deadline", {"respond_by": 2**63}, FEE),
    ],
)
def test_terms_that_could_not_be_kept_are_refused(world: World, code: str, terms: dict[str, int], value: int) -> None:
    job = world.job._replace(nonce=2, **terms)
    with boa.reverts(code):
        world.contracts.arbiter.request(job, b"", value=value, sender=world.job.requester)


def test_nobody_asks_in_the_name_of_another(world: World, people: dict[str, str]) -> None:
    with boa.reverts("job/requester"):
        world.contracts.arbiter.request(world.job._replace(nonce=2), b"", value=FEE, sender=people["stranger"])


def test_the_same_job_is_asked_once(world: World) -> None:
    with boa.reverts("job/already-done"):
        world.contracts.arbiter.request(world.job, b"", value=FEE, sender=world.job.requester)


# --- assert, cancel, finalise


def test_an_answer_holds_the_bond(world: World, people: dict[str, str]) -> None:
    asserted(world, people)
    record = world.contracts.arbiter.record_of(world.job_id)
    root = honest_claim(MODEL).output.root
    assert tuple(record) == (Status.ASSERTED, people["claimant"], now(), False, False, root)
    assert boa.env.get_balance(world.contracts.arbiter.address) == FEE + BOND


def test_answers_that_cannot_be_held_to_are_refused(world: World, people: dict[str, str]) -> None:
    act, claimant = world.contracts.arbiter.assert_result, people["claimant"]
    root = honest_claim(MODEL).output.root
    with boa.reverts("job/value"):
        act(world.job, root, value=BOND - 1, sender=claimant)
    with boa.reverts("job/output"):
        act(world.job, bytes(32), value=BOND, sender=claimant)
    with boa.reverts("job/unknown"):
        act(world.job._replace(nonce=9), root, value=BOND, sender=claimant)
    with boa.env.anchor():
        world.pass_time(500)
        with boa.reverts("job/deadline"):
            act(world.job, root, value=BOND, sender=claimant)
    act(world.job, root, value=BOND, sender=claimant)
    with boa.reverts("job/status"):
        act(world.job, root, value=BOND, sender=people["stranger"])


def test_an_unanswered_job_gives_the_fee_back(world: World, people: dict[str, str]) -> None:
    cancel = world.contracts.arbiter.cancel
    with boa.reverts("job/deadline"):
        cancel(world.job)
    with boa.reverts("job/unknown"):
        cancel(world.job._replace(nonce=9))
    world.pass_time(500)
    cancel(world.job, sender=people["stranger"])
    assert world.status == Status.VOID
    assert world.contracts.arbiter.record_of(world.job_id).refunded
    assert world.credits(people["requester"]) == FEE
    with boa.reverts("job/already-done"):
        cancel(world.job)


def test_an_answered_job_is_not_cancelled(world: World, people: dict[str, str]) -> None:
    asserted(world, people).pass_time(600)
    with boa.reverts("job/status"):
        world.contracts.arbiter.cancel(world.job)


def test_an_unchallenged_answer_is_final_and_paid(world: World, people: dict[str, str]) -> None:
    finalise = world.contracts.arbiter.finalise
    with boa.reverts("job/status"):
        finalise(world.job)
    asserted(world, people).pass_time(WINDOW - 1)
    with boa.reverts("job/window"):
        finalise(world.job)
    world.pass_time(1)
    finalise(world.job, sender=people["stranger"])
    assert world.status == Status.FINAL
    assert world.credits(people["claimant"]) == FEE + BOND
    with boa.reverts("job/already-done"):
        finalise(world.job)


def test_credit_is_withdrawn_once(world: World, people: dict[str, str]) -> None:
    asserted(world, people).pass_time(WINDOW)
    arbiter, claimant = world.contracts.arbiter, people["claimant"]
    arbiter.finalise(world.job)
    before = boa.env.get_balance(claimant)
    arbiter.withdraw(sender=claimant)
    assert boa.env.get_balance(claimant) == before + FEE + BOND
    with boa.reverts("credit/none"):
        arbiter.withdraw(sender=claimant)


@pytest.mark.parametrize("call", ["open_dispute", "conclude"])
def test_only_the_bracket_decides(world: World, people: dict[str, str], call: str) -> None:
    arguments = (world.job,) if call == "open_dispute" else (world.job, bytes(32))
    with boa.reverts("only/bracket"):
        getattr(world.contracts.arbiter, call)(*arguments, sender=people["stranger"])


# --- one result of a batch


def test_one_result_of_a_final_batch_is_proved(trunk: Contracts, people: dict[str, str]) -> None:
    results = [Digest(bytes([i]) * 32) for i in range(1, 21)]
    tree = digest_tree(results)
    world = World.begin(trunk, MODEL, people["requester"], passes=20)
    verify = trunk.arbiter.verify_result
    trunk.arbiter.assert_result(world.job, tree.root, value=BOND, sender=people["claimant"])
    assert not verify(world.job, 7, results[7], tree.path(7)), "it is not final yet"
    world.pass_time(WINDOW)
    trunk.arbiter.finalise(world.job)
    assert verify(world.job, 7, results[7], tree.path(7))
    assert not verify(world.job, 8, results[7], tree.path(7))
    assert not verify(world.job, 7, results[8], tree.path(7))
    inner = tree.node(tree.levels - 4, 0)
    assert not verify(world.job, 0, inner, tree.path(0)[4:]), "an inner node is no result"
    assert not verify(world.job, 20, bytes(32), tree.path(20)), "padding is no result"
    assert not verify(world.job._replace(nonce=9), 7, results[7], tree.path(7))


# --- delivery


def hostile(trunk: Contracts, people: dict[str, str], mode: int, root: Digest, **terms: Any) -> tuple[Any, Job, bytes]:
    """A final job of a contract that behaves in some way."""
    consumer = code_of("HostileRequester").deploy(trunk.arbiter.address)
    consumer.set_mode(mode)
    job = Job(consumer.address, bytes(32), bytes(32), 1, FEE, BOND, WINDOW, now() + 500, CALLBACK_GAS, 1)
    job = job._replace(**terms)
    name = consumer.ask(job, value=FEE, sender=people["requester"])
    trunk.arbiter.assert_result(job, root, value=BOND, sender=people["claimant"])
    boa.env.evm.patch.timestamp += WINDOW
    trunk.arbiter.finalise(job)
    return consumer, job, name


def test_a_result_is_delivered_once_with_its_bytes(trunk: Contracts, people: dict[str, str]) -> None:
    consumer, job, name = hostile(trunk, people, ACCEPT, leaf_hash(ANSWER))
    with boa.reverts("output/preimage"):
        trunk.arbiter.deliver(job, b"\x81\x82\x84")
    assert trunk.arbiter.deliver(job, ANSWER)
    assert (consumer.deliveries(), consumer.last_length(), consumer.last_job()) == (1, 512, name)
    assert trunk.arbiter.record_of(name).delivered
    with boa.reverts("output/delivered"):
        trunk.arbiter.deliver(job, ANSWER)


def test_a_result_can_be_delivered_without_bytes(trunk: Contracts, people: dict[str, str]) -> None:
    consumer, job, _ = hostile(trunk, people, ACCEPT, Digest(b"\x05" * 32))
    assert trunk.arbiter.deliver(job, b"")
    assert (consumer.deliveries(), consumer.last_length()) == (1, 0)


@pytest.mark.parametrize("mode", [REVERT, BURN_GAS, REENTER, RETURN_BOMB])
def test_a_callback_that_fails_changes_nothing_and_can_be_tried_again(
    trunk: Contracts, people: dict[str, str], mode: int
) -> None:
    consumer, job, name = hostile(trunk, people, mode, leaf_hash(ANSWER))
    assert not trunk.arbiter.deliver(job, ANSWER)
    assert not trunk.arbiter.record_of(name).delivered
    assert trunk.arbiter.credit_of(people["claimant"]) == FEE + BOND
    consumer.set_mode(ACCEPT)
    assert trunk.arbiter.deliver(job, ANSWER)


def test_a_consumer_asks_again_from_inside_its_callback(trunk: Contracts, people: dict[str, str]) -> None:
    consumer, job, _ = hostile(trunk, people, ASK_AGAIN, leaf_hash(ANSWER), respond_by=now() + 5_000)
    assert trunk.arbiter.deliver(job, ANSWER)
    following = job._replace(nonce=2, fee=0)
    assert trunk.arbiter.record_of(trunk.arbiter.job_id_of(following)).status == Status.OPEN
    assert consumer.deliveries() == 1


def test_a_relayer_cannot_starve_a_callback(trunk: Contracts, people: dict[str, str]) -> None:
    _, job, name = hostile(trunk, people, ACCEPT, leaf_hash(ANSWER))
    with boa.reverts("output/gas"):
        trunk.arbiter.deliver(job, ANSWER, gas=CALLBACK_GAS)
    for gas in range(CALLBACK_GAS, CALLBACK_GAS + 120_000, 4_000):
        with boa.env.anchor():
            try:
                delivered = trunk.arbiter.deliver(job, ANSWER, gas=gas)
            except boa.BoaError:
                continue
            assert delivered, f"the callback failed with {gas} gas, the relayer's doing"
    assert not trunk.arbiter.record_of(name).delivered


def test_delivery_waits_for_finality_and_for_a_wish(trunk: Contracts, people: dict[str, str], world: World) -> None:
    with boa.reverts("job/status"):
        trunk.arbiter.deliver(world.job, b"")
    with boa.reverts("job/unknown"):
        trunk.arbiter.deliver(world.job._replace(nonce=9), b"")
    asserted(world, people).pass_time(WINDOW)
    trunk.arbiter.finalise(world.job)
    with boa.reverts("output/no-callback"):
        trunk.arbiter.deliver(world.job, b"")


def test_a_receiver_that_refuses_money_hurts_only_itself(trunk: Contracts, people: dict[str, str]) -> None:
    consumer = code_of("HostileRequester").deploy(trunk.arbiter.address)
    job = Job(consumer.address, bytes(32), bytes(32), 1, FEE, BOND, WINDOW, now() + 500, 0, 1)
    consumer.ask(job, value=FEE, sender=people["requester"])
    consumer.set_mode(REVERT)
    boa.env.evm.patch.timestamp += 500
    trunk.arbiter.cancel(job)
    with boa.reverts():
        consumer.withdraw()
    assert trunk.arbiter.credit_of(consumer.address) == FEE
    consumer.set_mode(ACCEPT)
    consumer.withdraw()
    assert boa.env.get_balance(consumer.address) == FEE


# --- the example


def test_the_digit_consumer_keeps_the_answer_that_it_is_handed(trunk: Contracts, people: dict[str, str]) -> None:
    consumer = code_of("DigitConsumer").deploy(trunk.arbiter.address, MODEL.model_id)
    root = leaf_hash(ANSWER)
    terms = (MODEL.input_root, BOND, WINDOW, now() + 500, CALLBACK_GAS, b"image")
    name = consumer.ask(*terms, value=FEE, sender=people["requester"])
    job = Job(consumer.address, MODEL.model_id, MODEL.input_root, 1, FEE, BOND, WINDOW, now() + 500, CALLBACK_GAS, 1)
    assert trunk.arbiter.job_id_of(job) == name
    trunk.arbiter.assert_result(job, root, value=BOND, sender=people["claimant"])
    boa.env.evm.patch.timestamp += WINDOW
    trunk.arbiter.finalise(job)
    assert not trunk.arbiter.deliver(job, b""), "it wants the bytes"
    with boa.reverts("only/arbiter"):
        consumer.on_result(name, root, ANSWER, sender=people["stranger"])
    assert trunk.arbiter.deliver(job, ANSWER)
    assert consumer.output_root_of(name) == root
    assert consumer.output_of(name) == ANSWER.ljust(512, b"\x00")
    with boa.reverts("job/status"):
        consumer.refund(job)


def test_the_digit_consumer_passes_refunds_on(trunk: Contracts, people: dict[str, str]) -> None:
    consumer = code_of("DigitConsumer").deploy(trunk.arbiter.address, MODEL.model_id)
    respond_by = now() + 500
    jobs = []
    for nonce, role in ((1, "requester"), (2, "stranger")):
        terms = (MODEL.input_root, BOND, WINDOW, respond_by, CALLBACK_GAS, b"image")
        consumer.ask(*terms, value=FEE * nonce, sender=people[role])
        job = Job(
            consumer.address, MODEL.model_id, MODEL.input_root, 1, FEE * nonce, BOND, WINDOW, respond_by, 0, nonce
        )
        jobs.append((job._replace(callback_gas=CALLBACK_GAS), role))
    boa.env.evm.patch.timestamp += 500
    for job, _ in jobs:
        trunk.arbiter.cancel(job)
    for job, role in jobs:
        before = boa.env.get_balance(people[role])
        consumer.refund(job)
        assert boa.env.get_balance(people[role]) == before + job.fee
        with boa.reverts("job/already-done"):
            consumer.refund(job)
    with boa.reverts("job/unknown"):
        consumer.refund(jobs[0][0]._replace(nonce=9))
