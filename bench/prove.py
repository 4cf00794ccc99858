"""What a proof costs, side by side with EZKL: set-up, proving, verifying, bytes and memory, each on one core."""

from collections.abc import Callable, Iterator, Sequence

from bench.provers import ezkl, lockstep
from bench.provers.costs import Costs, Failure, Side
from bench.provers.models import CASES, Case
from bench.provers.process import MEMORY_LIMIT, StepError
from bench.provers.rows import OURS, THEIRS, comparison_rows, side_rows
from lockstep.testing.bench import Report, Row

CASE_NAMES = tuple(case.key for case in CASES)


def rows(report: Report, chosen: Sequence[str]) -> Iterator[Row]:
    """Both sides of every chosen model in turn; a side that fails is a row that says so."""
    for case in (case for case in CASES if case.key in chosen):
        ours, theirs = measure(case, report)
        yield from side_rows(case, THEIRS, theirs)
        yield from side_rows(case, OURS, ours)
        yield from comparison_rows(case, ours, theirs)


def measure(case: Case, report: Report) -> tuple[Side, Side]:
    """Lockstep and EZKL, each on its form of the same function."""

    def told(text: str) -> None:
        report(f"{case.name}: {text}")

    theirs = attempt(lambda: ezkl.measure(case.build_ezkl(), case.settings, proofs=case.ezkl_proofs, report=told))
    ours = attempt(lambda: lockstep.measure(case.build(), report=told))
    return ours, theirs


def attempt(side: Callable[[], Costs]) -> Side:
    """What it cost, or how it failed."""
    try:
        return side()
    except StepError as error:
        return Failure(error.step, error.reason, MEMORY_LIMIT if error.is_memory else None)
