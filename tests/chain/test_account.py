"""Keys come from encrypted files or from the environment, and are never shown."""

import json
import stat
from pathlib import Path

import pytest
from eth_account import Account as EthAccount

from lockstep.chain.account import DEV_MNEMONIC, create_keystore, dev_account, environment_account, load_keystore
from lockstep.errors import AccountError

EthAccount.enable_unaudited_hdwallet_features()
DEV_KEY = EthAccount.from_mnemonic(DEV_MNEMONIC).key


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    """Dev account 0, encrypted less strongly than by us, so that the tests are quick."""
    path = tmp_path / "key.json"
    path.write_text(json.dumps(EthAccount.encrypt(DEV_KEY, "password", kdf="pbkdf2", iterations=100)))
    return path


def test_keystore_opens_with_its_password_from_file_and_environment(keystore: Path) -> None:
    assert load_keystore(keystore, "password").address == dev_account(0).address
    for value in (str(keystore), keystore.read_text()):
        environment = {"LOCKSTEP_KEYSTORE": value, "LOCKSTEP_KEYSTORE_PASSWORD": "password"}
        assert environment_account(environment).address == dev_account(0).address


def test_new_keystore_is_private_and_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "key.json"
    account = create_keystore(path, "password")
    assert load_keystore(path, "password").address == account.address
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert repr(account) == f"Account({account.address})"


def test_existing_keystore_is_not_overwritten(keystore: Path) -> None:
    before = keystore.read_bytes()
    with pytest.raises(AccountError, match="account/exists"):
        create_keystore(keystore, "other")
    assert keystore.read_bytes() == before


def test_wrong_password_is_named(keystore: Path) -> None:
    with pytest.raises(AccountError, match="account/password: the password does not open the keystore"):
        load_keystore(keystore, "wrong")


def test_keystore_needs_a_password(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match="account/password"):
        create_keystore(tmp_path / "key.json", "")
    assert not (tmp_path / "key.json").exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"crypto": 3, "version": 3}'])
def test_damaged_keystore_is_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(text)
    with pytest.raises(AccountError, match="account/malformed: this is not a keystore file"):
        load_keystore(path, "password")


@pytest.mark.parametrize("environment", [{}, {"LOCKSTEP_KEYSTORE": "key.json"}, {"LOCKSTEP_KEYSTORE_PASSWORD": "x"}])
def test_incomplete_environment_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(AccountError, match=r"account/no-key: no key to sign with .\$LOCKSTEP_KEYSTORE"):
        environment_account(environment)


def test_missing_keystore_is_named(tmp_path: Path) -> None:
    with pytest.raises(AccountError, match="account/no-keystore"):
        load_keystore(tmp_path / "none.json", "password")


def test_dev_accounts_are_the_known_ones() -> None:
    assert dev_account(0).address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert dev_account(1).address == "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
