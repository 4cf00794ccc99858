"""The local chain that outlives the command which started it (`lockstep up`), and is found again by a file."""

import json
import signal
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from lockstep.chain.anvil import STOP_SECONDS, LocalChainOptions, launch, local_url
from lockstep.chain.detached import DetachedProcess
from lockstep.errors import ChainError

PID_FILE: Final = "chain.pid.json"
STATE_FILE: Final = "chain.state.json"
LOG_FILE: Final = "chain.log"


@dataclass(frozen=True, slots=True)
class LocalService(DetachedProcess):
    """A detached anvil."""

    port: int
    chain_id: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return local_url(self.port)


def start_service(directory: Path, options: LocalChainOptions) -> LocalService:
    """The chain of ``directory``: the one that runs, or a new one with the state that is kept there."""
    if (running := find_service(directory)) is not None:
        return running
    directory.mkdir(parents=True, exist_ok=True)
    options = replace(options, state=directory / STATE_FILE)
    process, actual_port = launch(options, directory / LOG_FILE, directory, dies_with_parent=False)
    process.returncode = 0  # from here on it is not ours to wait for
    found = DetachedProcess.of(process.pid)
    service = LocalService(found.pid, found.started_at, actual_port, options.chain_id)
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
        service.signal(signal.SIGTERM)
        if not service.has_ended(STOP_SECONDS):
            raise ChainError("chain/did-not-stop", "the local chain does not stop", value=service.pid)
    (directory / PID_FILE).unlink(missing_ok=True)
    return service is not None
