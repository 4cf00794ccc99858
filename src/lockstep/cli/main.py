"""The ``lockstep`` command: ``run()`` for the shell; ``app`` and ``COMMANDS`` for whoever wants all of it."""

import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

import click

from lockstep.cli.output import Output
from lockstep.cli.registrar import build_app
from lockstep.errors import LockstepError

USAGE_STATUS = 2
INTERRUPTED_STATUS = 130
ALONE = {
    "verify": "verifying",
    "prove": "commands",
    "model key": "commands",
    "model prove-key": "statement_commands",
    "model rotate-key": "statement_commands",
    "model prove-accuracy": "statement_commands",
    "data key": "data_commands",
    "data prove": "data_commands",
}
"""Commands that start without all others, and their modules in ``lockstep.features.proofs``."""


def __getattr__(name: str) -> Any:
    """``app`` and ``COMMANDS`` are loaded when they are asked for, because `lockstep verify` starts without them."""
    if name not in ("app", "COMMANDS"):
        raise AttributeError(name)
    from lockstep.cli import everything

    return getattr(everything, name)


def _prepare(given: list[str]) -> Callable[..., Any]:
    """The application for these words, ready to be called.

    A proof is checked without loading what proves, and made without loading what speaks to chains.
    """
    name = next((name for name in ALONE if given[: len(name.split())] == name.split()), None)
    if name is None:
        from lockstep.cli.everything import app

        return partial(app, given)
    module = import_module(f"lockstep.features.proofs.{ALONE[name]}")
    alone = build_app(tuple(command for command in module.COMMANDS if command.name == name))
    if " " in name:
        return partial(alone, given, prog_name="lockstep")
    return partial(alone, given[1:], prog_name=f"lockstep {name}")


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; misuse is one line (or one JSON document) too."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        status = _prepare(given)(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(USAGE_STATUS)
    except click.ClickException as error:
        Output("--json" in given).refuse(_usage_error(error))
        sys.exit(USAGE_STATUS)
    except (click.Abort, KeyboardInterrupt):
        Output("--json" in given).refuse(LockstepError("cli/interrupted", "stopped before it was done"))
        sys.exit(INTERRUPTED_STATUS)
    sys.exit(status if isinstance(status, int) else 0)


def _usage_error(error: click.ClickException) -> LockstepError:
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "lockstep"
    message = error.format_message().rstrip(".")
    return LockstepError("cli/usage", message[:1].lower() + message[1:], remedy=f"see {path} --help")
