"""The one file that says what a node does; every value can also come from the environment as LOCKSTEP_NODE_NAME."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from lockstep.errors import ConfigError

EXAMPLE = """\
# A Lockstep node. Every line may be left out but `roles`; what stands here is the default.

# What it does: "server" answers jobs, "challenger" runs every claim again and disputes what is wrong, "prover" settles
# jobs by proof, for models that have a key and its secret beside them in the folder of models.
roles = ["challenger"]

# The chain, and the file that says where the contracts are (`lockstep up` writes one).
rpc = "http://127.0.0.1:8545"
deployment = ".lockstep/deployment.json"

# Compiled models (*.lockstep) that it knows. Jobs about other models are left to others.
models = ".lockstep/models"

# Its memory. Keep it: it holds what was signed and the secret behind commitments.
journal = ".lockstep/node.sqlite"

# On the local chain: which of its funded accounts signs. Elsewhere LOCKSTEP_KEYSTORE names an encrypted
# keystore, and LOCKSTEP_KEYSTORE_PASSWORD opens it; a key never stands in this file.
account = 2

# How often it looks, and how many blocks must stand on top of a block before it is believed.
poll_seconds = 1.0
confirmations = 0

# Jobs that pay less are not answered.
least_fee_wei = 0
"""


class RoleName(StrEnum):
    """The roles that there are."""

    SERVER = "server"
    CHALLENGER = "challenger"
    PROVER = "prover"


class NodeConfig(BaseSettings):
    """The configuration of one node; paths are relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix="LOCKSTEP_NODE_", extra="forbid", frozen=True)

    roles: tuple[RoleName, ...] = Field(min_length=1)
    rpc: str = "http://127.0.0.1:8545"
    deployment: Path = Path(".lockstep/deployment.json")
    models: Path = Path(".lockstep/models")
    journal: Path = Path(".lockstep/node.sqlite")
    account: int = Field(default=2, ge=0)
    poll_seconds: float = Field(default=1.0, gt=0)
    confirmations: int = Field(default=0, ge=0)
    least_fee_wei: int = Field(default=0, ge=0)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return env_settings, init_settings


def read_config(path: Path) -> NodeConfig:
    """The configuration in a TOML file. Raises ``ConfigError`` that names the line's key."""
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        remedy = "write one with `lockstep node init`"
        raise ConfigError("config/missing", "cannot read the configuration", value=path, remedy=remedy) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("config/malformed", f"{path} is not TOML: {error}") from error
    try:
        return NodeConfig(**values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        remedy = "see the comments that `lockstep node init` writes"
        raise ConfigError("config/invalid", f"{key}: {first['msg']}", value=first.get("input"), remedy=remedy) from None
    except SettingsError as error:
        remedy = "a list in the environment is written as JSON: '[\"server\"]'"
        raise ConfigError("config/invalid", f"the environment: {error}", remedy=remedy) from error


def write_example(path: Path) -> None:
    """A commented configuration. Raises ``ConfigError`` ``config/exists`` rather than overwrite one."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(EXAMPLE)
    except FileExistsError:
        raise ConfigError("config/exists", "the file exists", value=path, remedy="name another, or edit it") from None
