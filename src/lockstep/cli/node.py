"""`lockstep node`: run the roles of one configuration file until told to stop."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from lockstep.assembly.nodes import build_runner
from lockstep.features.command import Answer, Command
from lockstep.node.config import read_config, write_example

DEFAULT_CONFIG = Path("node.toml")


def run_node(
    config: Annotated[Path, typer.Option("--config", help="The configuration file.")] = DEFAULT_CONFIG,
    steps: Annotated[int, typer.Option(help="Stop after so many looks at the chain; 0: run until stopped.")] = 0,
) -> Answer:
    """Run a node: it may be killed at any moment and started again."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    settings = read_config(config)
    runner = build_runner(settings)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: runner.stop())
    structlog.get_logger().info("started", roles=[role.value for role in settings.roles], rpc=settings.rpc)
    taken = runner.run(poll_seconds=settings.poll_seconds, steps=steps)
    return Answer({"ok": True, "steps": taken}, (f"stopped after {taken} looks at the chain",))


def init_node(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = DEFAULT_CONFIG,
) -> Answer:
    """Write a commented configuration to start from."""
    write_example(path)
    return Answer(
        {"ok": True, "file": str(path)}, (f"wrote {path}; start the node with `lockstep node --config {path}`",)
    )


COMMANDS = (
    Command(
        "node run", run_node, ("lockstep node --config node.toml", "lockstep node run --config node.toml --steps 1")
    ),
    Command("node init", init_node, ("lockstep node init", "lockstep node init challenger.toml")),
)
