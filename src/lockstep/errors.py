"""One tree of errors; every rejection has a code, the value that was refused and what to do about it.

LockstepError
├── ModelError      an ONNX file or a compiled model cannot be used
├── GraphError      an integer graph breaks a validity rule
├── ShapeError      a tensor does not fit where it is put
├── ProofError      an opening, path or witness does not verify
├── ProtocolError   a move, claim or job breaks a rule of the protocol
├── StoreError      an artifact is missing or does not match its name
├── ConfigError     a configuration value is missing or out of range
└── ChainError      the chain could not be reached or refused
    ├── AccountError   no key, or not enough funds
    └── RevertError    a contract reverted; ``code`` is its revert text
"""


class LockstepError(Exception):
    """A refusal. ``code`` is stable ("area/what", the contracts' revert text), ``remedy`` says what to do."""

    def __init__(self, code: str, message: str, *, value: object = None, remedy: str = "") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.value = value
        self.remedy = remedy

    def __str__(self) -> str:
        details = "; ".join(part for part in ("" if self.value is None else str(self.value), self.remedy) if part)
        return f"{self.code}: {self.message}" + (f" ({details})" if details else "")

    def as_dict(self) -> dict[str, str]:
        """The error as data, for ``--json``."""
        value = "" if self.value is None else str(self.value)
        return {"code": self.code, "message": self.message, "value": value, "remedy": self.remedy}


class ModelError(LockstepError):
    """An ONNX file or a compiled model cannot be used."""


class GraphError(LockstepError):
    """An integer graph breaks a validity rule."""


class ShapeError(LockstepError):
    """A tensor does not fit where it is put."""


class ProofError(LockstepError):
    """An opening, path or witness does not verify."""


class ProtocolError(LockstepError):
    """A move, claim or job breaks a rule of the protocol."""


class StoreError(LockstepError):
    """An artifact is missing or does not match its name."""


class ConfigError(LockstepError):
    """A configuration value is missing or out of range."""


class ChainError(LockstepError):
    """The chain could not be reached, or refused."""


class AccountError(ChainError):
    """No key, or not enough funds."""


class RevertError(ChainError):
    """A contract reverted; ``code`` is its revert text."""
