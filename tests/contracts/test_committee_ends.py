"""How a question meets the rest of the trunk: proofs, claims that others take over, contracts that are called back."""

from collections.abc import Iterator

import boa
import pytest

from tests.contracts.bracket_machine.world import CHALLENGE_BOND, JOIN_SECONDS, ZERO_ADDRESS, Contracts, Status, code_of
from tests.contracts.committee_world import (
    BEACON_SECONDS,
    FALSE,
    MODEL,
    PAY,
    TICKET,
    TRUE,
    Deployed,
    Panel,
    answer,
    assert_nothing_is_missing,
    deploy_committee,
    gains,
    pass_time,
    person,
    staked,
)

DESK = ZERO_ADDRESS  # what the test trunk names as its desk


@pytest.fixture(scope="module")
def everything(deployed: Contracts) -> Deployed:
    deployed.artifacts.register_model(MODEL.header, MODEL.descriptors.root, bytes(32), bytes(32))
    return deploy_committee(deployed)


@pytest.fixture
def panel(everything: Deployed) -> Iterator[Panel]:
    with boa.env.anchor():
        panel = Panel.convene(staked(everything), person("asker"))
        panel.draw()
        yield panel


def test_a_proof_against_the_majority_pays_the_prover_and_the_honest_member(panel: Panel) -> None:
    panel.answer_with([FALSE] * 4 + [TRUE])
    panel.settle()
    prover = person("prover")
    arbiter = panel.deployed.trunk.arbiter
    arbiter.settle(panel.job, TRUE.output.root, prover, sender=DESK)
    pass_time(BEACON_SECONDS)
    panel.conclude()
    assert arbiter.credit_of(prover) == 5 * PAY + TICKET // 2
    assert gains(panel) == [-TICKET] * 4 + [3 * TICKET // 2]
    assert panel.gained(panel.question.requester) == TICKET // 2 - 5 * PAY
    assert_nothing_is_missing(panel)


def test_a_proof_for_the_majority_ends_the_window(panel: Panel) -> None:
    panel.answer_with([TRUE] * 4 + [FALSE])
    panel.settle()
    panel.deployed.trunk.arbiter.settle(panel.job, TRUE.output.root, person("prover"), sender=DESK)
    pass_time(BEACON_SECONDS)
    panel.conclude()
    assert gains(panel) == [PAY + TICKET // 8] * 4 + [-TICKET]
    assert_nothing_is_missing(panel)


def test_an_older_commitment_takes_the_groups_claim_over(panel: Panel) -> None:
    panel.answer_with([FALSE] * 4 + [TRUE])
    panel.settle()
    world, stranger = panel.world(), person("stranger")
    world.challenge(stranger, TRUE)
    panel.committee.appeal(panel.question, 1, answer(TRUE))
    panel.join(world, TRUE)
    world.join(stranger, TRUE)
    panel.join(world, FALSE)
    world.play()
    pass_time(JOIN_SECONDS)
    world.resolve()
    panel.conclude()
    # The stranger has the Bracket's reward; the group has its bond back, and its share of the liars' tickets.
    assert world.credits(stranger) == CHALLENGE_BOND + TICKET // 2
    assert gains(panel) == [-TICKET] * 4 + [PAY + 3 * TICKET // 2]
    assert_nothing_is_missing(panel)


def test_a_bond_that_nobody_reclaims_is_its_groups_loss_alone(panel: Panel) -> None:
    panel.answer_with([FALSE] * 3 + [TRUE] * 2)
    panel.settle()
    world, stranger = panel.world(), person("stranger")
    world.challenge(stranger, TRUE)
    world.join(stranger, TRUE)
    panel.join(world, FALSE)
    world.play()
    pass_time(JOIN_SECONDS)
    world.resolve()
    panel.conclude()
    lost, left = CHALLENGE_BOND // 2, 3 * TICKET - TICKET
    assert gains(panel) == [-TICKET] * 3 + [PAY + left // 2 // 2 - lost] * 2
    assert_nothing_is_missing(panel)


def test_a_contract_that_asks_is_called_back(everything: Deployed) -> None:
    with boa.env.anchor():
        staked(everything)
        consumer = code_of("AskingConsumer").deploy(everything.committee.address)
        panel = Panel.convene(everything, str(consumer.address), through=consumer, callback_gas=200_000)
        panel.draw()
        panel.answer_with([TRUE] * 5)
        panel.settle()
        panel.finalise()
        arbiter, job = everything.trunk.arbiter, panel.job
        assert arbiter.record_of(panel.job_id).status == Status.FINAL
        assert not arbiter.deliver(job, b"")
        assert arbiter.deliver(job, MODEL.data[2])
        assert (bytes(consumer.result()), consumer.tile_bytes()) == (TRUE.output.root, 512)
        panel.conclude()
        assert_nothing_is_missing(panel)
