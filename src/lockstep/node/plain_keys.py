"""Refuses configurations with a secret in them: files are copied, backed up and shown; keys must not be."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lockstep.errors import ConfigError

SECRET_NAMES: Final = frozenset(
    {"key", "private_key", "privatekey", "secret", "secret_key", "mnemonic", "seed", "seed_phrase", "password"}
)
KEY_SHAPE: Final = re.compile(r"(0x)?[0-9a-fA-F]{64}")
PHRASE_SHAPE: Final = re.compile(r"[a-z]{3,8}( [a-z]{3,8}){11,23}")
"""12 to 24 words, as wallets write a key down."""


def refuse_plain_keys(values: Mapping[str, object], path: Path) -> None:
    """Raises ``ConfigError`` ``config/plain-key`` that names the setting and never shows its value."""
    for name in _find_secrets(values, ""):
        raise ConfigError(
            "config/plain-key",
            f"{name} holds a secret in plain text",
            value=path,
            remedy="take it out (the key is known to whoever saw the file); use keystore and password_file, or signer",
        )


def _find_secrets(value: object, name: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _find_secrets(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _find_secrets(inner, f"{name}.{number}")
    elif name.rpartition(".")[2].lower().replace("-", "_") in SECRET_NAMES or _looks_secret(value):
        yield name


def _looks_secret(value: object) -> bool:
    return isinstance(value, str) and bool(KEY_SHAPE.fullmatch(value.strip()) or PHRASE_SHAPE.fullmatch(value.strip()))
