"""Every command of every feature."""

from lockstep.features.artifacts import availability_commands as availability
from lockstep.features.artifacts import commands as artifacts
from lockstep.features.command import Command
from lockstep.features.inference import commands as inference
from lockstep.features.inference import planting_commands as planting
from lockstep.features.inference import waiting_commands as waiting
from lockstep.features.models import commands as models
from lockstep.features.models import registry_commands as registry
from lockstep.features.proofs import commands as proofs
from lockstep.features.proofs import data_commands as data
from lockstep.features.proofs import statement_commands as statements
from lockstep.features.quorum import commands as quorum
from lockstep.features.simulation import commands as simulation

COMMANDS: tuple[Command, ...] = (
    *models.COMMANDS,
    *registry.COMMANDS,
    *artifacts.COMMANDS,
    *availability.COMMANDS,
    *inference.COMMANDS,
    *waiting.COMMANDS,
    *planting.COMMANDS,
    *quorum.COMMANDS,
    *proofs.COMMANDS,
    *statements.COMMANDS,
    *data.COMMANDS,
    *simulation.COMMANDS,
)
