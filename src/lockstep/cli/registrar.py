"""Turns commands into Typer commands: adds ``--json``, gives progress, and puts the examples under the help."""

import inspect
import os
import sys
from collections.abc import Callable
from typing import Annotated

import click
import typer
from typer.core import TyperCommand, TyperGroup

from lockstep.cli.output import Output
from lockstep.errors import LockstepError
from lockstep.features.command import Answer, Command

JsonOption = Annotated[
    bool,
    typer.Option("--json", help="Print one JSON document on stdout and nothing else."),
]

DEFAULT_COMMANDS = {"node": "run"}
"""What a group does when it is given options and no command."""

GROUPS = {
    "model": "Compile, run, verify, register and list models.",
    "data": "Commit to data sets, and prove what they are like without showing them.",
    "artifact": "Keep, fetch and serve files by their Merkle roots.",
    "infer": "Ask for a model's answer through the contracts, and follow the answer.",
    "sim": "Simulate what strategies earn.",
    "stake": "Put tickets at stake on a model, and answer in its committees.",
    "node": "Run the roles of one configuration file.",
    "net": "A network of nodes on one machine, and what becomes of it while they fail and cheat.",
}


class PlainCommand(TyperCommand):
    """A command whose help is plain text: Typer escapes brackets for Rich even where Rich does not print them."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_help(ctx, formatter)
        formatter.buffer[:] = [text.replace("\\[", "[") for text in formatter.buffer]


class DefaultingGroup(TyperGroup):
    """A group that takes ``lockstep node --config FILE`` for ``lockstep node run --config FILE``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        default = DEFAULT_COMMANDS.get(ctx.info_name or "")
        if default and args and args[0] not in self.commands and args[0] != "--help":
            args = [default, *args]
        return super().parse_args(ctx, args)


def build_app(commands: tuple[Command, ...]) -> typer.Typer:
    """The Typer application of a list of commands."""
    app = typer.Typer(
        name="lockstep",
        help="AI results on EVM chains that a contract can check.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    groups: dict[str, typer.Typer] = {}
    for command in commands:
        group_name, _, name = command.name.rpartition(" ")
        if group_name and group_name not in groups:
            groups[group_name] = typer.Typer(cls=DefaultingGroup, no_args_is_help=True, rich_markup_mode=None)
            app.add_typer(groups[group_name], name=group_name, help=GROUPS[group_name])
        target = groups[group_name] if group_name else app
        target.command(name, cls=PlainCommand, epilog=_epilog(command.examples))(_with_output(command.run))
    return app


def _epilog(examples: tuple[str, ...]) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {example}" for example in examples) if examples else ""


def _with_output(run: Callable[..., Answer]) -> Callable[..., None]:
    """The function that Typer calls: the same options and ``--json``, minus ``progress``."""
    signature = inspect.signature(run, eval_str=True)
    wants_progress = "progress" in signature.parameters

    def invoke(**options: object) -> None:
        output = Output(bool(options.pop("json")))
        try:
            with output.progress() as progress:
                answer = run(**options, progress=progress) if wants_progress else run(**options)
        except LockstepError as error:
            output.refuse(error)
            raise typer.Exit(1) from error
        except OSError as error:
            output.refuse(_file_error(error))
            raise typer.Exit(1) from error
        except Exception as error:
            if os.environ.get("LOCKSTEP_DEBUG"):
                raise
            output.refuse(_unexpected_error(error))
            raise typer.Exit(1) from error
        output.answer(answer)
        if answer.status:
            raise typer.Exit(answer.status)

    kept = [parameter for name, parameter in signature.parameters.items() if name != "progress"]
    as_json = inspect.Parameter("json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=JsonOption)
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in kept] + [as_json]
    invoke.__doc__ = inspect.getdoc(run)
    invoke.__name__ = run.__name__
    invoke.__annotations__ = {p.name: p.annotation for p in parameters}
    invoke.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return invoke


def _file_error(error: OSError) -> LockstepError:
    value = error.filename if error.filename is not None else error
    return LockstepError("file/access", (error.strerror or "the system refused").lower(), value=value)


def _unexpected_error(error: Exception) -> LockstepError:
    """A defect of ours: one line all the same, and the way to see all of it."""
    where = sys.exc_info()[2]
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno}" if where is not None else ""
    message = f"this should not happen: {type(error).__name__}: {error}"
    return LockstepError(
        "internal/defect",
        message,
        value=place,
        remedy="set LOCKSTEP_DEBUG=1 to see the whole trace",
    )
