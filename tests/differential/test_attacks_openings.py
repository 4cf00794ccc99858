"""Provers that cheat where code words, masks, slots and fractions meet: refused by both verifiers.

Every one proves as well as it can: it knows the statement, follows its own lie from there, and checks nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from lockstep.crypto import encoding
from lockstep.crypto.capped_merkle import cap_height, hash_leaf, hash_node
from lockstep.crypto.goldilocks import MODULUS, Element, add, multiply, negate, subtract
from lockstep.crypto.randomness import Randomness
from lockstep.crypto.vector_kernels import dot, to_element
from lockstep.errors import ProofError
from lockstep.proof.prover import batch, folding, fractions, matrices, products, prove
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.relations import Program
from lockstep.proof.verifier import masked_opening, verify, verify_proof
from lockstep.proof.verifier.channel import ELEMENT_BYTES, ROOT_BYTES, ProofReader
from lockstep.types import Digest
from tests.differential.judges import Judges
from tests.unit.proof.proving import SMALL, Proving, dense

HALF = 1 << (SMALL.log_columns - 1)
Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def honest() -> Proving:
    return dense()


@pytest.fixture(scope="module")
def false() -> Proving:
    """A prover that states another output than the model has."""
    case = dense()
    rows = case.rows.copy()
    block = case.statement.program.blocks[-1]
    assert block.oracle == 1
    rows.reshape(-1)[block.offset] += np.uint64(1)
    return case.cheating(rows)


# Code words


class Spliced:
    """A code word that is two: at every other place the one, else the other. Any share of it is in both lists."""

    def __init__(self, one: encoding.Codeword, other: encoding.Codeword) -> None:
        self.rows, self.log_domain, self.folder = one.rows, one.log_domain, None
        self._leaves = [(other if place & 1 else one).leaf_bytes(place) for place in range(1 << one.log_domain)]
        self._levels = [[hash_leaf(leaf) for leaf in self._leaves]]
        while len(self._levels[-1]) > 1:
            level = self._levels[-1]
            self._levels.append([hash_node(*level[at : at + 2]) for at in range(0, len(level), 2)])
        self.root = self._levels[-1][0]

    def openings(self, indices: Sequence[int]) -> bytes:
        depth = self.log_domain - cap_height(len(indices), self.log_domain)
        parts = list(self._levels[depth])
        for index in indices:
            parts += [self._leaves[index], *(self._levels[k][(index >> k) ^ 1] for k in range(depth))]
        return b"".join(parts)


Change = Callable[[np.ndarray], None]


def commits_to_two(patch: Patch, module: object, change: Change) -> None:
    """The module's code words are half those of another message."""
    codeword = encoding.Codeword

    def spliced(message: np.ndarray, log_domain: int, **_: object) -> Spliced:
        other = message.copy()
        change(other)
        return Spliced(codeword(message, log_domain), codeword(other, log_domain))

    patch.setattr(module, "Codeword", spliced)


def one_more(message: np.ndarray) -> None:
    message[0, 0] = (int(message[0, 0]) + 1) % MODULUS


def all_others(message: np.ndarray) -> None:
    message[:] = Randomness(b"o" * 32).field(message.shape)


@pytest.mark.parametrize("change", [one_more, all_others])
@pytest.mark.parametrize("module", [matrices, folding], ids=["witness", "levels"])
def test_a_word_between_two_code_words_is_refused(
    module: object, change: Change, honest: Proving, both: Judges
) -> None:
    """Half of its places are of one code word, half of another: far from each, and in the list of both."""
    with pytest.MonkeyPatch.context() as patch:
        commits_to_two(patch, module, change)
        proof = honest.proof(b"2" * 32)
    assert both.refusal(honest.statement, proof) == "proof/final"


def test_a_spliced_word_of_one_code_word_is_that(honest: Proving, both: Judges) -> None:
    """The attack above with nothing changed is honest."""
    with pytest.MonkeyPatch.context() as patch:
        commits_to_two(patch, folding, lambda _: None)
        proof = honest.proof(b"2" * 32)
    both.accept(honest.statement, proof)


