"""The key that signs: from an encrypted file, from the environment, or a publicly known one for a local chain."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from eth_account import Account as EthAccount
from eth_account.signers.local import LocalAccount

from lockstep.chain.binding import checksum
from lockstep.errors import AccountError
from lockstep.types import Address, Digest

KEYSTORE_VARIABLE: Final = "LOCKSTEP_KEYSTORE"  # a path, or the JSON itself (CI)
PASSWORD_VARIABLE: Final = "LOCKSTEP_KEYSTORE_PASSWORD"

# The first accounts of the mnemonic that anvil, Hardhat and Foundry fund. Everybody has these keys.
DEV_MNEMONIC: Final = "test test test test test test test test test test test junk"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed transaction."""

    raw: bytes
    hash: Digest


class Signer(Protocol):
    """Whoever signs for an address; ``is_public``: everybody has the key."""

    @property
    def address(self) -> Address: ...

    @property
    def is_public(self) -> bool: ...

    def sign(self, transaction: Mapping[str, Any]) -> Signed: ...

    def verify_unlocked(self) -> None: ...


class Account:
    """One key. It shows its address and signs; it never shows the key."""

    def __init__(self, key: LocalAccount, *, is_public: bool = False) -> None:
        self._key = key
        self.address: Address = checksum(key.address)
        self.is_public = is_public

    def __repr__(self) -> str:
        return f"Account({self.address})"

    def verify_unlocked(self) -> None:
        """It is: a key is opened once, when it is loaded."""

    def sign(self, transaction: Mapping[str, Any]) -> Signed:
        """Sign the fields of an EIP-1559 transaction. The same fields give the same bytes."""
        signed = self._key.sign_transaction(dict(transaction))
        return Signed(bytes(signed.raw_transaction), Digest(bytes(signed.hash)))


def dev_account(index: int = 0) -> Account:
    """A funded account of the local chain. Its key is public: the sender refuses it on any other chain."""
    EthAccount.enable_unaudited_hdwallet_features()
    return Account(EthAccount.from_mnemonic(DEV_MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}"), is_public=True)


def create_keystore(path: Path, password: str) -> Account:
    """Make a new key and write it encrypted; an existing file is never overwritten."""
    if not password:
        raise AccountError("account/password", "a keystore needs a password", remedy=f"set ${PASSWORD_VARIABLE}")
    taken = AccountError("account/exists", "there is a keystore already", value=path, remedy="choose another file")
    if path.exists():
        raise taken
    key = EthAccount.create()
    text = json.dumps(EthAccount.encrypt(key.key, password))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise taken from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return Account(key)


def load_keystore(path: Path, password: str) -> Account:
    """The key of an encrypted file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise AccountError(
            "account/no-keystore", "the keystore cannot be read", value=path, remedy="name an existing file"
        ) from error
    return _decrypted(text, password)


def environment_account(environment: Mapping[str, str]) -> Account:
    """The key of $LOCKSTEP_KEYSTORE (a file or its content), opened with $LOCKSTEP_KEYSTORE_PASSWORD."""
    for variable in (KEYSTORE_VARIABLE, PASSWORD_VARIABLE):
        if not environment.get(variable):
            raise AccountError(
                "account/no-key", "no key to sign with", value=f"${variable} is not set", remedy="set it"
            )
    keystore, password = environment[KEYSTORE_VARIABLE], environment[PASSWORD_VARIABLE]
    if keystore.lstrip().startswith("{"):
        return _decrypted(keystore, password)
    return load_keystore(Path(keystore), password)


def _decrypted(text: str, password: str) -> Account:
    try:
        content = json.loads(text)
        return Account(EthAccount.from_key(EthAccount.decrypt(content, password)))
    except (ValueError, KeyError, TypeError) as error:
        is_password = "MAC mismatch" in str(error)
        raise AccountError(
            "account/password" if is_password else "account/malformed",
            "the password does not open the keystore" if is_password else "this is not a keystore file",
            remedy=f"check ${PASSWORD_VARIABLE}" if is_password else "create one with eth-account or geth",
        ) from error
