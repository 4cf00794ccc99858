"""What settling a model's answer costs on chain: undisputed, in a batch, and disputed down to one number."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnx

from bench.models import lenet, mlp, resnet
from lockstep.chain.binding import Transaction
from lockstep.chain.bindings.steps_linear import StepsLinear
from lockstep.codec import encode_values
from lockstep.crypto.hashing import keccak256
from lockstep.crypto.merkle import digest_tree, tensor_root
from lockstep.dispute.witness import Evidence
from lockstep.exec.run import Program
from lockstep.exec.trace import Trace
from lockstep.features.models.facts import count_products
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.graph import Graph, Node
from lockstep.ir.ops import Opcode
from lockstep.testing.arena import Arena, open_arena
from lockstep.testing.bench import Report, Row, at_most
from lockstep.testing.compiled import compiled
from lockstep.testing.forged import forge
from lockstep.types import Digest

MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    "toy": lambda: mlp(512, 64, 10),
    "lenet": lenet,
    "resnet18": lambda: resnet(18),
    "resnet50": lambda: resnet(50),
}
CACHE = Path(__file__).parents[1] / ".lockstep" / "bench"
BAR_PRODUCTS = 512
MOVES = ("descend", "enter", "reveal")
"""What a side shows on the way; ``settle`` is the decision, and anybody may call it."""
MATCH_CALLS = (*MOVES, "settle")


@dataclass(frozen=True)
class Subject:
    """A model that was run once: everything that a dispute about it needs."""

    name: str
    graph: Graph
    inputs: list[np.ndarray]
    trace: Trace

    @cached_property
    def evidence(self) -> Evidence:
        return Evidence(self.graph, (self.inputs,), self.trace)

    @cached_property
    def input_root(self) -> Digest:
        values = zip(self.graph.inputs, self.inputs, strict=True)
        return digest_tree([tensor_root(encode_values(tensor, spec.dtype.width)) for spec, tensor in values]).root


@dataclass(frozen=True)
class StepCost:
    """What the contract's recomputation of one element costs, as a transaction of its own."""

    node: int
    opcode: Opcode
    products: int
    witness: int
    gas: int


def rows(report: Report) -> Iterator[Row]:
    """One row a figure; gas is exact, so a second run gives the same."""
    with open_arena() as arena:
        yield from undisputed_rows(arena, report)
        for name in MODELS:
            report(f"{name}: compile and run")
            subject = prepare(name)
            report(f"{name}: cost of one step of every kind")
            steps = step_costs(arena, subject)
            yield from step_rows(subject, steps)
            common, worst = common_step(subject.graph), max(steps, key=lambda step: step.gas)
            report(f"{name}: dispute the most common convolution or product")
            yield from dispute_rows(arena, subject, "common step", common)
            report(f"{name}: dispute the dearest step")
            yield from dispute_rows(arena, subject, "dearest step", worst.node)


def undisputed_rows(arena: Arena, report: Report) -> Iterator[Row]:
    """A claim that nobody challenges: alone, and as one of 1,000 results under one root."""
    report("undisputed claims")
    graph = compiled("toy", MODELS["toy"], CACHE)
    model_id = arena.register(graph)
    for case, passes in (("one result", 1), ("1,000 results", 1000)):
        arena.clear()
        job = arena.request(model_id, keccak256(case.encode()), passes=passes)
        arena.claim(job, keccak256(b"output"))
        arena.finalise(job)
        spent = {item.call: item.gas for item in arena.clear()}
        yield from (Row(case, call, gas, "gas") for call, gas in spent.items())
        claim = spent["assert_result"] + spent["finalise"]
        if passes == 1:
            yield at_most(case, "claim and finalise", claim, unit="gas", limit=120_000)
        else:
            total = claim + spent["request"]
            yield at_most(case, "request, claim and finalise, each", total / passes, unit="gas", limit=1000)


def prepare(name: str) -> Subject:
    """Compile (or take from the cache) and run with its trace on random input."""
    graph = compiled(name, MODELS[name], CACHE)
    random = np.random.default_rng(len(name))
    inputs = [
        random.integers(spec.dtype.minimum, spec.dtype.maximum, spec.shape, endpoint=True).astype(spec.dtype.numpy)
        for spec in graph.inputs
    ]
    return Subject(name, graph, inputs, Program(graph).run_trace(inputs))


