"""The reference page covers every command, word for word."""

from pathlib import Path

from lockstep.cli.main import COMMANDS, app
from lockstep.cli.reference import render_reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


def test_reference_page_is_what_the_commands_say() -> None:
    wanted = render_reference(app, COMMANDS)
    assert PAGE.read_text(encoding="utf-8") == wanted, "run tools/generate_reference.py"


def test_every_command_shows_an_example_of_itself() -> None:
    for command in COMMANDS:
        assert command.examples, command.name
        assert all(
            example.startswith(
                f"lockstep {command.name.removesuffix(' run') if 'node' in command.name else command.name}"
            )
            for example in command.examples
        )
