"""The processes of nodes: started so that they outlive the command, found again by a file, stopped, paused, killed."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from lockstep.chain.detached import DetachedProcess
from lockstep.cli.net.isolation import Switch
from lockstep.cli.net.plan import CONFIG_FILE, Home, NetPlan, NodePlan
from lockstep.errors import ConfigError

PROCESS_FILE: Final = "process.json"
LOG_FILE: Final = "log.txt"
READY_SECONDS: Final = 120.0
STOP_SECONDS: Final = 200.0
"""A node waits up to three minutes for transactions that are on their way."""
THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
HONEST: Final = "honest"


@dataclass(frozen=True, slots=True)
class NodeProcess(DetachedProcess):
    """A node that was started; ``kind`` is how it cheats, or "honest"."""

    kind: str

    @property
    def is_paused(self) -> bool:
        """Whether a signal has stopped it."""
        try:
            return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)
        except psutil.NoSuchProcess:
            return False


@dataclass(frozen=True)
class Fleet:
    """All nodes of a network, by number."""

    home: Home
    plan: NetPlan

    @property
    def switch(self) -> Switch | None:
        """What cuts nodes off; None where they share the machine's network."""
        return None if self.plan.subnet is None else Switch(self.plan.subnet)

    def find(self, number: int) -> NodeProcess | None:
        """The running process of a node."""
        path = self._folder(number) / PROCESS_FILE
        try:
            process = NodeProcess(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise ConfigError(
                "net/process", "a node's process file cannot be read", value=path, remedy="delete it"
            ) from error
        return process if process.is_running else None

    def start(self, number: int, kind: str = HONEST) -> NodeProcess:
        """Start a node, if it does not run. A dishonest one has the same key, journal and place."""
        if (running := self.find(number)) is not None:
            return running
        words = self._words(number, kind)
        limits = dict.fromkeys(THREAD_VARIABLES, "1")  # many nodes share the cores
        with (self._folder(number) / LOG_FILE).open("ab") as log:
            process = subprocess.Popen(
                words,
                cwd=self._folder(number),
                env=limits | os.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        process.returncode = 0  # from here on it is not ours to wait for
        found = DetachedProcess.of(process.pid)
        started = NodeProcess(found.pid, found.started_at, kind)
        unfinished = self._folder(number) / (PROCESS_FILE + ".part")
        unfinished.write_text(json.dumps(asdict(started)) + "\n", encoding="utf-8")
        unfinished.replace(self._folder(number) / PROCESS_FILE)
        return started

    def stop(self, numbers: Sequence[int]) -> None:
        """End nodes in good order, all at once. Raises ``ConfigError`` ``net/stop`` for one that does not end."""
        running = [(number, process) for number in numbers if (process := self.find(number)) is not None]
        for _, process in running:
            process.signal(signal.SIGCONT)
            process.signal(signal.SIGTERM)
        for number, process in running:
            if not process.has_ended(STOP_SECONDS):
                process.signal(signal.SIGKILL)
                name = self.plan.nodes[number].name
                raise ConfigError("net/stop", "a node did not end and was killed", value=name, remedy="see its log")
            (self._folder(number) / PROCESS_FILE).unlink(missing_ok=True)

    def kill(self, number: int) -> None:
        """End a node as a power cut would."""
        if (process := self.find(number)) is not None:
            process.signal(signal.SIGKILL)
            process.has_ended(STOP_SECONDS)

    def await_ready(self, numbers: Sequence[int]) -> None:
        """Until nodes can work. Raises ``ConfigError`` ``net/not-ready`` with the end of a log."""
        deadline = time.monotonic() + READY_SECONDS
        for number in numbers:
            while not is_ready(self.plan.nodes[number]):
                if self.find(number) is None or time.monotonic() > deadline:
                    raise ConfigError(
                        "net/not-ready",
                        f"{self.plan.nodes[number].name} does not start: {last_line(self._folder(number) / LOG_FILE)}",
                        value=self._folder(number) / LOG_FILE,
                        remedy="read its log",
                    )
                time.sleep(0.1)

    def _words(self, number: int, kind: str) -> list[str]:
        config = ["--config", CONFIG_FILE]
        words = [sys.executable, "-m", "lockstep.cli", "node", "run", *config]
        if kind != HONEST:
            words = [sys.executable, "-m", "lockstep.testing.dishonest", kind, *config]
        return words if self.switch is None else self.switch.command(number, words)

    def _folder(self, number: int) -> Path:
        return self.home.node(self.plan.nodes[number])


def is_ready(node: NodePlan, seconds: float = 2.0) -> bool:
    """Whether a node says that it can work."""
    with (
        suppress(urllib.error.URLError, TimeoutError, ConnectionError),
        urllib.request.urlopen(node.ready_url, timeout=seconds) as answer,
    ):
        return bool(answer.status == 200)
    return False


def last_line(log: Path) -> str:
    """What a log says last."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.is_file() else []
    return lines[-1][-400:] if lines else "it said nothing"
