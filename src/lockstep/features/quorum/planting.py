"""Planted questions: the requester knows the answer, has sealed it in the question, and stands for it with a bond."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from lockstep.chain.binding import find_events
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Answer as Roots
from lockstep.chain.bindings.shared import Stage
from lockstep.claims.committee import seal
from lockstep.errors import ConfigError, ProtocolError, RevertError
from lockstep.features.command import Answer
from lockstep.features.connection import Connection
from lockstep.features.inference.view import JobsView
from lockstep.features.quorum.view import CommitteesView, PanelView
from lockstep.types import Amount, Digest


@dataclass(frozen=True, slots=True)
class Planted:
    """The sealed answer, and the 16 digests that bring its claim into a tournament."""

    output_root: Digest
    trace_root: Digest
    salt: Digest
    kids: tuple[Digest, ...]

    @property
    def seal(self) -> Digest:
        return seal(self.output_root, self.trace_root, self.salt)

    def write(self, path: Path) -> None:
        """Whole or not at all, for its owner only: who reads it knows which question is planted."""
        path.parent.mkdir(parents=True, exist_ok=True)
        digests = {"output_root": self.output_root, "trace_root": self.trace_root, "salt": self.salt}
        content = {name: digest.hex() for name, digest in digests.items()} | {"kids": [kid.hex() for kid in self.kids]}
        temporary = path.with_name(path.name + ".part")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Planted":
        """Raises ``ConfigError`` ``committee/not-planted``, ``committee/planted-file``."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            output_root, trace_root, salt = (
                Digest(bytes.fromhex(content[name])) for name in ("output_root", "trace_root", "salt")
            )
            planted = cls(output_root, trace_root, salt, tuple(Digest(bytes.fromhex(kid)) for kid in content["kids"]))
        except FileNotFoundError as error:
            raise ConfigError(
                "committee/not-planted", "no answer to this question was sealed here", remedy="name the right --home"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError("committee/planted-file", "the sealed answer cannot be read", value=str(path)) from error
        if planted.seal.hex() != path.stem:
            raise ConfigError("committee/planted-file", "the file is not of this seal", value=str(path))
        return planted


def find_panel(connection: Connection, job_id: Digest) -> PanelView:
    """The question that a job answers. Raises ``ProtocolError`` ``job/unknown``."""
    rpc, committee = connection.rpc, connection.deployment.contract(Committee)
    view = CommitteesView(JobsView(), committee.address)
    logs = rpc.read_logs([committee.address], connection.deployment.first_block, rpc.read_block_number())
    for logged in find_events(logs, [committee]):
        view.apply(logged)
    for panel in view.panels.values():
        if panel.job_id == job_id and not panel.is_watch:
            return panel
    raise ProtocolError("job/unknown", "no committee was asked for this job", value="0x" + job_id.hex())


def expose(connection: Connection, panel: PanelView, planted: Planted) -> Answer:
    """Show the sealed answer where the committee's is another: it goes into the Bracket with the planter's bond.

    Raises ``ProtocolError`` ``committee/stage`` while there is no answer, or when its money has been divided.
    """
    rpc, committee = connection.rpc, connection.deployment.contract(Committee)
    progress = rpc.read(committee.progress_of(panel.question_id))
    if progress.stage not in (Stage.SETTLED, Stage.LIT):
        raise ProtocolError(
            "committee/stage",
            "the committee has not answered, or its question is over",
            value=str(progress.stage.name),
            remedy="expose it while its answer can be appealed",
        )
    roots = Roots(planted.output_root, planted.trace_root)
    group = panel.group_of(roots.output_root, roots.trace_root)
    if group is not None and group + 1 == progress.asserted:
        document = {"ok": True, "question_id": panel.question_id, "agrees": True, "bond_wei": 0}
        return Answer(document, ("the committee gave the sealed answer: there is nothing to show",))
    bond = Amount(rpc.read(connection.deployment.contract(Bracket).CHALLENGE_BOND()))
    connection.send("expose", committee.expose(panel.question, roots, planted.salt, value=bond))
    place = len(panel.answers) if group is None else group
    try:
        connection.send("join", committee.join(panel.question, place, roots, planted.kids))
    except RevertError as error:
        if "already-done" not in error.code:
            raise
        # A challenger was there first: it stands for the same claim, and the bond is not needed.
        connection.send("reclaim", committee.reclaim(panel.question, place, roots))
    document = {
        "ok": True,
        "question_id": panel.question_id,
        "agrees": False,
        "bond_wei": bond if group is None else 0,
        "members_agree": group is not None,
    }
    line = "the sealed answer stands against the committee's; a node with the role challenger plays for it"
    return Answer(document, (line,))