@pytest.mark.parametrize("row", [0, 1, 2, 4], ids=["data", "pads", "M1", "M2"])
def test_h1_does_not_reach_into_h2(row: int, honest: Proving, both: Judges) -> None:
    """A row with a coefficient where the top quarter of h begins."""
    codeword = encoding.Codeword

    def longer(message: np.ndarray, log_domain: int, **_: object) -> encoding.Codeword:
        message = np.concatenate([message, np.zeros((1, message.shape[1]), np.uint64)])
        assert len(message) == 3 * HALF + 1
        message[-1, row] = 1
        return codeword(message, log_domain)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrices, "Codeword", longer)
        proof = honest.proof()
    assert both.refusal(honest.statement, proof) == "proof/final"


def test_h2_does_not_reach_beyond_its_quarter(honest: Proving, both: Judges) -> None:
    codeword = encoding.Codeword

    def longer(message: np.ndarray, log_domain: int, **_: object) -> encoding.Codeword:
        message = message.copy()
        message[HALF, -1] = 1
        return codeword(message, log_domain)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrices, "Codeword", longer)
        proof = honest.proof()
    assert both.refusal(honest.statement, proof) == "proof/final"


@pytest.mark.parametrize("more", [1, -1])
def test_leaves_of_another_length_are_refused(more: int, honest: Proving, both: Judges) -> None:
    """The witness has a row more, or one less, in its leaves than the program says."""
    codeword = encoding.Codeword

    def other(message: np.ndarray, log_domain: int, **_: object) -> encoding.Codeword:
        wider = np.concatenate([message, message[:, :1]], axis=1)
        return codeword(np.ascontiguousarray(wider[:, : message.shape[1] + more]), log_domain)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matrices, "Codeword", other)
        proof = honest.proof()
    both.refusal(honest.statement, proof)


# Openings and messages


class Elsewhere(ProverChannel):
    """Opens what lies beside what was asked for."""

    def indices(self, count: int, log_size: int) -> list[int]:
        return [place ^ 1 for place in super().indices(count, log_size)]


class Silent(ProverChannel):
    """Leaves out the value of the first level outside its domain."""

    said = 0

    def _say(self, data: bytes) -> None:
        roots = self.said
        self.said += len(data) == ROOT_BYTES
        if roots == 2 and len(data) == ELEMENT_BYTES:
            self.said += 1
            return
        super()._say(data)


class Longer(ProverChannel):
    """Says a final vector of one more element, 0."""

    def _say(self, data: bytes) -> None:
        super()._say(data + bytes(ELEMENT_BYTES) if len(data) == ELEMENT_BYTES << SMALL.final_bits else data)


class OtherRoot(ProverChannel):
    """Names the witness of another proof of the same."""

    other = bytes(ROOT_BYTES)

    def _say(self, data: bytes) -> None:
        super()._say(self.other if not self._parts else data)


@pytest.mark.parametrize("channel", [Elsewhere, Silent, Longer, OtherRoot])
def test_a_prover_that_answers_something_else_is_refused(
    channel: type[ProverChannel], honest: Proving, both: Judges
) -> None:
    OtherRoot.other = honest.proof()[:ROOT_BYTES]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prove, "ProverChannel", channel)
        proof = honest.proof()
    assert len(proof) - len(honest.proof()) == {Silent: -ELEMENT_BYTES, Longer: ELEMENT_BYTES}.get(channel, 0)
    both.refusal(honest.statement, proof)


def test_a_witness_root_of_another_proof_is_refused(honest: Proving, both: Judges) -> None:
    one, other = honest.proof(), honest.proof()
    both.refusal(honest.statement, other[:ROOT_BYTES] + one[ROOT_BYTES:])


def test_openings_are_bound_to_root_leaf_and_place(honest: Proving, both: Judges) -> None:
    """A node of each cap, a symbol of weights and of witness, a sibling of each: after all that is absorbed before."""
    proof, regions = honest.proof(), _regions(honest)
    widths = {8 * honest.weights.commitment.rows: "weights", 8 * (len(honest.rows) + 5): "witness"}
    tried = set()
    for (start, count), (_, following), before in zip(regions[1:], regions[2:], regions, strict=False):
        kind = "root" if count != ROOT_BYTES else "node"
        if count in widths and following == ROOT_BYTES:
            kind = widths[count]
        elif before[1] in widths and count == ROOT_BYTES:
            kind = f"sibling of {widths[before[1]]}"
        elif before[1] == ELEMENT_BYTES and following == ROOT_BYTES and count == ROOT_BYTES:
            kind = "cap"
        if kind in ("root", "node") or kind in tried:
            continue
        tried.add(kind)
        changed = proof[: start + count - 1] + bytes([proof[start + count - 1] ^ 1]) + proof[start + count :]
        assert both.refusal(honest.statement, changed) == "proof/opening", kind
    assert tried == {"cap", "weights", "witness", "sibling of weights", "sibling of witness"}


