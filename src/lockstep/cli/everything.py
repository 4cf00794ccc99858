"""All commands, and the Typer application of them; importing this loads every library that any command needs."""

from lockstep.assembly.commands import COMMANDS as FEATURE_COMMANDS
from lockstep.cli import bench, doctor, network, node
from lockstep.cli.demo import command as demo
from lockstep.cli.net import chaos
from lockstep.cli.net import commands as net
from lockstep.cli.registrar import build_app

COMMANDS = (
    *demo.COMMANDS,
    *network.COMMANDS,
    *FEATURE_COMMANDS,
    *node.COMMANDS,
    *net.COMMANDS,
    *chaos.COMMANDS,
    *bench.COMMANDS,
    *doctor.COMMANDS,
)

app = build_app(COMMANDS)
