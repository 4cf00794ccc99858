"""Where commands keep their state: one folder, `.lockstep` in the working directory unless told otherwise."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="LOCKSTEP_HOME", help="Folder for state: chain, deployment, models, journal.")
]
DEFAULT_HOME = Path(".lockstep")


@dataclass(frozen=True, slots=True)
class Place:
    """The folders and files of one ``home``."""

    home: Path

    @property
    def chain(self) -> Path:
        """State and log of the local chain."""
        return self.home / "chain"

    @property
    def deployment(self) -> Path:
        """Where the contracts are."""
        return self.home / "deployment.json"

    @property
    def outbox(self) -> Path:
        """What was signed, so that nothing is sent twice."""
        return self.home / "outbox.sqlite"

    def planted_path(self, seal: bytes) -> Path:
        """Where the answer of a planted question is kept until it is shown."""
        return self.home / "planted" / f"{seal.hex()}.json"

    @property
    def models(self) -> Path:
        """Compiled models by id."""
        return self.home / "models"

    def model_path(self, model_id: bytes) -> Path:
        """Where a registered model is kept."""
        return self.models / f"{model_id.hex()}.lockstep"

    @property
    def artifacts(self) -> Path:
        """Artifacts by root."""
        return self.home / "artifacts"