def _regions(case: Proving) -> list[tuple[int, int]]:
    regions: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        take = ProofReader.take

        def recorded(reader: ProofReader, count: int) -> bytes:
            regions.append((reader.place, count))
            return take(reader, count)

        patch.setattr(ProofReader, "take", recorded)
        verify_proof(case.statement, case.proof(), presets=(SMALL,))
    return regions


# The order of sigma and epsilon


class Foreseeing(ProverChannel):
    """Says σ as it would have to be for the ε that comes if σ is not absorbed before."""

    missing: Element | None = None
    """⟨ω, Z⟩ minus what was claimed of it."""
    epsilon: Element | None = None
    is_listened_to = True
    """Whether σ is absorbed before ε is drawn, as it has to be."""

    def clear(self, values: Sequence[Element]) -> tuple[Element, ...]:
        if self.missing is None:
            return super().clear(values)
        state = self._transcript.state
        self.epsilon = self._transcript.challenge()
        if self.is_listened_to:
            self._transcript.state = state
        values = [add(values[0], multiply(self.epsilon, self.missing))]
        self.missing = None
        return super().clear(values)

    def challenge(self) -> Element:
        if self.is_listened_to or self.epsilon is None:
            return super().challenge()
        epsilon, self.epsilon = self.epsilon, None
        return epsilon


def _foresee(patch: Patch, *, is_listened_to: bool) -> None:
    prove_columns, open_masked, missing = batch._prove_columns, folding.open_masked, list[Element]()

    def columns(*arguments: object) -> object:
        found = prove_columns(*arguments)  # type: ignore[arg-type]
        _, weight, (claim, combination) = found
        missing.append(subtract(multiply(weight, combination), claim))
        return found

    def opened(channel: Foreseeing, *arguments: object) -> object:
        channel.missing = missing.pop()
        return open_masked(channel, *arguments)  # type: ignore[arg-type]

    patch.setattr(Foreseeing, "is_listened_to", is_listened_to)
    patch.setattr(batch, "_prove_columns", columns)
    patch.setattr(prove, "open_masked", opened)
    patch.setattr(prove, "ProverChannel", Foreseeing)


def test_sigma_is_bound_before_epsilon(false: Proving, both: Judges) -> None:
    """A false statement; the prover that foresees ε makes up for what its claim lacks."""
    with pytest.MonkeyPatch.context() as patch:
        _foresee(patch, is_listened_to=True)
        proof = false.proof()
    assert both.refusal(false.statement, proof) == "proof/final"


def test_a_verifier_that_draws_epsilon_first_would_be_fooled(false: Proving) -> None:
    """The same attack is a proof of anything if the order is the other."""

    def wrong_order(reader: ProofReader, _: object, claim: masked_opening.BatchClaim) -> masked_opening.MaskedClaim:
        epsilon = reader.challenge()
        (sigma,) = reader.elements(1)
        return masked_opening.MaskedClaim(claim, epsilon, add(sigma, multiply(epsilon, claim.value)))

    with pytest.MonkeyPatch.context() as patch:
        _foresee(patch, is_listened_to=False)
        patch.setattr(verify, "read_masked_claim", wrong_order)
        verify_proof(false.statement, false.proof(), presets=(SMALL,))


# Fractions and slots


def _false_look_up(case: Proving) -> Proving:
    """A limb that is in no table, and counted nowhere: the fractions do not add up to 0."""
    number = next(side for side in case.statement.program.sides if side.multiplicity is None).columns[0]
    block = case.statement.program.blocks[number.terms[0].block]  # type: ignore[union-attr]
    rows = case.rows.copy()
    rows.reshape(-1)[block.offset] = np.uint64(1 << 40)
    return case.cheating(rows)


def _beyond_an_extent(program: Program) -> int | None:
    for side in program.sides:
        (*_, index) = side.indices
        if index.extent < 1 << index.bits:
            return side.position + index.extent
    return None


