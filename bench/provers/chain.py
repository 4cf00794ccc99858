"""What the contract takes to verify a proof: one transaction on anvil, whose gas is held to the protocol's cap."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.provers.calldata import price
from lockstep.chain.account import dev_account
from lockstep.chain.anvil import LocalChain, LocalChainOptions
from lockstep.chain.binding import Transaction
from lockstep.chain.bindings.proof_keys import ProofKeys
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.proof_verifier import ProofVerifier
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.features.proofs.calling import verify_on_chain
from lockstep.proof.files import ProofFile
from lockstep.proof.parameters import PRESETS


@dataclass(frozen=True)
class ChainGas:
    """``total`` is the greater of ``floor`` and ``standard`` + execution; both hold the 21,000 of every call."""

    total: int
    standard: int
    floor: int

    @property
    def execution(self) -> int:
        """What is spent beyond the bytes; where only the floor is paid, at most this."""
        return self.total - self.standard


@dataclass(frozen=True)
class Chain:
    """A private chain with the verifier."""

    verifier: ProofVerifier
    sender: Sender

    def verify(self, file: ProofFile) -> ChainGas:
        """Verify a proof in a transaction. Raises ``RevertError`` if the contract refuses it."""
        call = verify_on_chain(self.verifier, file)
        receipt = self.sender.send(Transaction(call.to, call.data), key=file.proof[-32:].hex())
        bytes_alone = price(call.data)
        return ChainGas(receipt.gas_used, bytes_alone.standard, bytes_alone.floor)


@contextmanager
def open_chain() -> Iterator[Chain]:
    """With the two contracts that verify proofs; the chain ends with the block."""
    with LocalChain.start(LocalChainOptions()) as chain:
        sender = Sender(Rpc(chain.url), dev_account(0), MemoryOutbox())
        keys = sender.send(ProofKeys.deploy([preset.encode() for preset in PRESETS]), key="keys").contract_address
        assert keys is not None
        verifier = sender.send(ProofVerifier.deploy(keys), key="verifier").contract_address
        assert verifier is not None
        yield Chain(ProofVerifier(verifier), sender)
