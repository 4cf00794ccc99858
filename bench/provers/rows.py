"""What a proof cost each side, as rows, and the ratios that were promised."""

from collections.abc import Callable, Iterator

from bench.provers.chain import ChainGas
from bench.provers.costs import Costs, Failure, Side
from bench.provers.lockstep import ChainProof
from bench.provers.models import Case
from lockstep.proof.files import ProofFile
from lockstep.testing.bench import Row, at_least, at_most

MEMORY_RATIO = 0.2
"""Peak memory, ours as a share of EZKL's."""

MEBIBYTE = 2**20
OURS, THEIRS = "Lockstep", "EZKL"


def side_rows(case: Case, name: str, side: Side) -> Iterator[Row]:
    """Every figure of one side."""
    if isinstance(side, Failure):
        yield Row(case.name, f"{name}: failed at {side.step}", side.reason, "")
        return
    yield Row(case.name, f"{name}: set-up", side.setup_seconds, "s")
    limit = case.prove_limit if name == OURS else None
    yield at_most(case.name, f"{name}: prove", side.prove_seconds, unit="s", limit=limit)
    yield Row(case.name, f"{name}: prove, processor time", side.prove_processor_seconds, "s")
    yield from (Row(case.name, f"{name}: {metric}", value, unit) for metric, value, unit in side.notes)
    yield Row(case.name, f"{name}: verify", side.verify_seconds, "s")
    yield Row(case.name, f"{name}: proof", side.proof_bytes, "bytes")
    yield Row(case.name, f"{name}: peak memory", _mebibytes(side.peak_memory), "MiB")
    yield Row(case.name, f"{name}: of which libraries, before anything is done", _mebibytes(side.idle_memory), "MiB")
    yield Row(case.name, f"{name}: proving itself, above the libraries", _mebibytes(_above(side)), "MiB")
    yield Row(case.name, f"{name}: largest difference from the fp32 outputs", side.error, "")


def _above(side: Costs) -> int:
    """What work adds to loaded libraries."""
    return max(0, side.peak_memory - side.idle_memory)


def _mebibytes(count: int) -> float:
    return round(count / MEBIBYTE, 1)


def comparison_rows(case: Case, ours: Side, theirs: Side) -> Iterator[Row]:
    """The promised ratios. Without a proof of ours none holds; without one of theirs there is no time to compare.

    Times are the processor's: on one core they are the clock's, less what else the machine did.
    """
    metric = "prove, EZKL / Lockstep"
    if isinstance(ours, Failure):
        yield _missed(case.name, metric, f">= {case.prove_ratio:g}" if case.prove_ratio else None)
    elif isinstance(theirs, Failure):
        yield Row(case.name, metric, "no proof of EZKL", "")
    else:
        ratio = round(theirs.prove_processor_seconds / ours.prove_processor_seconds, 1)
        yield at_least(case.name, metric, ratio, unit="×", limit=case.prove_ratio)
        clock = round(theirs.prove_seconds / ours.prove_seconds, 1)
        yield Row(case.name, f"{metric}, by the clock", clock, "×")
    yield _memory_row(case, ours, theirs)
    if isinstance(ours, Costs) and isinstance(theirs, Costs) and _above(theirs):
        metric = "memory above the libraries, Lockstep / EZKL (no promise)"
        yield Row(case.name, metric, round(_above(ours) / _above(theirs), 3), "×")


def _memory_row(case: Case, ours: Side, theirs: Side) -> Row:
    """Where EZKL ran into the limit, the limit is what it needed at least."""
    bound = theirs.peak_memory if isinstance(theirs, Costs) else theirs.memory
    metric = "peak memory, Lockstep / EZKL" + (" (which needs more)" if isinstance(theirs, Failure) else "")
    if isinstance(ours, Failure):
        return _missed(case.name, metric, f"<= {MEMORY_RATIO:g}")
    if bound is None:
        return Row(case.name, metric, "no proof of EZKL", "")
    return at_most(case.name, metric, round(ours.peak_memory / bound, 3), unit="×", limit=MEMORY_RATIO)


def _missed(case: str, metric: str, target: str | None) -> Row:
    return Row(case, metric, "no proof of Lockstep", "", target, None if target is None else False)


def chain_rows(
    case: Case, passes: int, side: ChainProof | Failure, verify: Callable[[ProofFile], ChainGas]
) -> Iterator[Row]:
    """A proof in the preset for chains, verified in a transaction: what its bytes cost, and what is executed."""
    name = f"{OURS} on chain, {passes} runs" if passes > 1 else f"{OURS} on chain"
    limit = case.chain_gas[passes]
    metric = f"{name}: gas of each run" if passes > 1 else f"{name}: gas"
    if isinstance(side, Failure):
        yield Row(case.name, f"{name}: failed at {side.step}", side.reason, "")
        yield Row(case.name, metric, "no proof of Lockstep", "gas", f"<= {limit:,}", False)
        return
    gas = verify(side.file)
    yield Row(case.name, f"{name}: preset", side.file.key.parameters.name, "")
    yield Row(case.name, f"{name}: prove", side.seconds, "s")
    yield Row(case.name, f"{name}: proof", len(side.file.proof), "bytes")
    yield Row(case.name, f"{name}: calldata", gas.standard, "gas")
    yield Row(case.name, f"{name}: calldata floor", gas.floor, "gas")
    yield Row(case.name, f"{name}: execution", gas.execution, "gas")
    if passes > 1:
        yield Row(case.name, f"{name}: gas of the transaction", gas.total, "gas")
    each = round(gas.total / passes)
    yield Row(case.name, metric, each, "gas", f"<= {limit:,}", each <= limit)
