"""Keys: encrypted and private, or elsewhere; never in plain text in a configuration."""

import json
import os
from pathlib import Path

import pytest
from eth_account import Account as EthAccount

from lockstep.chain.account import dev_account
from lockstep.chain.anvil import LOCAL_CHAIN_ID
from lockstep.chain.binding import Transaction
from lockstep.chain.external_signer import ExternalSigner
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.sender import Sender
from lockstep.errors import AccountError, ConfigError
from lockstep.node.config import ChainConfig, read_config
from lockstep.node.keys import open_signer, read_password
from lockstep.testing.network import Network
from lockstep.types import Address, Amount

KEY = "0x" + "4c" * 32
ADDRESS = EthAccount.from_key(KEY).address
OTHER_CHAIN = 8453
PHRASE = "test test test test test test test test test test test junk"


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    content = EthAccount.encrypt(KEY, "open sesame", kdf="pbkdf2", iterations=100)
    return private(tmp_path / "keystore.json", json.dumps(content))


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f'private_key = "{KEY}"', "private_key"),
        ('private_key = "short"', "private_key"),
        (f'journal = "{KEY[2:]}"', "journal"),
        (f'mnemonic = "{PHRASE}"', "mnemonic"),
        (f'models = "{PHRASE}"', "models"),
        ('password = "open sesame"', "password"),
        (f'[[chains]]\nkeystore = "{KEY}"', "chains.0.keystore"),
    ],
)
def test_plain_key_in_the_configuration_is_refused_and_not_shown(tmp_path: Path, line: str, name: str) -> None:
    path = private(tmp_path / "node.toml", f'roles = ["server"]\n{line}\n')
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert (caught.value.code, caught.value.message) == ("config/plain-key", f"{name} holds a secret in plain text")
    for secret in (KEY[2:], PHRASE, "open sesame", "short"):
        assert secret not in str(caught.value)


def test_model_id_is_no_key(tmp_path: Path) -> None:
    path = private(tmp_path / "node.toml", f'roles = ["server"]\n[least_fees_wei]\n{KEY} = 5\n')
    assert read_config(path).least_fees_wei == {KEY: 5}


def test_password_from_file_environment_or_prompt(keystore: Path, tmp_path: Path) -> None:
    file = private(tmp_path / "password", "open sesame\n")
    settings = ChainConfig(keystore=keystore)
    from_file = open_signer(settings.model_copy(update={"password_file": file}), OTHER_CHAIN, environment={})
    environment = {"LOCKSTEP_KEYSTORE_PASSWORD": "open sesame"}
    from_environment = open_signer(settings, OTHER_CHAIN, environment=environment)
    from_prompt = open_signer(settings, OTHER_CHAIN, environment={}, prompt=lambda _: "open sesame")
    assert {from_file.address, from_environment.address, from_prompt.address} == {ADDRESS}


def test_keystore_is_used_on_the_local_chain_too(keystore: Path) -> None:
    settings = ChainConfig(keystore=keystore, account=3)
    opened = open_signer(settings, LOCAL_CHAIN_ID, environment={}, prompt=lambda _: "open sesame")
    assert opened.address == ADDRESS
    assert open_signer(ChainConfig(account=3), LOCAL_CHAIN_ID, environment={}).address == dev_account(3).address


def test_wrong_password_is_refused(keystore: Path) -> None:
    with pytest.raises(AccountError, match="account/password: the password does not open"):
        open_signer(ChainConfig(keystore=keystore), OTHER_CHAIN, environment={}, prompt=lambda _: "wrong")


def test_no_password_is_said(keystore: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nothing, monkeypatch.context() as context:
        context.setattr("sys.stdin", nothing)
        with pytest.raises(AccountError, match="account/password: no password for the keystore"):
            open_signer(ChainConfig(keystore=keystore), OTHER_CHAIN, environment={})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_files_that_others_can_read_are_refused(keystore: Path, tmp_path: Path, mode: int) -> None:
    file = private(tmp_path / "password", "open sesame", mode)
    with pytest.raises(AccountError, match=f"account/permissions: .*password has mode {mode:04o}"):
        read_password(file)
    keystore.chmod(mode)
    environment = {"LOCKSTEP_KEYSTORE_PASSWORD": "open sesame", "LOCKSTEP_KEYSTORE": str(keystore)}
    for settings in (ChainConfig(keystore=keystore), ChainConfig()):
        with pytest.raises(AccountError, match=f"account/permissions: .*keystore.json has mode {mode:04o}"):
            open_signer(settings, OTHER_CHAIN, environment=environment)


def test_missing_keystore_is_named(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match=r"account/no-keystore: .*nowhere.json"):
        open_signer(ChainConfig(keystore=tmp_path / "nowhere.json"), OTHER_CHAIN, environment={})


def test_external_signer_signs_what_it_is_asked_for(shared_network: Network) -> None:
    """Anvil holds the key here, behind the same JSON-RPC methods as web3signer."""
    settings = ChainConfig(signer=shared_network.rpc.url, signer_address=dev_account(6).address)
    signer = open_signer(settings, shared_network.rpc.chain_id, environment={})
    sender = Sender(shared_network.rpc, signer, MemoryOutbox())
    sink = Address("0x00000000000000000000000000000000DeaDBeef")
    before = shared_network.rpc.read_balance(sink)
    assert sender.send(Transaction(sink, b"\x01\x02", Amount(7)), key="gift").gas_used > 0
    assert shared_network.rpc.read_balance(sink) == before + 7
    assert shared_network.rpc.read_nonce(dev_account(6).address) == 1
    stranger = ChainConfig(signer=shared_network.rpc.url, signer_address=ADDRESS)
    with pytest.raises(AccountError, match="account/signer: the signer does not have this key"):
        open_signer(stranger, shared_network.rpc.chain_id, environment={})
    away = ChainConfig(signer="http://127.0.0.1:9", signer_address=ADDRESS)
    with pytest.raises(AccountError, match=r"account/signer: .* did not do eth_accounts"):
        open_signer(away, shared_network.rpc.chain_id, environment={})


class Substituting(ExternalSigner):
    """A signer that was broken into: it signs another transaction than it was asked for."""

    def _call(self, method: str, *parameters: object) -> object:
        (fields,) = parameters
        assert isinstance(fields, dict)
        return super()._call(method, fields | self.changes)

    changes: dict[str, str]


@pytest.mark.parametrize(
    "changes", [{"value": "0x8"}, {"to": "0x" + "11" * 20}, {"data": "0x03"}, {"nonce": "0x5"}, {"from": "other"}]
)
def test_signer_that_signs_something_else_is_refused(shared_network: Network, changes: dict[str, str]) -> None:
    signer = Substituting(shared_network.rpc.url, dev_account(7).address)
    signer.changes = {name: dev_account(8).address if value == "other" else value for name, value in changes.items()}
    sender = Sender(shared_network.rpc, signer, MemoryOutbox())
    sink = Address("0x00000000000000000000000000000000DeaDBeef")
    with pytest.raises(AccountError, match="account/signer: the signer signed something else"):
        sender.send(Transaction(sink, b"\x01\x02", Amount(7)), key="gift")
    assert shared_network.rpc.read_nonce(dev_account(7).address) == 0
