"""The one file that says what a node does; every value can also come from the environment as LOCKSTEP_NODE_NAME."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from lockstep.errors import ConfigError
from lockstep.node.plain_keys import refuse_plain_keys
from lockstep.store.backends import DEFAULT_GATEWAY

LISTEN_PATTERN: Final = r"^$|^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$"


class RoleName(StrEnum):
    """The roles that there are."""

    SERVER = "server"
    CHALLENGER = "challenger"
    PROVER = "prover"
    MEMBER = "member"
    WATCHER = "watcher"


class ChainSettings(BaseModel):
    """One chain, and who signs there."""

    rpc: str = "http://127.0.0.1:8545"
    deployment: Path = Path(".lockstep/deployment.json")
    journal: Path = Path(".lockstep/node.sqlite")
    account: int = Field(default=2, ge=0)
    keystore: Path | None = None
    password_file: Path | None = None
    signer: str | None = None
    signer_address: str | None = None
    signer_method: Literal["eth_signTransaction", "account_signTransaction"] = "eth_signTransaction"
    confirmations: int = Field(default=0, ge=0)
    max_fee_gwei: float = Field(default=500.0, gt=0)
    max_priority_fee_gwei: float = Field(default=100.0, ge=0)

    @model_validator(mode="after")
    def _one_signer(self) -> Self:
        if self.keystore and self.signer:
            raise ValueError("keystore and signer exclude each other")
        if bool(self.signer) != bool(self.signer_address):
            raise ValueError("signer and signer_address belong together")
        return self


class ChainConfig(ChainSettings):
    """One of several chains; ``name`` stands in logs and metrics."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="main", pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")


class ArtifactSettings(BaseModel):
    """Where inputs that a request does not carry are kept and found, and whether this node serves them to others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: Path = Path(".lockstep/artifacts")
    peers: tuple[str, ...] = ()
    gateway: str = DEFAULT_GATEWAY
    listen: str = Field(default="", pattern=LISTEN_PATTERN)
    largest_bytes: int = Field(default=1 << 30, gt=0)


class NodeConfig(BaseSettings, ChainSettings):
    """The configuration of one node; paths are relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix="LOCKSTEP_NODE_", extra="forbid", frozen=True)

    roles: tuple[RoleName, ...] = Field(min_length=1)
    models: Path = Path(".lockstep/models")
    poll_seconds: float = Field(default=1.0, gt=0)
    least_fee_wei: int = Field(default=0, ge=0)
    least_fee_wei_per_second: int = Field(default=0, ge=0)
    margin_seconds: float = Field(default=10.0, ge=0)
    listen: str = Field(default="", pattern=LISTEN_PATTERN)
    max_lag_blocks: int = Field(default=32, ge=0)
    log: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    least_fees_wei: dict[str, int] = Field(default_factory=dict)
    artifacts: ArtifactSettings = ArtifactSettings()
    chains: tuple[ChainConfig, ...] = ()

    @model_validator(mode="after")
    def _chains_stand_alone(self) -> Self:
        if not self.chains:
            return self
        if mixed := sorted(self.model_fields_set & set(ChainSettings.model_fields)):
            raise ValueError(f"{mixed[0]} belongs into one of the [[chains]]")
        for field in ("name", "journal"):
            values = [getattr(chain, field) for chain in self.chains]
            if twice := next((value for value in values if values.count(value) > 1), None):
                raise ValueError(f"two [[chains]] have the {field} {twice}")
        return self

    @property
    def all_chains(self) -> tuple[ChainConfig, ...]:
        """The chains, also when there is only the one that the file's own settings name."""
        own = {name: getattr(self, name) for name in ChainSettings.model_fields}
        return self.chains or (ChainConfig(**own),)

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
    refuse_plain_keys(values, path)
    try:
        return NodeConfig(**values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "settings"
        value = first.get("input") if first["loc"] else None
        remedy = "see the comments that `lockstep node init` writes"
        raise ConfigError("config/invalid", f"{key}: {first['msg']}", value=value, remedy=remedy) from None
    except SettingsError as error:
        remedy = "a list in the environment is written as JSON: '[\"server\"]'"
        raise ConfigError("config/invalid", f"the environment: {error}", remedy=remedy) from error
