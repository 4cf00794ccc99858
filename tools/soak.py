"""One node under thousands of requests, restarted and killed on the way: nothing may be lost, memory must stay flat.

`python tools/soak.py --requests 20000 --plot soak.svg` starts a chain, a node and a requester; samples the node's
memory and handles; ends it once by SIGTERM and once by SIGKILL; and checks at the end that every request is FINAL with
the right output, that each was answered and finalised once, and that no wei is left behind. Exit status 1 if not.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil

from lockstep.chain.account import dev_account
from lockstep.chain.anvil import LocalChainOptions
from lockstep.chain.binding import find_events
from lockstep.chain.bindings.arbiter import Asserted, Finalised, Requested, Status
from lockstep.chain.bindings.shared import Job
from lockstep.chain.deployment import write_deployment
from lockstep.chain.outbox import Lane
from lockstep.exec.run import Program
from lockstep.features.inference.answers import honest_answer, join_inputs
from lockstep.ir.format import write_model
from lockstep.ir.importer import compile_model
from lockstep.node.journal import Journal
from lockstep.testing.network import Network, open_network
from lockstep.types import Amount, Digest

MODEL = Path(__file__).resolve().parents[1] / "examples" / "digits" / "digits.onnx"
NODE, REQUESTER = dev_account(2), dev_account(1)
BLOCK_SECONDS = 0.25
BURST = 100
"""Requests between two looks."""
WINDOW_SECONDS, YEAR = 600, 365 * 24 * 3600
FEE, BOND, GAS_PRICE, REQUEST_GAS = 10**12, 10**16, 10**10, 400_000
INPUTS = 16
"""Different inputs, in turn."""
WARM_SHARE = 0.4
"""Of a life's samples, until caches are full."""
MOST_GROWTH_PERCENT = 3.0
LEAST_SAMPLES = 10
TICK_SECONDS, PASS_SECONDS, PATIENCE_SECONDS = 0.05, 2, 600
"""Between two looks; between two jumps of the clock, each a block with a copy of the state; without progress."""


@dataclass(frozen=True)
class Sample:
    """The node's process after so many final requests. ``life`` counts its starts."""

    requests: int
    seconds: float
    life: int
    resident_bytes: int
    handles: int
    threads: int


class Node:
    """The process under test."""

    def __init__(self, network: Network) -> None:
        self.folder = network.folder / "node"
        (self.folder / "models").mkdir(parents=True)
        write_model(self.folder / "models" / "digits.lockstep", network.graph)
        write_deployment(self.folder / "deployment.json", network.deployment)
        (self.folder / "lockstep-node.toml").write_text(
            f'roles = ["server", "challenger"]\nrpc = "{network.rpc.url}"\ndeployment = "deployment.json"\n'
            'models = "models"\njournal = "node.sqlite"\npoll_seconds = 0.05\nlisten = "127.0.0.1:0"\n'
            'log_level = "warning"\n'
        )
        self.life = 0
        self.log = (self.folder / "log.txt").open("ab")
        self.start()

    def start(self) -> None:
        self.life += 1
        command = [sys.executable, "-m", "lockstep.cli", "node", "run"]
        self.process = subprocess.Popen(
            command, cwd=self.folder, stderr=self.log, stdout=self.log, env=dict(os.environ)
        )

    def restart(self, number: int) -> None:
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE_SECONDS)
        assert status == (0 if number == signal.SIGTERM else -number), status
        self.start()

    def sample(self, requests: int, seconds: float) -> Sample:
        process = psutil.Process(self.process.pid)
        memory = process.memory_info().rss
        return Sample(requests, seconds, self.life, memory, process.num_fds(), process.num_threads())


