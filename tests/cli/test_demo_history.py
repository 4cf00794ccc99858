"""A job's story as the chain recorded it, told from a real dispute on a real chain."""

from collections.abc import Iterator

import numpy as np
import pytest

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.bracket import Bracket
from lockstep.cli.demo.chronicle import Chronicle
from lockstep.cli.demo.history import History
from lockstep.cli.demo.record import Payment
from lockstep.codec import encode_values
from lockstep.crypto.hashing import keccak256
from lockstep.crypto.merkle import tensor_root
from lockstep.dispute.witness import Forest
from lockstep.exec import reference
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.testing.arena import BOND, FEE, Arena, open_arena
from lockstep.testing.forged import forge
from lockstep.types import Digest

WIDTH, ROWS, ELEMENT = 8, 600, 513
NAMES = {dev_account(n + 1).address: name for n, name in enumerate(("consumer", "cheating server", "challenger"))}


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with open_arena() as opened:
        yield opened


def toy_graph() -> Graph:
    random = np.random.default_rng(5)
    weights = Constant(DType.I8, random.integers(-9, 9, (ROWS, WIDTH)).astype(np.int8))
    operands = (
        Operand(OperandKind.INPUT, 0, DType.I8, (1, WIDTH)),
        Operand(OperandKind.WEIGHT, 0, DType.I8, (ROWS, WIDTH)),
    )
    attributes = (WIDTH, WIDTH, 0, WIDTH, 0, ROWS, 1, 0) + (0,) * 8
    node = Node("fc", Opcode.MATMUL, operands, DType.I8, (1, ROWS), -128, 127, shift=3, attributes=attributes)
    spec = TensorSpec("x", DType.I8, (1, WIDTH), 1.0, 0)
    return Graph((spec,), (TensorSpec("y", DType.I8, (1, ROWS), 1.0, 0),), (node,), (weights,))


def test_a_dispute_is_told_from_its_blocks(arena: Arena) -> None:
    graph = toy_graph()
    image = np.arange(WIDTH, dtype=np.int8).reshape(1, WIDTH)
    values = reference.run(graph, [image])
    honest = Forest((tuple(encode_values(v, 8) for v in values),), minimum_item_levels=4)
    false = forge(honest, graph, (0, 0, ELEMENT))
    output, false_output = tensor_root(honest.tensor_bytes(0, 0)), keccak256(b"false")
    job = arena.request(arena.register(graph), tensor_root(encode_values(image, 8)))
    arena.claim(job, false_output)
    arena.dispute(job, graph, [[image]], ((false_output, false), (output, honest)))

    artifacts = [Arbiter.artifact(), Bracket.artifact()]
    chronicle = Chronicle(arena.rpc, artifacts)
    chronicle.poll()
    history = History(chronicle.entries, arena.arbiter, arena.bracket, NAMES)
    job_id = Digest(arena.rpc.read(arena.arbiter.job_id_of(job)))

    calls = [entry.name for entry in chronicle.entries]
    assert calls[-9:] == [
        "assert_result",
        "challenge",
        "defend",
        "join",
        "enter",
        "descend",
        "reveal",
        "settle",
        "resolve",
    ]
    number = history.read_recomputed(job_id)
    truth = int(values[0].ravel()[ELEMENT])
    assert (number.item, number.element, number.value) == (0, ELEMENT, truth)
    assert abs(number.claimed_a - truth) == 1
    assert number.claimed_b == truth
    assert history.read_paid_in(job_id, BOND) == (
        Payment("consumer", "fee", FEE),
        Payment("cheating server", "bond", BOND),
        Payment("challenger", "challenge bond", BOND),
    )
    out = history.read_paid_out(job_id)
    assert sum(payment.wei for payment in out) == FEE + 2 * BOND
    assert {payment.party for payment in out} == {"consumer", "challenger", "burnt"}
    assert Payment("challenger", "bond back and reward", BOND + BOND // 2) in out
    moves = history.read_match(job_id, dev_account(2).address)
    assert [move.what for move in moves] == ["enter: node 0", "descend: tile 1", "reveal", "settle"]
    assert [move.by for move in moves] == ["cheating server", "challenger"] * 2
    assert [move.index for move in moves] == [0, 1, None, None]
    assert moves[1].node_true == honest.digest_at(8, 1)
    assert moves[1].node_false == false.digest_at(8, 1)
