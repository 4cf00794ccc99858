"""The proof as a stream: what is read is absorbed at once, and every byte is read (proof.md, section 1)."""

from lockstep.crypto.goldilocks import Element, decode_element
from lockstep.crypto.transcript import Transcript
from lockstep.errors import ProofError

ELEMENT_BYTES = 16
ROOT_BYTES = 26
NONCE_BYTES = 8


class ProofReader:
    """Reads a proof from its start to its end; raises ``proof/length`` when bytes are missing or left over."""

    def __init__(self, proof: bytes, transcript: Transcript) -> None:
        self.proof = proof
        self.transcript = transcript
        self.place = 0

    def take(self, count: int) -> bytes:
        """The next bytes, which are not absorbed: roots bind them."""
        data = self.proof[self.place : self.place + count]
        if len(data) != count:
            raise ProofError("proof/length", "the proof ends too early", value=len(self.proof))
        self.place += count
        return data

    def root(self) -> bytes:
        """A Merkle root."""
        data = self.take(ROOT_BYTES)
        self.transcript.absorb(data)
        return data

    def elements(self, count: int) -> tuple[Element, ...]:
        """``clear count``, or ``masked count``: what is sent is read alike."""
        data = self.take(ELEMENT_BYTES * count)
        self.transcript.absorb(data)
        return tuple(
            decode_element(data[start : start + ELEMENT_BYTES]) for start in range(0, len(data), ELEMENT_BYTES)
        )

    def work(self, bits: int) -> None:
        """A nonce with ``bits`` zero bits, or nothing if none are asked."""
        if not bits:
            return
        nonce = self.take(NONCE_BYTES)
        if not self.transcript.check_work(int.from_bytes(nonce, "big"), bits):
            raise ProofError("proof/work", "a nonce shows no work", value=nonce.hex())
        self.transcript.absorb(nonce)

    def challenge(self) -> Element:
        """The next challenge."""
        return self.transcript.challenge()

    def challenges(self, count: int) -> tuple[Element, ...]:
        """The next challenges."""
        return tuple(self.transcript.challenges(count))

    def finish(self) -> None:
        """The proof must end here."""
        if self.place != len(self.proof):
            raise ProofError("proof/length", "the proof has bytes left over", value=len(self.proof) - self.place)
