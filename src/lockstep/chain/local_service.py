"""The local chain that outlives the command which started it (`lockstep up`), and is found again by a file."""

import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from lockstep.chain.anvil import STOP_SECONDS, LocalChainOptions, launch, local_url
from lockstep.errors import ChainError

PID_FILE: Final = "chain.pid.json"
STATE_FILE: Final = "chain.state.json"
LOG_FILE: Final = "chain.log"


@dataclass(frozen=True, slots=True)
class LocalService:
    """A detached anvil. ``started_at`` tells it from a later process with the same id."""

    pid: int
    port: int
    chain_id: int
    started_at: float

    @property
    def url(self) -> str:
        """Where it answers."""
        return local_url(self.port)

    @property
    def is_running(self) -> bool:
        """Whether this very process is alive."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started_at) < 1
            return bool(is_same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False


def start_service(directory: Path, *, port: int, chain_id: int, block_seconds: int | None = None) -> LocalService:
    """The chain of ``directory``: the one that runs, or a new one with the state that is kept there."""
    if (running := find_service(directory)) is not None:
        return running
    directory.mkdir(parents=True, exist_ok=True)
    options = LocalChainOptions(port=port, state=directory / STATE_FILE, chain_id=chain_id, block_seconds=block_seconds)
    process, actual_port = launch(options, directory / LOG_FILE, directory, dies_with_parent=False)
    process.returncode = 0  # from here on it is not ours to wait for
    service = LocalService(process.pid, actual_port, chain_id, psutil.Process(process.pid).create_time())
    temporary = directory / (PID_FILE + ".part")
    temporary.write_text(json.dumps(asdict(service)) + "\n", encoding="utf-8")
    temporary.replace(directory / PID_FILE)
    return service


def find_service(directory: Path) -> LocalService | None:
    """The running chain of ``directory``, if there is one."""
    try:
        service = LocalService(**json.loads((directory / PID_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ChainError(
            "chain/pid-file",
            "the local chain's pid file cannot be read",
            value=directory / PID_FILE,
            remedy="delete it",
        ) from error
    return service if service.is_running else None


def stop_service(directory: Path) -> bool:
    """End the chain of ``directory``; its state is written before. False: none was running."""
    service = find_service(directory)
    if service is not None:
        os.kill(service.pid, signal.SIGTERM)
        _await_end(service)
    (directory / PID_FILE).unlink(missing_ok=True)
    return service is not None


def _await_end(service: LocalService) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while service.is_running:
        if time.monotonic() > deadline:
            raise ChainError("chain/did-not-stop", "the local chain does not stop", value=service.pid)
        time.sleep(0.02)
