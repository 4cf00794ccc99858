"""A compiled contract as it ships in the package, so that nobody who uses it needs the compiler."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from lockstep.errors import ConfigError
from lockstep.types import Digest


@dataclass(frozen=True, slots=True)
class Artifact:
    """``runtime`` is the deployed code without the immutables, which the constructor appends."""

    contract: str
    creation: bytes
    runtime: bytes
    abi: tuple[dict[str, Any], ...]

    @property
    def digest(self) -> Digest:
        """Names what was compiled: the hash of the creation code."""
        return Digest(bytes(keccak(self.creation)))

    def is_code_of(self, deployed: bytes) -> bool:
        """Whether ``deployed`` is this contract, whatever its constructor was given."""
        return bool(self.runtime) and deployed.startswith(self.runtime)


@cache
def load_artifact(path: Path) -> Artifact:
    """Read one file that tools/generate_bindings.py wrote."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        code = [bytes.fromhex(content[field].removeprefix("0x")) for field in ("creation", "runtime")]
        return Artifact(content["contract"], code[0], code[1], tuple(content["abi"]))
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            "chain/no-artifact",
            f"the compiled contract {path.stem} cannot be read",
            value=error,
            remedy="install the package again, or run tools/generate_bindings.py in a checkout",
        ) from error