def step_costs(arena: Arena, subject: Subject) -> list[StepCost]:
    """One step of every kind that the model has: operators with the same geometry cost the same."""
    kinds: dict[tuple[object, ...], int] = {}
    for number, node in enumerate(subject.graph.nodes):
        kinds.setdefault(_kind(node), number)
    return [_step_cost(arena, subject, number) for number in kinds.values()]


def _kind(node: Node) -> tuple[object, ...]:
    return (node.opcode, node.attributes, node.shape, tuple((o.kind, o.dtype, o.shape) for o in node.operands))


def _step_cost(arena: Arena, subject: Subject, number: int) -> StepCost:
    node, element = subject.graph.nodes[number], middle_element(subject.graph.nodes[number])
    witness = subject.evidence.build(0, number, element)
    kernel = StepsLinear(arena.rpc.read(arena.steps.kernel_of(node.opcode)))
    position = subject.evidence.position(0, number, element)
    call = kernel.evaluate(position, encode_descriptor(subject.graph, number), witness)  # type: ignore[arg-type]
    gas = arena.estimate(Transaction(call.to, call.data))
    return StepCost(number, node.opcode, count_products(node), len(witness), gas)


def middle_element(node: Node) -> int:
    """An element away from the borders, where every tap of a window is inside."""
    return int(np.ravel_multi_index([extent // 2 for extent in node.shape], node.shape))


def common_step(graph: Graph) -> int:
    """A node of the kind that most of the model's products are in."""
    products: Counter[tuple[object, ...]] = Counter()
    first: dict[tuple[object, ...], int] = {}
    for number, node in enumerate(graph.nodes):
        if node.opcode in (Opcode.CONV, Opcode.MATMUL):
            first.setdefault(_kind(node), number)
            products[_kind(node)] += node.elements * count_products(node)
    return first[products.most_common(1)[0][0]]


def step_rows(subject: Subject, steps: list[StepCost]) -> Iterator[Row]:
    """The dearest step of every operator, and every kind of step with exactly the bar's number of products."""
    for opcode in sorted({step.opcode for step in steps}):
        dearest = max((step for step in steps if step.opcode == opcode), key=lambda step: step.gas)
        size = f" of {dearest.products} products" if dearest.products else ""
        case = f"{subject.name}: dearest step {opcode.name}{size}"
        yield Row(case, "gas of the step", dearest.gas, "gas")
        yield Row(case, "witness", dearest.witness, "bytes")
    for step in (step for step in steps if step.products == BAR_PRODUCTS):
        case = f"{subject.name}: step {step.opcode.name} of {step.products} products, node {step.node}"
        yield at_most(case, "gas of the step", step.gas, unit="gas", limit=200_000)


def dispute_rows(arena: Arena, subject: Subject, which: str, node: int) -> Iterator[Row]:
    """Every call of a dispute about one element of ``node``, the moves and the total of both sides."""
    job = arena.request(arena.register(subject.graph), subject.input_root)
    forged = forge(subject.trace, subject.graph, (0, node, middle_element(subject.graph.nodes[node])))
    false_output = keccak256(b"false output")
    arena.claim(job, false_output)
    arena.clear()
    claims = (false_output, forged), (subject.trace.output_root, subject.trace)
    survivor = arena.dispute(job, subject.graph, [subject.inputs], claims)
    spent = arena.clear()
    if survivor != arena.claim_of(job, subject.trace.output_root, subject.trace.root):
        raise AssertionError(f"{subject.name}: the false claim survived")
    case = f"{subject.name}: {which} ({subject.graph.nodes[node].opcode.name})"
    for number, item in enumerate(spent, 1):
        yield Row(case, f"{number} {item.call} by {item.by}", item.gas, "gas")
    is_bar = subject.name == "resnet50"
    moves = sum(item.call in MOVES for item in spent)
    yield at_most(case, "moves: descents and reveal", moves, unit="moves", limit=6 if is_bar else None)
    yield Row(case, "calls of the match: moves and settle", sum(item.call in MATCH_CALLS for item in spent), "calls")
    total = sum(item.gas for item in spent)
    yield at_most(case, "total of both sides", total, unit="gas", limit=1_200_000 if is_bar else None)
