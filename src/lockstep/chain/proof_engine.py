"""The client of ProofEngine.yul (compiled by tools/compile_yul.mjs): it is only created, then ProofVerifier calls it."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from lockstep.chain.binding import Binding, Event, Transaction


@dataclass(frozen=True, slots=True)
class ProofEngine(Binding):
    """The deployed contract ``ProofEngine``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parent / "engines" / "ProofEngine.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = ()

    @classmethod
    def deploy(cls) -> Transaction:
        """The creation of a new ProofEngine."""
        return cls._creation((), ())
