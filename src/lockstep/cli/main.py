"""The ``lockstep`` command: ``app`` for Typer, ``run()`` for the shell."""

import sys
from typing import NoReturn

import click

from lockstep.assembly.commands import COMMANDS as FEATURE_COMMANDS
from lockstep.cli import bench, doctor, network, node
from lockstep.cli.demo import command as demo
from lockstep.cli.output import Output
from lockstep.cli.registrar import build_app
from lockstep.errors import LockstepError

COMMANDS = (
    *demo.COMMANDS,
    *network.COMMANDS,
    *FEATURE_COMMANDS,
    *node.COMMANDS,
    *bench.COMMANDS,
    *doctor.COMMANDS,
)

app = build_app(COMMANDS)

USAGE_STATUS = 2
INTERRUPTED_STATUS = 130


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; misuse is one line (or one JSON document) too."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        status = app(given, standalone_mode=False)
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
