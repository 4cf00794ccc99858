"""Whether a node lives and whether it can work, for operators and orchestrators: /healthz, /readyz, /metrics."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final, Self

from prometheus_client import CONTENT_TYPE_LATEST

from lockstep.chain.account import Signer
from lockstep.chain.rpc import Rpc
from lockstep.errors import ConfigError, LockstepError, StoreError
from lockstep.node.journal import Journal

PROBE_SECONDS: Final = 2.0
STALLED_SECONDS: Final = 600.0
"""Longer than any wait for a receipt and any retry of a connection: a loop without a turn for so long hangs."""
CLIENT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    chain: str
    name: str
    ok: bool
    detail: str


class Pulse:
    """How far a runner is; written by its thread, read by probes."""

    def __init__(self) -> None:
        self.beat()
        self.head = -1

    def beat(self) -> None:
        """It is alive."""
        self.beaten_at = time.monotonic()


class ChainProbe:
    """Looks at one chain of a node with a connection of its own, which gives up soon."""

    def __init__(
        self, name: str, url: str, journal: Journal, signer: Signer, pulse: Pulse, *, confirmations: int, max_lag: int
    ) -> None:
        self._name, self._journal, self._signer, self._pulse = name, journal, signer, pulse
        self._confirmations, self._max_lag = confirmations, max_lag
        self._rpc = Rpc(url, attempts=1, timeout_seconds=PROBE_SECONDS)

    def readiness(self) -> tuple[Check, ...]:
        """Chain reachable, cursor near its head, journal writable, key unlocked."""
        return (
            self._check("chain", lambda: f"block {self._rpc.read_block_number()}"),
            self._check("cursor", self._read_lag),
            self._check("journal", self._write),
            self._check("key", self._unlocked),
        )

    def liveness(self) -> Check:
        """Its loop goes round."""
        idle = time.monotonic() - self._pulse.beaten_at
        return Check(self._name, "loop", idle < STALLED_SECONDS, f"last turn {idle:.0f} s ago")

    def _check(self, name: str, look: Callable[[], str]) -> Check:
        try:
            return Check(self._name, name, True, look())
        except LockstepError as error:
            return Check(self._name, name, False, f"{error.code}: {error.message}")

    def _read_lag(self) -> str:
        lag = max(0, self._rpc.read_block_number() - self._confirmations - self._pulse.head)
        if lag > self._max_lag:
            raise StoreError("node/lag", f"{lag} blocks behind")
        return f"{lag} blocks behind"

    def _write(self) -> str:
        self._journal.verify_writable()
        return "writable"

    def _unlocked(self) -> str:
        self._signer.verify_unlocked()
        return str(self._signer.address)


Page = tuple[int, str, bytes]


class HealthServer:
    """Answers one request after another on a thread of its own."""

    def __init__(self, listen: str, probes: Sequence[ChainProbe], render: Callable[[], bytes]) -> None:
        self._probes, self._render = probes, render
        pages: Mapping[str, Callable[[], Page]] = {
            "/healthz": self._health,
            "/readyz": self._readiness,
            "/metrics": lambda: (200, CONTENT_TYPE_LATEST, self._render()),
        }
        host, _, port = listen.rpartition(":")
        try:
            self._server = HTTPServer((host.strip("[]"), int(port)), _handler(pages))
        except (OSError, OverflowError) as error:
            raise ConfigError(
                "config/listen", "cannot listen there", value=f"{listen}: {error}", remedy="name a free address"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens; of use if the configuration said 0."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _health(self) -> Page:
        return _page([probe.liveness() for probe in self._probes])

    def _readiness(self) -> Page:
        return _page([check for probe in self._probes for check in probe.readiness()])


def _page(checks: Sequence[Check]) -> Page:
    ok = all(check.ok for check in checks)
    document = {"ok": ok, "checks": [asdict(check) for check in checks]}
    return (200 if ok else 503), "application/json", json.dumps(document).encode()


def _handler(pages: Mapping[str, Callable[[], Page]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = CLIENT_SECONDS

        def do_GET(self) -> None:
            make = pages.get(self.path.partition("?")[0])
            status, kind, body = make() if make else (404, "text/plain", b"/healthz /readyz /metrics\n")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Probes come every few seconds; they are not worth a line."""

    return Handler
