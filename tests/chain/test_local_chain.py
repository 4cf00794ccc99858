"""The local chain has a real chain's limits, keeps its state, and never outlives its owner by accident."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from chain_world import QUICK

from lockstep.chain.account import dev_account
from lockstep.chain.anvil import BINARY_VARIABLE, LocalChain, LocalChainOptions, find_binary
from lockstep.chain.binding import Transaction
from lockstep.chain.local_service import PID_FILE, STATE_FILE, find_service, start_service, stop_service
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.refusal import RefusedError
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.errors import ChainError
from lockstep.types import Address, Amount

SINK = Address("0x00000000000000000000000000000000DeaDBeef")


def test_gas_limit_of_a_transaction_is_the_one_of_the_main_network(rpc: Rpc, sender: Sender) -> None:
    sender.send(Transaction(SINK, b""), key="largest", gas=16_777_216)
    with pytest.raises(RefusedError):
        sender.send(Transaction(SINK, b""), key="too large", gas=16_777_217)
    assert rpc.chain_id == 31337


def test_two_chains_at_once_have_two_ports() -> None:
    with LocalChain.start() as first, LocalChain.start() as second:
        assert first.port != second.port
        assert (first.process.poll(), second.process.poll()) == (None, None)
    assert None not in (first.process.poll(), second.process.poll())


def test_port_of_another_program_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ChainError) as caught:
            LocalChain.start(LocalChainOptions(port=port))
    assert str(caught.value).startswith(f"chain/port: another program has the local chain's port ({port}; ")


def test_option_that_anvil_refuses_is_shown() -> None:
    with pytest.raises(ChainError, match=r"chain/did-not-start: .*Unknown hardfork: nonsense"):
        LocalChain.start(LocalChainOptions(hardfork="nonsense"))


def test_damaged_state_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_text("{")
    with pytest.raises(ChainError) as caught:
        start_service(tmp_path, LocalChainOptions())
    assert caught.value.code == "chain/state"
    assert str(tmp_path / STATE_FILE) in str(caught.value)
    assert (tmp_path / STATE_FILE).read_text() == "{"
    assert find_service(tmp_path) is None


def test_missing_program_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(BINARY_VARIABLE, str(tmp_path / "anvil"))
    with pytest.raises(ChainError, match=r"chain/no-anvil: .LOCKSTEP_ANVIL names no program"):
        find_binary()


def test_program_is_found_in_the_data_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(BINARY_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "anvil"
    program.write_text("")
    program.chmod(0o755)
    assert find_binary() == program


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is asked for on Linux only")
def test_chain_ends_with_its_owner() -> None:
    script = (
        "import time; from lockstep.chain.anvil import LocalChain; "
        "print(LocalChain.start().process.pid, flush=True); time.sleep(60)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as owner:
        assert owner.stdout is not None
        chain = psutil.Process(int(owner.stdout.readline()))
        assert chain.is_running()
        owner.kill()
    chain.wait(5)
    assert not chain.is_running()


def test_service_is_found_again_and_keeps_its_state(tmp_path: Path) -> None:
    started = start_service(tmp_path, LocalChainOptions())
    try:
        assert start_service(tmp_path, LocalChainOptions()) == started
        Sender(Rpc(started.url), dev_account(), MemoryOutbox(), patience=QUICK).send(
            Transaction(SINK, b"", Amount(7)), key="gift"
        )
        assert stop_service(tmp_path)
        assert find_service(tmp_path) is None
        again = start_service(tmp_path, LocalChainOptions())
        assert Rpc(again.url).read_balance(SINK) == 7
        assert Rpc(again.url).read_block_number() == 1
    finally:
        stop_service(tmp_path)
    assert not stop_service(tmp_path)


def test_stale_pid_file_is_not_mistaken_for_a_chain(tmp_path: Path) -> None:
    text = f'{{"pid": {os.getpid()}, "port": 1, "chain_id": 1, "started_at": {time.time() - 10_000_000}}}'
    (tmp_path / PID_FILE).write_text(text)
    assert find_service(tmp_path) is None
    assert not stop_service(tmp_path)


def test_damaged_pid_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / PID_FILE).write_text("{")
    with pytest.raises(ChainError, match="chain/pid-file"):
        find_service(tmp_path)


def test_service_that_was_killed_is_started_again(tmp_path: Path) -> None:
    first = start_service(tmp_path, LocalChainOptions())
    os.kill(first.pid, signal.SIGKILL)
    psutil.Process(first.pid).wait(5)
    second = start_service(tmp_path, LocalChainOptions())
    assert second.pid != first.pid
    assert stop_service(tmp_path)
