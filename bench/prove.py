"""What a proof costs on one core beside EZKL: set-up, proving, verifying, bytes, memory; and a contract's gas."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from bench.provers import ezkl, lockstep
from bench.provers.chain import open_chain
from bench.provers.costs import Failure
from bench.provers.models import CASES, Case
from bench.provers.process import MEMORY_LIMIT, StepError
from bench.provers.rows import OURS, THEIRS, chain_rows, comparison_rows, side_rows
from lockstep.errors import LockstepError
from lockstep.testing.bench import Report, Row

CASE_NAMES = tuple(case.key for case in CASES)
Found = TypeVar("Found")


def rows(report: Report, chosen: Sequence[str]) -> Iterator[Row]:
    """Every chosen model in turn; a side that fails is a row that says so."""
    for case in (case for case in CASES if case.key in chosen):
        yield from case_rows(case, partial(tell, report, case.name))


def tell(report: Report, name: str, text: str) -> None:
    report(f"{name}: {text}")


def case_rows(case: Case, report: Report) -> Iterator[Row]:
    """Both sides on their forms of the same function, then the proofs for a chain."""
    theirs = attempt(partial(ezkl.measure, case.build_ezkl(), case.settings, proofs=case.ezkl_proofs, report=report))
    yield from side_rows(case, THEIRS, theirs)
    ours = attempt(partial(lockstep.measure, case.build(), report=report))
    yield from side_rows(case, OURS, ours)
    yield from comparison_rows(case, ours, theirs)
    if not case.chain_gas:
        return
    with open_chain() as chain:
        for passes in case.chain_gas:
            proved = attempt(partial(lockstep.prove_for_chain, case.build(), passes, report=report))
            yield from chain_rows(case, passes, proved, chain.verify)


def attempt(measure: Callable[[], Found]) -> Found | Failure:
    """What was measured, or how it failed."""
    try:
        return measure()
    except StepError as error:
        return Failure(error.step, error.reason, MEMORY_LIMIT if error.is_memory else None)
    except LockstepError as error:  # what others have taken hours to measure is not lost with it
        return Failure("reading", str(error))
