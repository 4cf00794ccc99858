"""Playing for one claim: joining, moving, claiming time, resolving. Server and challenger share it."""

from collections.abc import Iterator
from dataclasses import dataclass

from lockstep.chain.binding import Transaction
from lockstep.chain.bindings.arbiter import Arbiter, Status
from lockstep.chain.bindings.bracket import Bracket, Match, Tournament, Verdict
from lockstep.chain.bindings.bracket import Descent as BoundDescent
from lockstep.chain.rpc import Rpc
from lockstep.claims.ids import commitment
from lockstep.crypto.hashing import keccak256
from lockstep.dispute.moves import Descend, Descent, Enter, Move, OpenOutputs, Reveal, Settle, SettleOutput
from lockstep.features.inference.answers import Answer
from lockstep.features.inference.view import JobView, MatchView
from lockstep.node.role import Action
from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True)
class Table:
    """The contracts that are played on, and who plays."""

    rpc: Rpc
    arbiter: Arbiter
    bracket: Bracket
    account: Address
    secret: bytes

    def salt(self, claim: Digest) -> Digest:
        """The salt of a commitment: derived, so that it is known again after a crash."""
        return keccak256(self.secret, claim)


def play(table: Table, view: JobView, answer: Answer, now: int) -> Iterator[Action]:
    """All that can be done now for an answer's claim in a dispute that it has joined."""
    claim = answer.claim_id(view.job_id)
    for match_id, match in view.matches.items():
        sides = (match.state.claim_a, match.state.claim_b)
        if match.survivor is not None or claim not in sides:
            continue
        side = sides.index(claim)
        if table.rpc.read(table.bracket.verdict(match.state, now)) != Verdict.UNDECIDED:
            yield Action(f"timeout/{match.state_hash.hex()}", table.bracket.timeout(match.state), "timeout")
        elif match.state.turn == side:
            move = answer.solver.next_move(match.state, view.shown(match, side))
            transaction = build_move(table.bracket, view, match, move)
            yield Action(f"move/{match_id.hex()}/{match.state_hash.hex()}", transaction, type(move).__name__.lower())
    if claim in view.claims and not view.is_resolved:
        yield from _resolve(table, view, answer, now)


def challenge(table: Table, view: JobView, answer: Answer, now: int) -> Iterator[Action]:
    """Commits to the true claim, and opens the commitment once it stands."""
    claim, job_id = answer.claim_id(view.job_id), view.job_id
    if table.account in view.challengers:
        yield from _open_commitment(table, view, answer, now)
        return
    if claim in view.claims or not can_challenge(table, view, now):
        return
    sealed = commitment(job_id, claim, table.account, table.salt(claim))
    bond = Amount(table.rpc.read_constant(table.bracket.CHALLENGE_BOND()))
    transaction = table.bracket.challenge(view.job, sealed, value=bond)
    yield Action(f"challenge/{claim.hex()}", transaction, "challenge")


def _open_commitment(table: Table, view: JobView, answer: Answer, now: int) -> Iterator[Action]:
    """Joins; or, where somebody stands for the claim already, takes it over or takes the bond back."""
    claim, job_id = answer.claim_id(view.job_id), view.job_id
    if table.account in view.opened or view.is_resolved:
        return
    salt, output_root, trace_root = table.salt(claim), answer.output_root, answer.trace.root
    if claim in view.claims:
        standing = table.rpc.read(table.bracket.claim_of(claim))
        order = view.challengers[table.account]
        if not standing.alive or (standing.owner, standing.order) == (table.account, order):
            return
        if standing.order <= order or now >= joining_ends(table, view):
            transaction = table.bracket.reclaim(job_id, output_root, trace_root, salt)
            yield Action(f"reclaim/{claim.hex()}", transaction, "reclaim")
            return
    transaction = table.bracket.join(view.job, output_root, trace_root, answer.solver.kids, salt)
    yield Action(f"join/{claim.hex()}", transaction, "join")


def can_challenge(table: Table, view: JobView, now: int) -> bool:
    """Whether the window, or the time to join an open tournament, has not run out."""
    if view.status is Status.ASSERTED:
        return now < table.rpc.read(table.arbiter.record_of(view.job_id)).asserted_at + view.job.window
    return now < joining_ends(table, view)


def joining_ends(table: Table, view: JobView) -> int:
    """The timestamp after which nobody can join."""
    tournament = read_tournament(table, view)
    return tournament.opened + table.rpc.read_constant(table.bracket.JOIN_SECONDS())


def read_tournament(table: Table, view: JobView) -> Tournament:
    """The tournament of a disputed job."""
    return table.rpc.read(table.bracket.tournament_of(view.job_id))


def _resolve(table: Table, view: JobView, answer: Answer, now: int) -> Iterator[Action]:
    if now < joining_ends(table, view) or any(match.survivor is None for match in view.matches.values()):
        return
    claim = table.rpc.read(table.bracket.claim_of(answer.claim_id(view.job_id)))
    if claim.alive and read_tournament(table, view).alive == 1:
        transaction = table.bracket.resolve(view.job, answer.output_root, answer.trace.root)
        yield Action(f"resolve/{view.job_id.hex()}", transaction, "resolve")


def withdraw(table: Table) -> Iterator[Action]:
    """Fetches what the contracts owe; the key names the debt, so one debt is fetched once."""
    for name, contract in (("arbiter", table.arbiter), ("bracket", table.bracket)):
        owed = table.rpc.read(contract.credit_of(table.account))
        if owed:
            nonce = table.rpc.read_nonce(table.account)
            yield Action(f"withdraw/{name}/{nonce}", contract.withdraw(), "withdraw")


def build_move(bracket: Bracket, view: JobView, match: MatchView, move: Move) -> Transaction:
    """The transaction of a move on the state that it was made for."""
    state: Match = match.state
    match move:
        case Descend():
            return bracket.descend(state, _bound(move.descent), move.next)
        case Enter():
            descent = _bound(move.descent)
            return bracket.enter(view.job, state, descent, move.descriptor, move.descriptor_path, move.next)
        case Reveal():
            return bracket.reveal(state, move.tile)
        case Settle():
            return bracket.settle(
                view.job, state, move.tile_a, move.tile_b, move.descriptor, move.descriptor_path, move.witness
            )
        case OpenOutputs():
            return bracket.open_outputs(view.job, state, move.output_a, move.output_b, move.next)
        case SettleOutput():
            return bracket.settle_output(view.job, state, move.tensor_root, move.path)


def _bound(descent: Descent) -> BoundDescent:
    return BoundDescent(
        descent.index, descent.child_mine, descent.child_theirs, descent.siblings_mine, descent.siblings_theirs
    )
