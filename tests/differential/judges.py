"""Both verifiers as one: each test asks them together, and they have to agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lockstep.errors import ProofError
from lockstep.proof.parameters import Parameters
from lockstep.proof.statement import Statement
from lockstep.proof.verifier import verify_proof
from tests.contracts.bracket_machine.engine import revm_environment
from tests.contracts.proof_cases import ACCEPTED, arguments, contract_answer, deploy_verifier

MOST_GAS = 3_000_000
UNSHARED = ("proof/program", "proof/public")
"""The contract is called with programs that a model id names: it does not check their rules, and meets the shape of a
public tensor, or a size that no contract has room for, in another order. It refuses, with any code."""


@dataclass(frozen=True)
class Judges:
    """The Python verifier and the contract, with the same whitelist."""

    contract: Any
    presets: tuple[Parameters, ...]
    most_gas: int
    """For a transaction that is accepted: twice what an honest proof was measured to take."""

    def verdict(self, statement: Statement, proof: bytes) -> str:
        """``accepted``, or the code of the refusal; asserts that both say the same."""
        expected = self.python(statement, proof)
        found, gas = contract_answer(self.contract, arguments(statement, proof))
        if found == ACCEPTED:
            assert gas <= self.most_gas
        if expected in UNSHARED:
            assert found != ACCEPTED, expected
        else:
            assert found == expected
        return expected

    def python(self, statement: Statement, proof: bytes) -> str:
        try:
            verify_proof(statement, proof, presets=self.presets)
        except ProofError as error:
            return error.code
        return ACCEPTED

    def accept(self, statement: Statement, proof: bytes) -> None:
        assert self.verdict(statement, proof) == ACCEPTED

    def refusal(self, statement: Statement, proof: bytes) -> str:
        """The code with which both refuse."""
        code = self.verdict(statement, proof)
        assert code.startswith("proof/"), code
        return code


@contextmanager
def judges(*presets: Parameters, most_gas: int = MOST_GAS) -> Iterator[Judges]:
    """In a fresh EVM."""
    with revm_environment():
        yield Judges(deploy_verifier(*presets), presets, most_gas)
