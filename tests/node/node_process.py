"""A node as operators run it: a process of its own, with its pages and its log."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

from lockstep.chain.deployment import write_deployment
from lockstep.ir.format import write_model
from lockstep.testing.network import Network

SECONDS = 60
LEAST_FEE = 10**12
"""Of the node that tests share."""


class NodeProcess:
    """`lockstep node` on a network's chain; its files are in a folder of its own."""

    def __init__(self, network: Network, name: str, settings: str = "", *, listen: bool = True) -> None:
        self.folder = network.folder / name
        self.models = self.folder / "models"
        self.models.mkdir(parents=True)
        write_model(self.models / "digits.lockstep", network.graph)
        write_deployment(self.folder / "deployment.json", network.deployment)
        self.config = self.folder / "lockstep-node.toml"
        self.log = self.folder / "log.txt"
        self.config.write_text(
            f'roles = ["server"]\nrpc = "{network.rpc.url}"\ndeployment = "deployment.json"\nmodels = "models"\n'
            f'journal = "node.sqlite"\npoll_seconds = 0.05\nlisten = "{"127.0.0.1:0" if listen else ""}"\n{settings}\n'
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str] | None = None) -> "NodeProcess":
        """Starts, and waits until it works."""
        self.log.touch()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lockstep.cli", "node", "--config", str(self.config)],
                cwd=self.folder,
                env={**os.environ, **(environment or {})},
                stderr=log,
                stdout=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
            )
        already = len([line for line in self.lines() if line["event"] == "started"])
        self.wait_for(lambda: len([line for line in self.lines() if line["event"] == "started"]) > already)
        return self

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def lines(self) -> list[dict[str, object]]:
        """The log, without what is no log line."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def signal(self, number: int) -> None:
        """To this process only."""
        self.process.send_signal(number)

    def end(self) -> None:
        """However it is."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(SECONDS)

    def page(self, path: str) -> tuple[int, str]:
        """Status and text."""
        port = [line for line in self.lines() if line["event"] == "started"][-1]["port"]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name: str) -> float:
        """The one sample with this name and labels."""
        (value,) = [line.rsplit(" ", 1)[1] for line in self.page("/metrics")[1].splitlines() if line.startswith(name)]
        return float(value)

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Until something is so."""
        deadline = time.monotonic() + SECONDS
        while not is_so():
            assert time.monotonic() < deadline, self.log.read_text()[-4000:]
            assert self.process.poll() is None, self.log.read_text()[-4000:]
            time.sleep(0.02)