@pytest.mark.parametrize("filler", ["of nothing", "of the blinding", "beyond an extent"])
def test_a_filler_cannot_make_up_for_a_false_look_up(filler: str, both: Judges) -> None:
    """A leaf that has the numerator 0 gets what the others lack: their sum is 0, as a verifier wants it."""
    case = dense(((100, 3), (-90, 77), (5, 6)))
    program = case.statement.program
    leaf = {
        "of nothing": program.blinding_fraction + 1,
        "of the blinding": program.blinding_fraction,
        "beyond an extent": _beyond_an_extent(program),
    }[filler]
    assert leaf is not None
    leaves, tree = fractions._leaves, fractions._tree

    def balanced(*arguments: object) -> tuple[np.ndarray, np.ndarray]:
        numerators, denominators = leaves(*arguments)  # type: ignore[arg-type]
        top = tree(numerators, denominators)[-1]
        total = _quotient(to_element(top[0][0]), to_element(top[1][0]))
        assert total != (0, 0)
        numerators[leaf] = negate(multiply(total, to_element(denominators[leaf])))
        top = tree(numerators, denominators)[-1]
        assert to_element(top[0][0]) == (0, 0)
        return numerators, denominators

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fractions, "_leaves", balanced)
        proof = _false_look_up(case).proof()
    assert both.refusal(case.statement, proof) == "proof/final"


def _quotient(a: Element, b: Element) -> Element:
    """a / b: b times its conjugate is in the field."""
    norm = (b[0] * b[0] - 7 * b[1] * b[1]) % MODULUS
    inverse = pow(norm, MODULUS - 2, MODULUS)
    return multiply(a, (b[0] * inverse % MODULUS, -b[1] * inverse % MODULUS))


@pytest.mark.parametrize("place", ["exchanged", "in a section", "both in one"])
def test_slots_are_where_nothing_counts(place: str, honest: Proving, both: Judges) -> None:
    """z1 in the slot of z2, in a section whose products count, or in the slot where z2 is the other factor."""
    cube, program = products._cube, honest.statement.program

    def moved(*arguments: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        weight, left, right = cube(*arguments)  # type: ignore[arg-type]
        first, second = program.slots, program.slots + 1
        match place:
            case "exchanged":
                left[[first, second]], right[[first, second]] = left[[second, first]], right[[second, first]]
            case "in a section":
                left[0] = left[first]
            case _:
                right[first], weight[first] = right[second], (1, 0)
        assert to_element(dot(weight, left)) != (0, 0)
        return weight, left, right

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "_cube", moved)
        proof = honest.proof()
    assert both.refusal(honest.statement, proof) == "proof/final"


def test_a_challenge_that_hits_a_row_is_refused(honest: Proving) -> None:
    """α = tag + β·row makes a denominator 0, and with it the root, which is read."""
    hit = dense()

    class Unlucky(ProverChannel):
        def challenges(self, count: int) -> tuple[Element, ...]:
            drawn = super().challenges(count)
            return _unlucky(hit, drawn) if count == 2 else drawn

    read_challenges = ProofReader.challenges

    def unlucky(reader: ProofReader, count: int) -> tuple[Element, ...]:
        drawn = read_challenges(reader, count)
        return _unlucky(hit, drawn) if count == 2 else drawn

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prove, "ProverChannel", Unlucky)
        proof = honest.proof()
        patch.setattr(ProofReader, "challenges", unlucky)
        with pytest.raises(ProofError, match="proof/denominator"):
            verify_proof(honest.statement, proof, presets=(SMALL,))


def _unlucky(case: Proving, drawn: tuple[Element, ...]) -> tuple[Element, ...]:
    """α of the row 1 of the first table."""
    table = next(side for side in case.statement.program.sides if side.multiplicity is not None)
    assert not drawn[2:]
    assert len(table.columns) == 1
    return add((table.tag, 0), drawn[1]), drawn[1]


def test_a_context_is_one_job_of_one_prover_on_one_chain(honest: Proving, both: Judges) -> None:
    """Nobody else's proof, nor one from elsewhere: every byte of the context counts."""
    proof = honest.proof()
    for place in range(32):
        other = Digest(bytes(place) + b"\x01" + bytes(31 - place))
        both.refusal(replace(honest.statement, context=other), proof)
