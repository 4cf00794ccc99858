"""A local chain that a command, a test or the demo starts and stops: anvil, with the limits of a real chain."""

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from lockstep.errors import ChainError

LOCAL_CHAIN_ID: Final = 31337
LOCAL_HARDFORK: Final = "osaka"  # with the cap of 2**24 gas for one transaction (EIP-7825)
BINARY_VARIABLE: Final = "LOCKSTEP_ANVIL"
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 10.0
KEPT_STATES: Final = 64
"""Of the newest blocks, more than a reorganisation takes back. Older ones anvil writes to the home folder: 42 GB in
18,000 blocks."""
STATE_SECONDS: Final = 2  # anvil writes its state this often; only what is younger is lost by SIGKILL
# Linux: ask the kernel for SIGTERM (15) when the parent ends (PR_SET_PDEATHSIG is 1), then become anvil. A program
# of its own, because code between fork and exec may lock up when there are threads.
DIE_WITH_PARENT: Final = "import ctypes,os,sys;ctypes.CDLL(None).prctl(1,15);os.execv(sys.argv[1],sys.argv[1:])"

MACHINES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
LISTENING: Final = re.compile(r"Listening on \S+:(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalChainOptions:
    """``port`` 0: any free one. ``state`` None: nothing is kept. ``block_seconds`` None: a block a transaction.

    ``is_mixed``: with blocks by the clock, transactions make blocks as well and wait for none.

    ``state_seconds`` None: the state is written at the end only. ``hosts``: addresses of this machine.
    """

    port: int = 0
    state: Path | None = None
    chain_id: int = LOCAL_CHAIN_ID
    hardfork: str = LOCAL_HARDFORK
    block_seconds: float | None = None
    is_mixed: bool = True
    accounts: int = 10
    state_seconds: int | None = STATE_SECONDS
    hosts: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """The command line, without the binary."""
        arguments = ["--port", str(self.port), "--chain-id", str(self.chain_id), "--hardfork", self.hardfork]
        arguments += ["--accounts", str(self.accounts), "--enable-tx-gas-limit", "--color", "never"]
        arguments += ["--prune-history", str(KEPT_STATES)]
        if self.state is not None:
            arguments += ["--state", str(self.state)]
            if self.state_seconds is not None:
                arguments += ["--state-interval", str(self.state_seconds)]
        if self.block_seconds is not None:
            arguments += ["--block-time", str(self.block_seconds)] + ["--mixed-mining"] * self.is_mixed
        for host in self.hosts:
            arguments += ["--host", host]
        return arguments


@dataclass(slots=True)
class LocalChain:
    """A running anvil that ends with this process. ``with LocalChain.start() as chain: … chain.url``."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        return local_url(self.port)

    @classmethod
    def start(cls, options: LocalChainOptions | None = None, *, data_directory: Path | None = None) -> Self:
        """Start and wait until it answers. On Linux it also ends when the *thread* that called this ends."""
        log = Path(tempfile.mkstemp(prefix="lockstep-anvil-", suffix=".log")[1])
        try:
            process, port = launch(options or LocalChainOptions(), log, data_directory, dies_with_parent=True)
        except ChainError:
            log.unlink()
            raise
        return cls(port, process, log)

    def stop(self) -> None:
        """End it; the state is written before."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def launch(
    options: LocalChainOptions, log: Path, data_directory: Path | None, *, dies_with_parent: bool
) -> tuple[subprocess.Popen[bytes], int]:
    """The process and its port, once it listens. What it prints goes to ``log``: a pipe could fill up."""
    binary = find_binary(data_directory)
    if options.state is not None:
        options.state.parent.mkdir(parents=True, exist_ok=True)
    wrapper = [sys.executable, "-I", "-S", "-c", DIE_WITH_PARENT]
    is_wrapped = dies_with_parent and sys.platform == "linux"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*(wrapper if is_wrapped else []), str(binary), *options.arguments()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=not dies_with_parent,
        )
    return process, _await_port(process, options, log)


def find_binary(data_directory: Path | None = None) -> Path:
    """$LOCKSTEP_ANVIL, else PATH, else the npm package beside the sources, the working or the data directory."""
    if named := os.environ.get(BINARY_VARIABLE):
        if os.access(named, os.X_OK):
            return Path(named)
        raise ChainError(
            "chain/no-anvil", f"${BINARY_VARIABLE} names no program", value=named, remedy="correct or unset it"
        )
    if on_path := shutil.which("anvil"):
        return Path(on_path)
    system = {"win32": "win32", "darwin": "darwin"}.get(sys.platform, "linux")
    package = f"anvil-{system}-{MACHINES.get(platform.machine().lower(), platform.machine())}"
    program = "anvil.exe" if system == "win32" else "anvil"
    for place in (Path(__file__).parents[3], Path.cwd(), *([data_directory] if data_directory else [])):
        binary = place / "node_modules" / "@foundry-rs" / package / "bin" / program
        if binary.is_file():
            return binary
    raise ChainError(
        "chain/no-anvil",
        "the local chain's program anvil was not found",
        remedy=f"npm install @foundry-rs/anvil@1.7.1, or set {BINARY_VARIABLE}",
    )


def local_url(port: int) -> str:
    """The address of a chain on this machine."""
    return f"http://127.0.0.1:{port}"


def _await_port(process: subprocess.Popen[bytes], options: LocalChainOptions, log: Path) -> int:
    """The port, from what anvil prints: an answer on the port could come from another chain."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        printed = log.read_text(errors="replace")
        if match := LISTENING.search(printed):
            return int(match[1])
        if process.poll() is not None:
            raise _start_error(options, printed)
        time.sleep(0.01)
    process.kill()
    process.wait()
    seconds = f"{START_SECONDS:.0f} s"
    raise ChainError("chain/did-not-start", "the local chain did not listen in time", value=seconds)


def _start_error(options: LocalChainOptions, printed: str) -> ChainError:
    if "ddress already in use" in printed:
        return ChainError(
            "chain/port",
            "another program has the local chain's port",
            value=options.port,
            remedy="stop it or choose another port",
        )
    lines = printed.strip().splitlines() or ["it printed nothing"]
    reason = next((line for line in lines if line.lower().startswith("error")), lines[-1])
    if "--state" in reason:
        return ChainError(
            "chain/state",
            "the local chain's kept state cannot be read",
            value=options.state,
            remedy="restore this file, or delete it to start a new chain",
        )
    return ChainError("chain/did-not-start", "the local chain stopped at once", value=reason)
