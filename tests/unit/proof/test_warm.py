"""Loading kernels: the page-size program compiles all that a real proof calls."""

import subprocess
import sys

from lockstep.proof.prover.warm import PROGRAM, compile_proof_kernels
from lockstep.proof.validity import verify_program

PROBE = """
import lockstep.crypto.encoding, lockstep.crypto.proof_of_work, lockstep.crypto.sumcheck_kernels
import lockstep.crypto.vector_kernels, lockstep.proof.prover.fractions
from lockstep.proof.prover.warm import compile_proof_kernels
compile_proof_kernels()
import sys
for name in [name for name in sys.modules if name.startswith("lockstep.")]:
    for label, value in vars(sys.modules[name]).items():
        if type(value).__name__ == "CPUDispatcher" and value.targetoptions.get("cache") and not value.signatures:
            print(name, label)
"""
"""Every cached kernel of prover and crypto that was not called."""


def test_program_is_valid() -> None:
    verify_program(PROGRAM)
    compile_proof_kernels()


def test_no_kernel_of_the_prover_is_left_for_the_first_proof() -> None:
    found = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True).stdout
    ours = [line for line in found.splitlines() if "lockstep.proof" in line or "_kernels" in line or "encoding" in line]
    assert [line for line in ours if not line.startswith("lockstep.crypto.kernels")] == []