class Soak:
    """The requester, the clock, and the books."""

    def __init__(self, network: Network, requests: int) -> None:
        self.network, self.requests = network, requests
        random = np.random.default_rng(7)
        (spec,) = network.graph.inputs
        draws = [random.integers(-100, 100, spec.shape).astype(spec.dtype.numpy) for _ in range(INPUTS)]
        self.inputs = [join_inputs(network.graph, [[draw]]) for draw in draws]
        self.roots = [Program(network.graph).run_trace([draw]).input_root for draw in draws]
        self.outputs = [honest_answer(network.graph, [[draw]]).output_root for draw in draws]
        self.nonce = network.rpc.read_nonce(REQUESTER.address)
        self.expected: dict[Digest, Digest] = {}
        self.samples: list[Sample] = []
        self.asserted = self.final = self.read_from = 0
        self.seen: Counter[tuple[str, Digest]] = Counter()
        self.roots_seen: dict[Digest, Digest] = {}

    def ask(self, count: int) -> None:
        """Sends without estimates and receipts: what arrived is read from the events."""
        rpc, arbiter = self.network.rpc, self.network.arbiter
        respond_by = rpc.read_block().timestamp + YEAR
        for _ in range(count):
            number = self.nonce % INPUTS
            terms = (1, Amount(FEE), Amount(BOND), WINDOW_SECONDS, respond_by, 0, self.nonce)
            job = Job(REQUESTER.address, self.network.model_id, self.roots[number], *terms)
            call = arbiter.request(job, self.inputs[number], value=Amount(FEE))
            fields = {"type": 2, "chainId": rpc.chain_id, "nonce": self.nonce, "value": call.value, "data": call.data}
            fields |= {"gas": REQUEST_GAS, "maxFeePerGas": GAS_PRICE, "maxPriorityFeePerGas": 1, "to": call.to}
            rpc.send_raw(REQUESTER.sign(fields).raw)
            self.nonce += 1

    def read(self) -> None:
        """The events since the last look, in the books."""
        rpc, arbiter = self.network.rpc, self.network.arbiter
        newest = rpc.read_block_number()
        if newest < self.read_from:
            return
        for logged in find_events(rpc.read_logs([arbiter.address], self.read_from, newest), [arbiter]):
            event = logged.event
            if isinstance(event, Requested):
                number = next(n for n, root in enumerate(self.roots) if root == event.job.input_root)
                self.expected[event.job_id] = self.outputs[number]
            elif isinstance(event, Asserted | Finalised):
                self.seen[type(event).__name__, event.job_id] += 1
                self.roots_seen[event.job_id] = event.output_root
                self.asserted += isinstance(event, Asserted)
                self.final += isinstance(event, Finalised)
        self.read_from = newest + 1

    def report(self, sample: Sample) -> None:
        left = sample.seconds * (self.requests / sample.requests - 1)
        memory = sample.resident_bytes / 2**20
        sys.stderr.write(
            f"{sample.requests:,} of {self.requests:,} final, {sample.seconds:,.0f} s, about {left:,.0f} s left; "
            f"life {sample.life}, {memory:.0f} MiB, {sample.handles} handles\n"
        )

    def run(self, node: Node) -> float:
        """Until everything is final; the seconds it took."""
        started = moved = passed = time.monotonic()
        stops = {self.requests // 3: signal.SIGTERM, 2 * self.requests // 3: signal.SIGKILL}
        asked = sampled = 0
        while self.final < self.requests:
            before = self.final
            if asked < self.requests and asked - self.asserted < BURST:
                self.ask(min(BURST, self.requests - asked))
                asked += min(BURST, self.requests - asked)
            self.read()
            if self.asserted > self.final and time.monotonic() - passed > PASS_SECONDS:
                passed = time.monotonic()
                self.network.pass_time(WINDOW_SECONDS + 1)
            if self.final - sampled >= self.requests // 200:
                self.samples.append(node.sample(self.final, time.monotonic() - started))
                self.report(self.samples[-1])
                sampled = self.final
            for due in [due for due in stops if self.final >= due]:
                node.restart(stops.pop(due))
            moved = time.monotonic() if self.final > before else moved
            assert node.process.poll() is None and time.monotonic() - moved < PATIENCE_SECONDS, "the node stands still"
            time.sleep(TICK_SECONDS)
        return time.monotonic() - started


def audit(soak: Soak, node: Node) -> dict[str, object]:
    """What was lost or done twice: everything here must be 0."""
    network = soak.network
    records = Counter(network.record(job_id).status.name for job_id in soak.expected)
    journal = Journal(node.folder / "node.sqlite")
    waiting = len(journal.outbox.unfinished(Lane(network.rpc.chain_id, NODE.address)))
    journal.close()
    return {
        "requests_missing": soak.requests - len(soak.expected),
        "requests_not_final": soak.requests - records[Status.FINAL.name or ""],
        "outputs_wrong": sum(soak.roots_seen.get(job_id) != root for job_id, root in soak.expected.items()),
        "events_repeated": sum(count - 1 for count in soak.seen.values()),
        "transactions_waiting": waiting,
        "wei_left_in_contracts": sum(
            network.rpc.read_balance(address) for address in (network.arbiter.address, network.bracket.address)
        ),
    }


def growth(samples: list[Sample]) -> dict[str, float]:
    """The last life, from its warm part to its end: percent of memory, and handles."""
    life = [sample for sample in samples if sample.life == samples[-1].life]
    warm = life[int(len(life) * WARM_SHARE) :]
    if len(warm) < LEAST_SAMPLES:
        return {"memory_percent": 0.0, "handles": 0.0}
    third = len(warm) // 3
    first, last = warm[:third], warm[-third:]
    memory = [statistics.median(one.resident_bytes for one in part) for part in (first, last)]
    handles = [statistics.median(one.handles for one in part) for part in (first, last)]
    return {"memory_percent": 100 * (memory[1] / memory[0] - 1), "handles": handles[1] - handles[0]}


def draw(samples: list[Sample], requests: int) -> str:
    """Memory and handles over requests, as SVG; a gap where the node was started again."""
    memory = [(one.requests, one.resident_bytes / 2**20, one.life) for one in samples]
    handles = [(one.requests, float(one.handles), one.life) for one in samples]
    panels = [("resident memory of the node, MiB", memory), ("open handles", handles)]
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" font-family="sans-serif" font-size="12">']
    parts.append('<rect width="720" height="420" fill="#ffffff"/>')
    for panel, (title, points) in enumerate(panels):
        top, height = 30 + 200 * panel, 140
        highest = max(value for _, value, _ in points) * 1.2
        parts.append(f'<text x="60" y="{top - 8}" fill="#222">{title}</text>')
        for share in (0, 0.5, 1):
            y = top + height * (1 - share)
            parts.append(f'<line x1="60" x2="700" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
            parts.append(f'<text x="54" y="{y + 4:.1f}" text-anchor="end" fill="#555">{highest * share:.0f}</text>')
        for life in sorted({life for *_, life in points}):
            line = " ".join(
                f"{60 + 640 * at / requests:.1f},{top + height * (1 - value / highest):.1f}"
                for at, value, one in points
                if one == life
            )
            parts.append(f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>')
        parts.append(
            f'<text x="700" y="{top + height + 16}" text-anchor="end" fill="#555">{requests:,} requests</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--plot", type=Path, help="an SVG file")
    parser.add_argument("--samples", type=Path, help="a JSON file with every sample")
    options = parser.parse_args()
    # Blocks by the clock: anvil copies its whole state for each block, and there would be 60,000.
    chain = LocalChainOptions(block_seconds=BLOCK_SECONDS, is_mixed=False)
    with tempfile.TemporaryDirectory() as folder, open_network(compile_model(MODEL), Path(folder), chain) as network:
        soak, node = Soak(network, options.requests), Node(network)
        try:
            seconds = soak.run(node)
            time.sleep(2)  # the last pay is fetched
            node.process.send_signal(signal.SIGTERM)
            assert node.process.wait(PATIENCE_SECONDS) == 0
        finally:
            if node.process.poll() is None:
                node.process.kill()
            sys.stderr.write((node.folder / "log.txt").read_text()[-2000:])
        losses, grown = audit(soak, node), growth(soak.samples)
    if options.plot:
        options.plot.write_text(draw(soak.samples, options.requests))
    if options.samples:
        options.samples.write_text(json.dumps([asdict(one) for one in soak.samples]))
    is_flat = grown["memory_percent"] <= MOST_GROWTH_PERCENT and grown["handles"] <= 0
    ok = not any(losses.values()) and is_flat
    megabytes = [round(one.resident_bytes / 2**20, 1) for one in soak.samples]
    document = {"ok": ok, "requests": options.requests, "seconds": round(seconds, 1), "lives": node.life} | losses
    document |= {"requests_per_second": round(options.requests / seconds, 1), "growth_of_last_life": grown}
    document |= {
        "memory_mebibytes": [min(megabytes), max(megabytes)],
        "handles": max(one.handles for one in soak.samples),
    }
    print(json.dumps(document, indent=2))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
