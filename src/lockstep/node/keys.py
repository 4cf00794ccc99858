"""Who signs for a node: an encrypted keystore, an external signer, or a known account on the local chain."""

import os
import stat
import sys
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path
from typing import Final

from lockstep.chain.account import (
    KEYSTORE_VARIABLE,
    PASSWORD_VARIABLE,
    Signer,
    dev_account,
    environment_account,
    load_keystore,
)
from lockstep.chain.anvil import LOCAL_CHAIN_ID
from lockstep.chain.binding import checksum
from lockstep.chain.external_signer import ExternalSigner
from lockstep.errors import AccountError
from lockstep.node.config import ChainSettings

OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
CREDENTIALS_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
"""Set by systemd for a unit with LoadCredential."""
Prompt = Callable[[str], str]


def open_signer(
    settings: ChainSettings, chain_id: int, *, environment: Mapping[str, str] = os.environ, prompt: Prompt | None = None
) -> Signer:
    """The signer that a configuration names. Raises ``AccountError``; asks only where there is a terminal."""
    if settings.signer and settings.signer_address:
        address = checksum(settings.signer_address)
        signer = ExternalSigner(settings.signer, address, method=settings.signer_method)
        signer.verify_unlocked()
        return signer
    if settings.keystore:
        require_private(settings.keystore)
        password = read_password(settings.password_file, environment=environment, prompt=prompt)
        return load_keystore(settings.keystore, password)
    if chain_id == LOCAL_CHAIN_ID:
        return dev_account(settings.account)
    if not environment.get(KEYSTORE_VARIABLE, "{").lstrip().startswith("{"):
        require_private(Path(environment[KEYSTORE_VARIABLE]))
    return environment_account(environment)


def read_password(
    file: Path | None, *, environment: Mapping[str, str] = os.environ, prompt: Prompt | None = None
) -> str:
    """The password of a keystore: from a private file, else the environment, else asked for."""
    if file is not None:
        require_private(file)
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    if password := environment.get(PASSWORD_VARIABLE):
        return password
    if prompt is None and sys.stdin.isatty():
        prompt = getpass
    if prompt is not None:
        return prompt("Password of the keystore: ")
    raise AccountError(
        "account/password",
        "no password for the keystore",
        value=f"no password_file, ${PASSWORD_VARIABLE} is not set, and there is no terminal to ask at",
        remedy="name a file that only you can read as password_file",
    )


def require_private(path: Path) -> None:
    """Raises ``AccountError`` ``account/permissions`` for a secret that other users of the machine can read.

    What systemd hands over is let through: it is root's, and opened for the service alone by an access list, which
    looks like a right of the group.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise AccountError(
            "account/no-keystore", "the file cannot be read", value=path, remedy="name an existing file"
        ) from error
    if path.resolve().parent == Path(os.environ.get(CREDENTIALS_VARIABLE, "/nowhere")) and status.st_uid == 0:
        return
    if status.st_mode & OTHERS or status.st_uid not in (os.geteuid(), 0):
        raise AccountError(
            "account/permissions",
            "other users can read this file",
            value=f"{path} has mode {stat.S_IMODE(status.st_mode):04o} and belongs to user {status.st_uid}",
            remedy=f"chmod 600 {path}, and let it belong to the user that runs the node",
        )
