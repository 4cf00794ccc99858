"""The connection retries what was dropped, and says in one typed error what cannot be had."""

from collections.abc import Iterator

import pytest
from chain_world import CuttingProxy
from fixture_chain.bindings.shapes import Shapes

from lockstep.chain.anvil import LocalChain
from lockstep.chain.refusal import Refusal, RefusedError, refusal_of, revert_of
from lockstep.chain.rpc import Rpc
from lockstep.errors import ChainError, ConfigError
from lockstep.types import Address

NOBODY = Address("0x00000000000000000000000000000000DeaDBeef")


@pytest.fixture
def proxy(chain: LocalChain) -> Iterator[CuttingProxy]:
    running = CuttingProxy(chain.url)
    yield running
    running.close()


def test_dropped_connections_are_retried(proxy: CuttingProxy) -> None:
    proxy.cut_requests, proxy.cut_answers = 2, 1
    assert Rpc(proxy.url).read_block_number() >= 0
    assert (proxy.cut_requests, proxy.cut_answers) == (0, 0)


def test_unreachable_chain_is_one_clear_error(proxy: CuttingProxy) -> None:
    proxy.close()
    with pytest.raises(ChainError) as caught:
        Rpc(proxy.url, attempts=2).read_block_number()
    assert caught.value.code == "chain/unreachable"
    assert proxy.url in caught.value.message


@pytest.mark.parametrize(("status", "attempts"), [(401, 1), (404, 1), (429, 2), (502, 2)])
def test_status_of_the_server_is_shown_and_refusals_are_not_repeated(
    proxy: CuttingProxy, status: int, attempts: int
) -> None:
    proxy.status = status
    with pytest.raises(ChainError) as caught:
        Rpc(proxy.url, attempts=2).read_block_number()
    assert (caught.value.value, caught.value.message[-11:]) == (f"HTTP {status}", f" {attempts} attempts")


def test_key_in_the_address_is_never_shown() -> None:
    with pytest.raises(ChainError) as caught:
        Rpc("http://user:word@127.0.0.1:1/v3/secret?key=secret", attempts=1).read_block_number()
    shown = str(caught.value)
    assert "http://127.0.0.1:1 " in shown
    assert not any(part in shown for part in ("secret", "word", "user"))


def test_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="chain/url"):
        Rpc("127.0.0.1:8545")


def test_another_chain_than_expected_is_refused(chain: LocalChain) -> None:
    with pytest.raises(ChainError, match="chain/wrong-chain: this is not chain 1"):
        _ = Rpc(chain.url, chain_id=1).chain_id


def test_missing_block_is_none_or_an_error(rpc: Rpc) -> None:
    assert rpc.find_block(10**9) is None
    with pytest.raises(ChainError, match="chain/no-block"):
        rpc.read_block(10**9)


def test_logs_of_a_contract_come_in_order(rpc: Rpc, shapes: Shapes) -> None:
    logs = rpc.read_logs([shapes.address], 0, rpc.read_block_number())
    assert [(log.block_number, log.log_index) for log in logs] == sorted(
        (log.block_number, log.log_index) for log in logs
    )
    assert rpc.read_logs([NOBODY], 0, rpc.read_block_number()) == ()


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("already known", Refusal.KNOWN),
        ("transaction already imported", Refusal.KNOWN),
        ("nonce too low: next nonce 5, tx nonce 4", Refusal.NONCE_TOO_LOW),
        ("replacement transaction underpriced", Refusal.UNDERPRICED),
        ("max fee per gas less than block base fee: address 0x", Refusal.UNDERPRICED),
        ("insufficient funds for gas * price + value", Refusal.NO_FUNDS),
        ("Insufficient funds for gas * price + value", Refusal.NO_FUNDS),
        ("intrinsic gas too low", Refusal.OUT_OF_GAS),
        ("execution reverted: step/opcode", Refusal.REVERTED),
        ("the method is not available", Refusal.OTHER),
    ],
)
def test_words_of_a_node_are_understood(message: str, kind: Refusal) -> None:
    assert refusal_of("eth_sendRawTransaction", {"code": -32000, "message": message}).kind is kind


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": 3, "message": "execution reverted: step/opcode", "data": "0x"}, "step/opcode"),
        ({"code": -32000, "message": "VM Exception while processing: reverted with reason string 'a/b'"}, "a/b"),
        ({"code": 3, "message": "x", "data": "0x4e487b71" + "11".rjust(64, "0")}, "panic/0x11"),
        ({"code": 3, "message": "x", "data": {"data": "0x12345678"}}, "error/0x12345678"),
        ({"code": 3, "message": "x", "data": "0x08c379a0ffff"}, "chain/reverted"),
        ({"code": 3, "message": "execution reverted"}, "chain/reverted"),
    ],
)
def test_revert_has_the_contracts_text_for_its_code(error: dict[str, object], code: str) -> None:
    refused = revert_of(refusal_of("eth_call", error))
    assert refused is not None
    assert refused.code == code


def test_refusal_of_the_node_is_not_a_revert() -> None:
    refusal = refusal_of("eth_call", "nonsense")
    assert revert_of(refusal) is None
    assert isinstance(refusal, RefusedError)
