"""What a network on one machine consists of: its nodes, models and places, kept in one file of its folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from lockstep.errors import ConfigError
from lockstep.features.place import Place
from lockstep.node.config import RoleName
from lockstep.types import Address, Digest

PLAN_FILE: Final = "net.json"
CONFIG_FILE: Final = "lockstep-node.toml"
MODEL_NAME: Final = "model"


@dataclass(frozen=True, slots=True)
class NodePlan:
    """One node: who it is, what it does, where its pages and its artifacts are."""

    name: str
    address: Address
    roles: tuple[RoleName, ...]
    host: str
    pages_port: int
    artifacts_port: int

    @property
    def artifacts_url(self) -> str:
        """Where peers ask it."""
        return f"http://{self.host}:{self.artifacts_port}"

    @property
    def ready_url(self) -> str:
        """Whether it can work."""
        return f"http://{self.host}:{self.pages_port}/readyz"


@dataclass(frozen=True, slots=True)
class NetPlan:
    """A network. The model is on record twice: as it is, for bonds and committees, and with its key, for proofs.

    ``host``: this machine, as nodes see it. ``subnet`` None: nodes share the machine's own network.
    """

    nodes: tuple[NodePlan, ...]
    model_id: Digest
    proof_model_id: Digest
    host: str
    chain_port: int
    requester_port: int
    subnet: int | None

    @property
    def chain_url(self) -> str:
        """Where nodes reach the chain."""
        return f"http://{self.host}:{self.chain_port}"

    @property
    def requester_url(self) -> str:
        """Where nodes fetch inputs that requests do not carry."""
        return f"http://{self.host}:{self.requester_port}"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of a network."""

    path: Path

    @property
    def place(self) -> Place:
        """As every other command sees it: `--home` of the network is a home."""
        return Place(self.path)

    @property
    def model(self) -> Path:
        """The compiled model; its key and the key's secret lie beside it."""
        return self.path / "model" / f"{MODEL_NAME}.lockstep"

    @property
    def requester(self) -> Path:
        """What the requester of `net chaos` keeps and serves."""
        return self.path / "requester"

    def node(self, node: NodePlan | str) -> Path:
        """Key, journal, models, artifacts and log of a node."""
        return self.path / "nodes" / (node if isinstance(node, str) else node.name)


def write_plan(home: Home, plan: NetPlan) -> None:
    """Whole or not at all."""
    content = asdict(plan)
    content |= {"model_id": plan.model_id.hex(), "proof_model_id": plan.proof_model_id.hex()}
    unfinished = home.path / (PLAN_FILE + ".part")
    unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(home.path / PLAN_FILE)


def find_plan(home: Home) -> NetPlan | None:
    """The network of a folder, if there is one. Raises ``ConfigError`` ``net/plan``."""
    try:
        content: dict[str, Any] = json.loads((home.path / PLAN_FILE).read_text(encoding="utf-8"))
        nodes = tuple(
            NodePlan(**(node | {"roles": tuple(RoleName(role) for role in node["roles"])})) for node in content["nodes"]
        )
        ids = {name: Digest(bytes.fromhex(content[name])) for name in ("model_id", "proof_model_id")}
        return NetPlan(**(content | ids | {"nodes": nodes}))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            "net/plan", "the network's file cannot be read", value=home.path / PLAN_FILE, remedy="delete the folder"
        ) from error


def read_plan(home: Home) -> NetPlan:
    """The network of a folder. Raises ``ConfigError`` ``net/none``."""
    plan = find_plan(home)
    if plan is None:
        raise ConfigError("net/none", "there is no network here", value=home.path, remedy="run `lockstep net up`")
    return plan
