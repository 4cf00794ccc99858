"""titanoboa on revm: ten times faster than py-evm, so that a state machine plays whole tournaments in milliseconds.

Adapted to what the tests here use: deploy, call, logs, revert data, snapshots, time. Gas includes the transaction's
intrinsic cost; for exact gas see the snapshot tests on anvil.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boa
import pyrevm
import rlp
from boa.util.abi import Address
from eth.exceptions import Revert, VMError
from eth.vm.gas_meter import GasMeter
from eth_utils import keccak

GAS_LIMIT = 16_777_216
"""The cap of a transaction's gas (EIP-7825): a call that needs more cannot be made on mainnet."""

REVERTED = re.compile(r"Revert \{ gas_used: (\d+), output: (0x[0-9a-f]*)")


class Block:
    """The fields of the current block; ``anchor`` restores them."""

    _values: dict[str, Any]

    def __init__(self) -> None:
        values = {
            "block_number": 1,
            "timestamp": 1_800_000_000,
            "chain_id": 1,
            "code_size_limit": 0x6000,
            "prev_hashes": [bytes(32)] * 256,
            "coinbase": bytes(20),
            "difficulty": 0,
            "gas_limit": GAS_LIMIT,
            "prevrandao": bytes(32),
        }
        object.__setattr__(self, "_values", values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._values[name] = value

    @contextlib.contextmanager
    def anchor(self) -> Iterator[None]:
        saved = dict(self._values)
        try:
            yield
        finally:
            self._values.update(saved)


class Computation:
    """What boa reads of an executed call."""

    _gas_meter_class = GasMeter
    _contract_repr_before_revert = "a contract on revm"  # boa would dump its storage
    children = ()
    beneficiaries = ()
    call_trace = None

    def __init__(self, gas: int, output: bytes, error: Exception | None, logs: list[Any], msg: SimpleNamespace) -> None:
        self.net_gas_used, self.output, self.error, self.msg = gas, output, error, msg
        self._log_entries = logs
        self.is_error, self.is_success = error is not None, error is None
        self.code = SimpleNamespace(_trace=[])

    def get_gas_used(self) -> int:
        return self.net_gas_used

    def get_gas_refund(self) -> int:
        return 0

    def get_raw_log_entries(self) -> tuple[Any, ...]:
        return tuple(self._log_entries)


class Revm:
    """The part of ``boa.vm.py_evm.PyEVM`` that boa calls."""

    _fast_mode_enabled = False
    is_forked = False
    is_state_dirty = False

    def __init__(self, env: Any) -> None:
        self.env = env
        self.evm = pyrevm.EVM(spec_id="CANCUN")
        self.patch = Block()
        self.vm = SimpleNamespace(state=SimpleNamespace(computation_class=SimpleNamespace(opcodes={})))

    def get_gas_meter_class(self) -> type[GasMeter]:
        return GasMeter

    def set_gas_meter_class(self, _: object) -> None: ...

    def enable_fast_mode(self, flag: bool = True) -> None: ...

    def reset_access_counters(self) -> None: ...

    def get_balance(self, address: Any) -> int:
        return int(self.evm.get_balance(str(address)))

    def set_balance(self, address: Any, value: int) -> None:
        self.evm.set_balance(str(address), value)

    def get_code(self, address: Any) -> bytes:
        return bytes(self.evm.get_code(str(address)) or b"")

    def get_gas_limit(self) -> int:
        return int(self.patch.gas_limit)

    def snapshot(self) -> Any:
        return self.evm.snapshot()

    def revert(self, snapshot: Any) -> None:
        self.evm.revert(snapshot)

    def generate_create_address(self, sender: Any) -> Address:
        nonce = self.evm.basic(str(sender)).nonce
        return Address(keccak(rlp.encode([bytes.fromhex(str(sender)[2:]), nonce]))[12:])

    def _run(self, execute: Callable[[], Any], msg: SimpleNamespace, gas: int) -> Computation:
        block = self.patch
        self.evm.set_block_env(
            pyrevm.BlockEnv(
                number=block.block_number,
                timestamp=block.timestamp,
                prevrandao=block.prevrandao,
                gas_limit=block.gas_limit,
            )
        )
        try:
            output = execute()
        except RuntimeError as error:
            found = REVERTED.search(str(error))
            if found is None:
                return Computation(gas, b"", VMError(str(error)), [], msg)
            data = bytes.fromhex(found[2][2:])
            return Computation(int(found[1]), data, Revert(data), [], msg)
        result = self.evm.result
        logs = [
            (
                number,
                bytes.fromhex(log.address[2:]),
                [int(topic, 16) for topic in log.topics],
                bytes(log.data[1] if isinstance(log.data, tuple) else log.data),
            )
            for number, log in enumerate(result.logs)
        ]
        return Computation(result.gas_used, b"" if isinstance(output, str) else bytes(output), None, logs, msg)

    def deploy_code(
        self, sender: Any, origin: Any, target_address: Any, gas: int, gas_price: int, value: int, bytecode: bytes
    ) -> Computation:
        limit = gas or self.get_gas_limit()
        msg = SimpleNamespace(
            is_create=True, storage_address=target_address.canonical_address, code_address=b"", data=b""
        )
        done = self._run(lambda: self.evm.deploy(str(sender), bytecode, value, limit), msg, limit)
        if done.is_success:
            done.output = self.get_code(target_address)
        return done

    def execute_code(
        self,
        sender: Any,
        to: Any,
        gas: int,
        gas_price: int,
        value: int,
        bytecode: bytes,
        data: bytes,
        is_static: bool,
        fake_codesize: Any,
        start_pc: int,
        ir_executor: Any,
        contract: Any,
    ) -> Computation:
        limit = gas or self.get_gas_limit()
        target = to.canonical_address
        msg = SimpleNamespace(is_create=False, code_address=target, storage_address=target, data=data)

        def execute() -> Any:
            return self.evm.message_call(
                str(sender), str(to), calldata=data, value=value, gas=limit, gas_price=0, is_static=is_static
            )

        return self._run(execute, msg, limit)


@contextlib.contextmanager
def revm_environment() -> Iterator[Any]:
    """A boa environment on revm; the one before comes back at the end."""
    env = boa.Env()
    with boa.swap_env(env):
        env.evm = Revm(env)
        env.set_balance(env.eoa, 10**30)
        yield env
