"""The transcript: challenges that depend on everything said before (docs/specs/proof.md, section 1)."""

from lockstep.crypto.goldilocks import MODULUS, Element
from lockstep.crypto.hashing import keccak256

PROTOCOL = b"lockstep-zk/v1|"
NONCE_BYTES = 8
_HALF = 2**128
_LANES = 8


class Transcript:
    """Fiat-Shamir over Keccak-256. ``state`` is the hash of all that was absorbed and drawn."""

    def __init__(self, tag: bytes) -> None:
        self.state = bytes(keccak256(PROTOCOL, tag))

    def absorb(self, data: bytes) -> None:
        self.state = bytes(keccak256(self.state, data))

    def challenge(self) -> Element:
        """A random element; each half is biased by 2^-64."""
        self.state = bytes(keccak256(self.state, b"\x01"))
        number = int.from_bytes(self.state, "big")
        return number % _HALF % MODULUS, (number >> 128) % MODULUS

    def challenges(self, count: int) -> list[Element]:
        return [self.challenge() for _ in range(count)]

    def indices(self, count: int, log_size: int) -> list[int]:
        """``count`` places below ``2^log_size``, repetitions included."""
        mask, places = (1 << log_size) - 1, list[int]()
        while len(places) < count:
            self.state = bytes(keccak256(self.state, b"\x02"))
            number = int.from_bytes(self.state, "big")
            places += [number >> (32 * lane) & mask for lane in range(_LANES)]
        return places[:count]

    def check_work(self, nonce: int, bits: int) -> bool:
        """Whether ``H(state ‖ nonce)`` begins with ``bits`` zero bits."""
        digest = keccak256(self.state, nonce.to_bytes(NONCE_BYTES, "big"))
        return int.from_bytes(digest, "big") >> (256 - bits) == 0
