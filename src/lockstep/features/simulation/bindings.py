"""What commitments and trees bind, tried with the real hashes (T8, T9, T16, T24)."""

from collections.abc import Callable, Iterator
from math import log2
from typing import Final

import numpy as np
from eth_utils.address import to_checksum_address

from lockstep.claims.committee import member_commitment
from lockstep.claims.ids import claim_id, commitment
from lockstep.crypto.hashing import keccak256, leaf_hash
from lockstep.crypto.merkle import MerkleTree, root_from_path, tensor_tree
from lockstep.features.figures import Row
from lockstep.features.simulation.estimates import Case, Estimate
from lockstep.features.simulation.setting import Setting
from lockstep.types import Address, Digest

HASHED_ROUNDS: Final = 3000
LEAVES: Final = 200
GRINDS: Final = 150
RECEIPTS: Final = ((0.5, 8), (0.1, 30))
"""Shares of tiles that are wrong, and how many are opened: few enough for grinding to end."""
SECURITY_BITS: Final = 80
REVERTED_SHARE: Final = 0.1
"""Of a move's gas, that a late copy of it pays: duplicates are refused before anything is hashed."""

Forge = Callable[[np.random.Generator, MerkleTree, int], tuple[Digest, int, list[Digest]]]


def perjury(setting: Setting) -> Iterator[Row]:
    """T8: play for the true claim with what it did not commit to."""
    case, random = Case("T8"), setting.random("T8")
    trials = min(setting.rounds, HASHED_ROUNDS)
    tree = tensor_tree(random.bytes(LEAVES * 512))
    opened = sum(
        root_from_path(tree.node(tree.levels, index), index, tree.path(index)) == tree.root
        for index in random.integers(0, LEAVES, trials // 10)
    )
    yield Row(case.name, "true openings that are accepted", opened, "trials", f"{trials // 10}", opened == trials // 10)
    for name, forge in _FORGERIES.items():
        accepted = 0
        for number in range(trials // len(_FORGERIES)):
            leaf, index, path = forge(random, tree, number % LEAVES)
            is_committed = leaf == tree.node(tree.levels, index) if index < 1 << tree.levels else False
            accepted += not is_committed and root_from_path(leaf, index, path) == tree.root
        test = "tests/contracts/test_bracket_moves.py"
        yield case.never(f"accepted openings of {name}", accepted, trials // len(_FORGERIES), test=test)


def rushing(setting: Setting) -> Iterator[Row]:
    """T9: send copies of the true claim's moves first. A move is the claim's, whoever sends it, and refunds nothing."""
    case, random, world = Case("T9"), setting.random("T9"), setting.world
    price = world.dispute_gas / world.moves
    is_first = random.random((setting.rounds, world.moves)) < 0.5
    copier = Estimate.of(-np.where(is_first, price, REVERTED_SHARE * price).sum(axis=1))
    yield from case.below("pay of a copier of moves", copier, 0, why="leaving it")
    saved = Estimate.of(np.where(is_first, price - REVERTED_SHARE * price, 0).sum(axis=1))
    yield from case.above("what the copied one saves", saved, 0, why="nobody copies")
    trials, stolen = min(setting.rounds, HASHED_ROUNDS), 0
    for _ in range(trials):
        job, claim, salt = (Digest(random.bytes(32)) for _ in range(3))
        stolen += commitment(job, claim_id(job, claim, salt), _account(random), salt) == commitment(
            job, claim_id(job, claim, salt), _account(random), salt
        )
    test = "tests/contracts/test_bracket_joining.py"
    yield case.never("copied commitments that open for the copier", stolen, trials, test=test)


def copied_commitments(setting: Setting) -> Iterator[Row]:
    """T16: commit what another member committed, reveal what it revealed."""
    case, random = Case("T16"), setting.random("T16")
    trials = min(setting.rounds, HASHED_ROUNDS)
    changed = {"by another member": 0, "to another question": 0, "at another committee": 0, "on another chain": 0}
    for number in range(trials):
        question, output, trace, keyed, salt = (Digest(random.bytes(32)) for _ in range(5))
        committee, member = _account(random), _account(random)
        roots = {"output_root": output, "trace_root": trace, "keyed_root": keyed, "salt": salt}
        made = member_commitment(1, committee, question=question, member=member, **roots)
        revealed = (
            member_commitment(1, committee, question=question, member=_account(random), **roots),
            member_commitment(1, committee, question=Digest(random.bytes(32)), member=member, **roots),
            member_commitment(1, _account(random), question=question, member=member, **roots),
            member_commitment(2 + number, committee, question=question, member=member, **roots),
        )
        for name, other in zip(changed, revealed, strict=True):
            changed[name] += other == made
    for name, opened in changed.items():
        metric = f"copied commitments that open {name}"
        yield case.never(metric, opened, trials, test="tests/contracts/test_committee.py")


def ground_roots(setting: Setting) -> Iterator[Row]:
    """T24: try roots until the tiles that are asked for are the right ones."""
    case, random, terms = Case("T24"), setting.random("T24"), setting.terms
    trials = min(GRINDS, setting.rounds // 10)
    for wrong, asked in RECEIPTS:
        tries = Estimate.of(np.array([_grind(random, wrong, asked) for _ in range(trials)], dtype=np.float64))
        expected = (1 - wrong) ** -asked
        metric = f"tries if the root chose {asked} tiles, {wrong:.0%} wrong"
        yield from case.near(metric, tries, expected, unit="tries")
        needed = SECURITY_BITS / log2(1 / (1 - wrong))
        yield case.bound(f"tiles that would have to be asked then, {wrong:.0%} wrong", needed, "tiles")
    # As deployed the pick comes of a block after the reveals (committee.md, section 4): there is nothing to try.
    wrong = RECEIPTS[0][0]
    seen = random.random(setting.rounds) < terms.opening_rate * wrong
    pay = Estimate.of(np.where(seen, -terms.ticket, terms.fee_per_member) - setting.world.fake)
    metric = f"pay of a member that lacks {wrong:.0%} of the tiles, pick by a later beacon"
    yield from case.below(metric, pay, setting.honest_member, why="honest; tests/contracts/test_committee_tiles.py")
    gain = terms.fee_per_member - setting.world.fake - setting.honest_member
    least = gain / (terms.opening_rate * (terms.fee_per_member + terms.ticket))
    yield case.bound("least share of missing tiles that openings deter", least, "share")


def _grind(random: np.random.Generator, wrong: float, asked: int) -> int:
    """Roots until none of the tiles that the root itself picks is wrong."""
    limit, start, tries = int(wrong * 2**64), random.bytes(24), 0
    while True:
        tries += 1
        root = keccak256(start, tries.to_bytes(8, "big"))
        picks = (int.from_bytes(keccak256(root, bytes([number]))[:8], "big") for number in range(asked))
        if all(pick >= limit for pick in picks):
            return tries


def _account(random: np.random.Generator) -> Address:
    return Address(to_checksum_address(random.bytes(20)))


def _other_leaf(random: np.random.Generator, tree: MerkleTree, index: int) -> tuple[Digest, int, list[Digest]]:
    return leaf_hash(random.bytes(512)), index, tree.path(index)


def _other_place(random: np.random.Generator, tree: MerkleTree, index: int) -> tuple[Digest, int, list[Digest]]:
    return tree.node(tree.levels, index), int(random.integers(LEAVES)), tree.path(index)


def _other_tree(random: np.random.Generator, tree: MerkleTree, index: int) -> tuple[Digest, int, list[Digest]]:
    sibling = int(random.integers(tree.levels))
    path = tree.path(index)
    path[sibling] = Digest(random.bytes(32))
    return leaf_hash(random.bytes(512)), index, path


def _inner_node(random: np.random.Generator, tree: MerkleTree, index: int) -> tuple[Digest, int, list[Digest]]:
    """An inner node in a leaf's place: with the path cut off it would fold, so contracts count the levels."""
    height = int(random.integers(1, tree.levels))
    path = [Digest(random.bytes(32))] * height + tree.path(index)[height:]
    return tree.node(tree.levels - height, index >> height), index, path


_FORGERIES: Final[dict[str, Forge]] = {
    "another leaf": _other_leaf,
    "a leaf at another place": _other_place,
    "another tree's leaf": _other_tree,
    "an inner node": _inner_node,
}
