"""What a node counts, under the names that Prometheus asks for: base units, `_total` on what only grows."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from lockstep.chain.receipt import Receipt
from lockstep.node.admission import Decision, Refusal

RUN_BUCKETS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)
JOB_STATES: Final = ("open", "asserted", "disputed", "final", "void")
DISPUTING: Final = ("challenge", "defend")
ANSWERING: Final = ("assert", "prove")

disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """One registry for the whole process; ``chain`` gives the view of one chain."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self.jobs = Gauge("lockstep_jobs", "Jobs that were seen, by state.", ["chain", "state"], registry=registry)
        self.answers = Counter("lockstep_answers", "Answers on chain.", ["chain", "role"], registry=registry)
        self.disputes = Counter(
            "lockstep_disputes", "Disputes begun or defended.", ["chain", "role"], registry=registry
        )
        self.transactions = Counter(
            "lockstep_transactions", "Transactions by end.", ["chain", "purpose", "outcome"], registry=registry
        )
        self.gas = Counter("lockstep_gas_used", "Gas of transactions.", ["chain", "purpose"], registry=registry)
        self.spent = Counter("lockstep_gas_spent_wei", "Wei paid for gas.", ["chain"], registry=registry)
        self.balance = Gauge(
            "lockstep_account_balance_wei", "What the account has.", ["chain", "account"], registry=registry
        )
        self.lag = Gauge("lockstep_cursor_lag_blocks", "Blocks not read yet.", ["chain"], registry=registry)
        self.queue = Gauge("lockstep_queue_jobs", "Jobs taken, not answered yet.", ["chain", "role"], registry=registry)
        self.queue_seconds = Gauge(
            "lockstep_queue_seconds", "Expected work of the queue.", ["chain", "role"], registry=registry
        )
        self.refused = Counter(
            "lockstep_refused_jobs", "Jobs left to others.", ["chain", "role", "reason"], registry=registry
        )
        self.errors = Counter("lockstep_step_errors", "Steps that failed.", ["chain", "code"], registry=registry)
        self.last_step = Gauge(
            "lockstep_last_step_timestamp_seconds", "When the last step ended.", ["chain"], registry=registry
        )
        self.models = Gauge("lockstep_models", "Models that are offered.", registry=registry)
        self.seconds = Histogram(
            "lockstep_inference_duration_seconds",
            "Time of one pass with its trace.",
            ["model"],
            buckets=RUN_BUCKETS,
            registry=registry,
        )

    def render(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self.registry)

    def chain(self, name: str) -> "ChainMetrics":
        """The same, for one chain."""
        return ChainMetrics(self, name)


class ChainMetrics:
    """What the runner of one chain reports."""

    def __init__(self, metrics: Metrics, chain: str) -> None:
        self._all, self._chain = metrics, chain

    def stepped(self, *, lag_blocks: int, states: Mapping[str, int]) -> None:
        """A step has ended."""
        self._all.last_step.labels(self._chain).set_to_current_time()
        self._all.lag.labels(self._chain).set(lag_blocks)
        for state in JOB_STATES:
            self._all.jobs.labels(self._chain, state).set(states.get(state, 0))

    def failed(self, code: str) -> None:
        """A step could not be done."""
        self._all.errors.labels(self._chain, code).inc()

    def funded(self, account: str, balance: int) -> None:
        """What the account has."""
        self._all.balance.labels(self._chain, account).set(balance)

    def ended(self, role: str, purpose: str, outcome: str, receipt: Receipt | None = None) -> None:
        """An action has ended: done, overtaken, reverted or failed."""
        self._all.transactions.labels(self._chain, purpose, outcome).inc()
        if receipt is None:
            return
        self._all.gas.labels(self._chain, purpose).inc(receipt.gas_used)
        self._all.spent.labels(self._chain).inc(receipt.fee)
        if purpose in ANSWERING:
            self._all.answers.labels(self._chain, role).inc()
        elif purpose in DISPUTING:
            self._all.disputes.labels(self._chain, role).inc()

    def decided(self, role: str, decision: Decision, newly: Refusal | None) -> None:
        """A role has looked at the open jobs."""
        if newly is not None:
            self._all.refused.labels(self._chain, role, str(newly)).inc()
            return
        self._all.queue.labels(self._chain, role).set(len(decision.taken))
        self._all.queue_seconds.labels(self._chain, role).set(sum(decision.taken.values()))
