"""The process of a node: one thread for each chain, signals, models that come and go, and the pages for operators."""

import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Final

import structlog

from lockstep.errors import LockstepError
from lockstep.node.artifacts import ArtifactServer
from lockstep.node.health import HealthServer
from lockstep.node.runner import Runner

LOOK_SECONDS: Final = 1.0
"""How often it looks for changed files and ended threads."""
Fingerprint = tuple[tuple[str, int, int], ...]


class ModelWatch:
    """Reloads when files of a folder change. A folder that cannot be used changes nothing but the log."""

    def __init__(self, folder: Path, reload: Callable[[], None]) -> None:
        self._folder, self._reload = folder, reload
        self._seen = self._look()

    def check(self, *, is_forced: bool = False) -> bool:
        """Reloads if anything changed, or if it is forced; whether it did."""
        found = self._look()
        if found == self._seen and not is_forced:
            return False
        self._seen = found
        log = structlog.get_logger().bind(models=str(self._folder))
        try:
            self._reload()
        except (LockstepError, OSError) as error:
            log.error("models not reloaded", error=str(error))
            return False
        log.info("models reloaded", files=len(found))
        return True

    def _look(self) -> Fingerprint:
        files = (path for pattern in ("*.lockstep", "*.key", "*.secret") for path in self._folder.glob(pattern))
        found = []
        for path in sorted(files):
            try:
                status = path.stat()
            except FileNotFoundError:  # gone since it was listed
                continue
            found.append((path.name, status.st_size, status.st_mtime_ns))
        return tuple(found)


class Service:
    """Runs until SIGTERM or SIGINT, or until a chain's thread dies of a defect; then everything ends in good order."""

    def __init__(
        self,
        runners: Mapping[str, Runner],
        watch: ModelWatch,
        *,
        poll_seconds: float,
        health: HealthServer | None,
        artifacts: ArtifactServer | None = None,
    ) -> None:
        self.runners, self.health, self.artifacts = dict(runners), health, artifacts
        self._watch, self._poll_seconds = watch, poll_seconds
        self._wakened = threading.Event()
        self._is_stopped = self._is_reload_asked = False
        self._death: BaseException | None = None

    def install_signals(self) -> None:
        """For the main thread of a process that is a node."""
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_reload)

    def stop(self) -> None:
        """Lets ``run`` return once every chain has finished what it has in hand."""
        self._is_stopped = True
        for runner in self.runners.values():
            runner.stop()
        self._wakened.set()

    def reload(self) -> None:
        """Reads the models anew as soon as may be."""
        self._is_reload_asked = True
        self._wakened.set()

    def run(self) -> None:
        """Returns after ``stop``; raises what ended a chain's thread."""
        log = structlog.get_logger()
        threads = [
            threading.Thread(target=self._live, args=(name, runner), name=f"chain-{name}")
            for name, runner in self.runners.items()
        ]
        pages = ExitStack()
        for server in (self.health, self.artifacts):
            if server is not None:
                pages.enter_context(server)
        for thread in threads:
            thread.start()
        log.info("started", chains=list(self.runners), port=self.health.port if self.health else None)
        try:
            while not self._is_stopped:
                self._wakened.wait(LOOK_SECONDS)
                self._wakened.clear()
                is_forced, self._is_reload_asked = self._is_reload_asked, False
                if not self._is_stopped:
                    self._watch.check(is_forced=is_forced)
        finally:
            self.stop()
            for thread in threads:
                thread.join()
            pages.close()
            self.close()
        log.info("stopped")
        if self._death is not None:
            raise self._death

    def run_until_idle(self) -> int:
        """Steps of every chain, in turn, until none has anything to do; how many acted."""
        steps = 0
        try:
            while acted := sum(runner.step() for runner in self.runners.values()):
                steps += acted
        finally:
            self.close()
        return steps

    def close(self) -> None:
        """Journals are on disk and closed."""
        for runner in self.runners.values():
            runner.close()

    def _live(self, name: str, runner: Runner) -> None:
        structlog.contextvars.bind_contextvars(chain=name)
        try:
            runner.run(poll_seconds=self._poll_seconds)
        except BaseException as error:
            structlog.get_logger().critical("died", exc_info=error)
            self._death = error
            self.stop()

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _on_reload(self, _number: int, _frame: FrameType | None) -> None:
        self.reload()
