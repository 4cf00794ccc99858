"""`lockstep node`: runs the roles of one configuration file until it is stopped, and can be killed at any moment."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from lockstep.assembly.nodes import build_service
from lockstep.chain.account import create_keystore
from lockstep.errors import AccountError, ConfigError
from lockstep.features.command import Answer, Command, Progress
from lockstep.node.config import read_config
from lockstep.node.example import write_example
from lockstep.node.keys import read_password
from lockstep.node.logs import configure_logs

CONFIG_NAME, KEYSTORE_NAME = "lockstep-node.toml", "keystore.json"
DEFAULT_CONFIG = Path(CONFIG_NAME)
OPERATOR_LISTEN = "127.0.0.1:9464"
ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file; `node init` writes one.")]


def run(
    progress: Progress,
    config: ConfigOption = DEFAULT_CONFIG,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Stop when there is nothing to do, instead of waiting for more.")
    ] = False,
) -> Answer:
    """Run a node. Its log goes to stderr; Ctrl-C or SIGTERM ends it in good order, SIGHUP rereads the models."""
    settings = read_config(config)
    configure_logs(settings.log, settings.log_level)
    progress("reading models and journal")
    service = build_service(settings)
    roles, chains = [str(role) for role in settings.roles], settings.all_chains
    progress(f"running {', '.join(roles)} on {', '.join(chain.rpc for chain in chains)}")
    document: dict[str, object] = {"ok": True, "roles": roles, "rpc": chains[0].rpc, "config": str(config)}
    document["chains"] = {chain.name: chain.rpc for chain in chains}
    if until_idle:
        return Answer(document | {"active_steps": service.run_until_idle()}, ("stopped",))
    service.install_signals()
    service.run()
    return Answer(document, ("stopped",))


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write it; made if need be.")] = Path(),
    local: Annotated[
        bool, typer.Option("--local", help="For the chain of `lockstep up`: no key of its own, no open port.")
    ] = False,
    password_file: Annotated[
        Path | None, typer.Option(help="A file that only you can read; else $LOCKSTEP_KEYSTORE_PASSWORD, else asked.")
    ] = None,
) -> Answer:
    """Write a configuration in which every setting is explained, and a new key in an encrypted keystore beside it."""
    config, keystore = folder / CONFIG_NAME, folder / KEYSTORE_NAME
    if config.exists():
        raise ConfigError("config/exists", "the file exists", value=config, remedy="name another folder, or edit it")
    start = f"start with `lockstep node --config {config}`"
    if local:
        folder.mkdir(parents=True, exist_ok=True)
        write_example(config)
        return Answer({"ok": True, "config": str(config)}, (f"wrote {config}; {start}",))
    password = _new_password(password_file)
    address = create_keystore(keystore, password).address
    settings = {"keystore": json.dumps(str(keystore)), "listen": json.dumps(OPERATOR_LISTEN)}
    if password_file is not None:
        settings["password_file"] = json.dumps(str(password_file))
    write_example(config, settings)
    document = {"ok": True, "config": str(config), "keystore": str(keystore), "address": address}
    lines = (
        f"wrote {config} and {keystore} (back it up, with its password)",
        f"the node's address is {address}: send it funds for bonds and gas",
        f"name your chain and its deployment in the configuration, then {start}",
    )
    return Answer(document, lines)


def _new_password(file: Path | None) -> str:
    """Asked twice at a terminal."""
    if file is None and not os.environ.get("LOCKSTEP_KEYSTORE_PASSWORD"):
        first = read_password(None)
        if first != read_password(None, prompt=_ask_again):
            raise AccountError("account/password", "the two passwords differ", remedy="try again")
        return first
    return read_password(file)


def _ask_again(text: str) -> str:
    return str(typer.prompt(f"Again. {text}".rstrip(": "), hide_input=True, err=True))


COMMANDS = (
    Command(
        "node run", run, ("lockstep node --config lockstep-node.toml", "lockstep node run --config x.toml --until-idle")
    ),
    Command("node init", init, ("lockstep node init mynode", "lockstep node init --local")),
)
