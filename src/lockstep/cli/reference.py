"""The reference page of the command line, from the commands themselves; a test keeps the page equal to this."""

import click
import typer

from lockstep.features.command import Command

WIDTH = 100
INTRODUCTION = """# Commands

Made from the commands themselves by `tools/generate_reference.py`; a test fails when this page differs from them.

Every command takes `--json`: then stdout has exactly one JSON document, and an error is
`{"ok": false, "error": {"code", "message", "value", "remedy"}}`. Without it an error is one line on stderr,
`code: message (value; remedy)`. Exit status: 0 done, 1 refused or not fulfilled, 2 wrong usage, 130 interrupted.
Progress always goes to stderr. State is kept in `.lockstep/` in the current folder, or where `--home` or
`LOCKSTEP_HOME` says.
"""


def render_reference(app: typer.Typer, commands: tuple[Command, ...]) -> str:
    """The page: one section a command, with what `--help` prints."""
    root = typer.main.get_command(app)
    return INTRODUCTION + "".join(_section(root, command.name) for command in commands)


def _section(root: click.Command, name: str) -> str:
    command, context = root, click.Context(root, info_name="lockstep", terminal_width=WIDTH, max_content_width=WIDTH)
    for word in name.split():
        assert isinstance(command, click.Group)
        found = command.get_command(context, word)
        assert found is not None
        command = found
        context = click.Context(command, info_name=word, parent=context, terminal_width=WIDTH, max_content_width=WIDTH)
    return f"\n## lockstep {name}\n\n```text\n{command.get_help(context).strip()}\n```\n"
