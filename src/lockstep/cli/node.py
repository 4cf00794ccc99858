"""`lockstep node`: runs the roles of one configuration file until it is stopped, and can be killed at any moment."""

import logging
import signal
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from lockstep.assembly.nodes import build_runner
from lockstep.features.command import Answer, Command, Progress
from lockstep.node.config import read_config, write_example

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file; `node init` writes one.")]
DEFAULT_CONFIG = Path("lockstep-node.toml")


def run(
    progress: Progress,
    config: ConfigOption = DEFAULT_CONFIG,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Stop when there is nothing to do, instead of waiting for more.")
    ] = False,
) -> Answer:
    """Run a node. Its log goes to stderr; Ctrl-C or SIGTERM ends it after the step that it is in."""
    _log_to_stderr()
    settings = read_config(config)
    progress("reading models and journal")
    runner = build_runner(settings)
    roles = [str(role) for role in settings.roles]
    progress(f"running {', '.join(roles)} on {settings.rpc}")
    steps = 0
    if until_idle:
        while runner.step():
            steps += 1
    else:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: runner.stop())
        runner.run(poll_seconds=settings.poll_seconds)
    document = {"ok": True, "roles": roles, "rpc": settings.rpc, "config": str(config)}
    return Answer(document | ({"active_steps": steps} if until_idle else {}), ("stopped",))


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = DEFAULT_CONFIG,
) -> Answer:
    """Write a configuration file in which every setting is explained."""
    write_example(file)
    return Answer({"ok": True, "config": str(file)}, (f"wrote {file}; start with `lockstep node --config {file}`",))


COMMANDS = (
    Command(
        "node run", run, ("lockstep node --config lockstep-node.toml", "lockstep node run --config x.toml --until-idle")
    ),
    Command("node init", init, ("lockstep node init", "lockstep node init server.toml")),
)
