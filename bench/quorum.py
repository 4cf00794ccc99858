"""What a committee costs: gas of each call, answers a second on one chain, and where the time of its nodes goes."""

import logging
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from eth_utils.crypto import keccak

from bench.models import mlp
from lockstep.chain.artifact import load_artifact
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Job
from lockstep.chain.rpc import Rpc
from lockstep.claims.committee import KeyedTiles
from lockstep.features.inference.answers import Answer, HonestAnswers, ModelLibrary
from lockstep.features.quorum.member import Member, Seated
from lockstep.features.quorum.view import PanelView
from lockstep.testing.bench import Report, Row
from lockstep.testing.committees import CommitteeNetwork
from lockstep.testing.compiled import compiled
from lockstep.testing.network import Network, open_network
from lockstep.types import Digest

CACHE = Path(__file__).parents[1] / ".lockstep" / "bench"
SIZES = (3, 5, 7)
QUESTIONS = 4
"""Asked at once, about the same model; each operator has a ticket for each."""
FIRST_ACCOUNT = 2


class Stopwatch:
    """Seconds by what they were spent on."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Measures what is inside."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - started


class MeasuredRpc(Rpc):
    """Counts the time that goes to the chain."""

    def __init__(self, url: str, watch: Stopwatch) -> None:
        super().__init__(url)
        self._watch = watch

    def call(self, method: str, *parameters: object) -> Any:
        with self._watch.on("chain"):
            return super().call(method, *parameters)


class MeasuredAnswers:
    """Runs the model, then hashes its trace, each by the clock."""

    def __init__(self, library: ModelLibrary, watch: Stopwatch) -> None:
        self._honest, self._watch = HonestAnswers(library), watch

    def find_answer(self, job_id: Digest, job: Job, input_data: bytes) -> Answer | None:
        with self._watch.on("compute"):
            answer = self._honest.find_answer(job_id, job, input_data)
        if answer is not None:
            with self._watch.on("hashing"):
                _ = answer.output_root, answer.trace.root
        return answer


def measured_member(watch: Stopwatch) -> type[Member]:
    """A member whose keyed trees count as hashing."""

    class MeasuredMember(Member):
        def _keyed(self, panel: PanelView, place: Seated) -> KeyedTiles:
            tiles = super()._keyed(panel, place)
            with watch.on("hashing"):
                _ = tiles.root
            return tiles

    return MeasuredMember


def rows(report: Report) -> Iterator[Row]:
    """One committee size after the other, each on a chain of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    graph = compiled("quorum", lambda: mlp(784, 128, 10), CACHE)
    for size in SIZES:
        report(f"{size} members, {QUESTIONS} questions")
        with tempfile.TemporaryDirectory(prefix="lockstep-") as folder, open_network(graph, Path(folder)) as network:
            yield from _committee_rows(network, size)


def _committee_rows(network: Network, size: int) -> Iterator[Row]:
    case, watch = f"{size} members", Stopwatch()
    network.rpc = MeasuredRpc(network.rpc.url, watch)
    operators = range(FIRST_ACCOUNT, FIRST_ACCOUNT + size)
    committees = CommitteeNetwork(network, operators=operators, tickets=QUESTIONS)
    library, make = ModelLibrary.of(network.graph), measured_member(watch)
    nodes = [committees.node(account, MeasuredAnswers(library, watch), make=make) for account in operators]
    first_block = network.rpc.read_block_number() + 1
    window = network.rpc.read(committees.committee.APPEAL_SECONDS())
    asked = [committees.ask(size=size, window=window)[1] for _ in range(QUESTIONS)]
    begun = network.rpc.read_block().timestamp
    watch.seconds.clear()
    started = time.perf_counter()
    committees.play(nodes, lambda: all(committees.is_done(name) for name in asked))
    yield from _time_rows(case, time.perf_counter() - started, watch)
    clock = network.rpc.read_block().timestamp - begun
    yield Row(case, f"from request to divided money, by the chain's clock, with a window of {window} s", clock, "s")
    yield from _gas_rows(case, network.rpc, committees.committee, first_block)


def _time_rows(case: str, seconds: float, watch: Stopwatch) -> Iterator[Row]:
    """All nodes take turns in one process, so their times add up to the clock's."""
    yield Row(case, "questions a second", round(QUESTIONS / seconds, 3), "1/s")
    yield Row(case, "processing of one question, all nodes", round(seconds / QUESTIONS, 3), "s")
    for what in ("chain", "compute", "hashing"):
        yield Row(case, f"share of time: {what}", round(100 * watch.seconds[what] / seconds, 1), "%")
    rest = 100 * (seconds - sum(watch.seconds.values())) / seconds
    yield Row(case, "share of time: deciding, signing, journal", round(rest, 1), "%")


def _gas_rows(case: str, rpc: Rpc, committee: Committee, first_block: int) -> Iterator[Row]:
    """The mean of every call, and what a question costs in all."""
    gas = _gas_by_call(rpc, committee, first_block)
    for name, spent in sorted(gas.items()):
        yield Row(case, f"gas of {name}, mean of {len(spent)}", round(sum(spent) / len(spent)), "gas")
    total = sum(sum(spent) for spent in gas.values())
    yield Row(case, "gas of one question, all calls", round(total / QUESTIONS), "gas")


def _gas_by_call(rpc: Rpc, committee: Committee, first_block: int) -> dict[str, list[int]]:
    names = dict(_selectors())
    gas: dict[str, list[int]] = defaultdict(list)
    for number in range(first_block, rpc.read_block_number() + 1):
        block = rpc.call("eth_getBlockByNumber", hex(number), True)
        for sent in block["transactions"]:
            if str(sent["to"]).lower() == committee.address.lower():
                receipt = rpc.call("eth_getTransactionReceipt", sent["hash"])
                if int(receipt["status"], 16):
                    gas[names[str(sent["input"])[2:10]]].append(int(receipt["gasUsed"], 16))
    return gas


def _selectors() -> Iterator[tuple[str, str]]:
    """The first four bytes of every call of the Committee, and its name."""
    for entry in load_artifact(Committee.ARTIFACT).abi:
        if entry["type"] == "function":
            signature = f"{entry['name']}({','.join(_type_of(given) for given in entry['inputs'])})"
            yield keccak(text=signature)[:4].hex(), str(entry["name"])


def _type_of(given: dict[str, Any]) -> str:
    kind = str(given["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_type_of(part) for part in given['components'])}){kind.removeprefix('tuple')}"
