"""The step kernels in titanoboa, compiled once a process, with a step as one call."""

import contextlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boa

from lockstep.dispute.step import Position
from lockstep.errors import ProofError

CONTRACTS = Path(__file__).parents[3] / "contracts"


@dataclass(frozen=True)
class StepContracts:
    """The router and what it routes to."""

    router: Any
    kernels: dict[str, Any]

    def evaluate(self, position: Position, descriptor: bytes, witness: bytes) -> int:
        """What the kernel of the descriptor's operator answers. Raises ``ProofError`` with its revert text."""
        with _reverts_as_proof_errors():
            address = self.router.kernel_of(int.from_bytes(descriptor[:4], "big"))
            return int(self.kernels[str(address)].evaluate(astuple(position), descriptor, witness))

    def calldata(self, position: Position, descriptor: bytes, witness: bytes) -> bytes:
        """The call of ``IStep.evaluate`` as bytes."""
        kernel = next(iter(self.kernels.values()))
        return bytes(kernel.evaluate.prepare_calldata(astuple(position), descriptor, witness))

    def gas(self, opcode: int) -> int:
        """Execution gas of the last call to the kernel of an operator."""
        return int(self.kernels[str(self.router.kernel_of(opcode))]._computation.get_gas_used())


def deploy_steps() -> StepContracts:
    """All kernels behind one router. For a fixture: titanoboa forgets what was deployed when a fixture ends."""
    kernels = [_compile(f"Steps{family}").deploy() for family in ("Linear", "Elementwise", "Window", "Trees")]
    router = _compile("Steps").deploy(*(kernel.address for kernel in kernels))
    return StepContracts(router=router, kernels={str(kernel.address): kernel for kernel in kernels})


@cache
def _compile(name: str) -> Any:
    return boa.load_partial(str(CONTRACTS / f"{name}.vy"))


@contextlib.contextmanager
def _reverts_as_proof_errors() -> Iterator[None]:
    """A revert text is a code; a revert without text is a bug and stays what it is."""
    try:
        yield
    except boa.BoaError as error:
        text = error.stack_trace.last_frame.pretty_vm_reason if error.stack_trace else ""
        if "/" not in str(text):
            raise
        raise ProofError(str(text), "the kernel refused") from None
