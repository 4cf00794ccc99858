"""Tells a job's story from what the chain recorded: who paid what, every move, and the number that was recomputed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lockstep.chain.binding import Event, find_events
from lockstep.chain.bindings.arbiter import Arbiter, Asserted, Finalised, Requested, Voided
from lockstep.chain.bindings.bracket import (
    Bracket,
    Challenged,
    Decided,
    Joined,
    Match,
    Moved,
    Phase,
    Recomputed,
    Resolved,
    Revealed,
    Started,
)
from lockstep.chain.bindings.shared import Credited
from lockstep.cli.demo.chronicle import Entry
from lockstep.cli.demo.record import Move, Payment
from lockstep.errors import ProtocolError
from lockstep.types import Address, Amount, Digest

BURNT: Final = "burnt"
MOVES: Final = (Moved, Revealed, Decided)


@dataclass(frozen=True, slots=True)
class History:
    """The transactions of a chain, the contracts that they called, and the names of those who take part."""

    entries: Sequence[Entry]
    arbiter: Arbiter
    bracket: Bracket
    names: Mapping[Address, str]

    def name(self, account: Address) -> str:
        return self.names.get(account, account)

    def events(self, job_id: Digest) -> Iterator[tuple[Entry, Event]]:
        """All events of a job, in order, each with the transaction that it happened in."""
        matches: set[Digest] = set()
        for entry in self.entries:
            for found in find_events(entry.logs, (self.arbiter, self.bracket)):
                event = found.event
                if getattr(event, "job_id", None) == job_id:
                    matches |= {event.match_id} if isinstance(event, Started) else set()
                    yield entry, event
                elif isinstance(event, Recomputed) and event.match_id in matches:
                    yield entry, event

    def read_paid_in(self, job_id: Digest, challenge_bond: int) -> tuple[Payment, ...]:
        """The fee and the bonds."""
        payments = []
        terms = next((event.job for _, event in self.events(job_id) if isinstance(event, Requested)), None)
        if terms is None:
            raise ProtocolError("job/unknown", "nobody asked for this job", value="0x" + job_id.hex())
        for entry, event in self.events(job_id):
            if isinstance(event, Requested):
                payments.append(Payment(self.name(event.requester), "fee", Amount(terms.fee)))
            elif isinstance(event, Asserted):
                payments.append(Payment(self.name(event.claimant), "bond", Amount(terms.bond)))
            elif isinstance(event, Challenged):
                payments.append(Payment(self.name(entry.sender), "challenge bond", Amount(challenge_bond)))
        return tuple(payments)

    def read_paid_out(self, job_id: Digest) -> tuple[Payment, ...]:
        """What the transactions that ended the job credited and burnt."""
        ends = [entry for entry, event in self.events(job_id) if isinstance(event, Finalised | Voided)]
        resolved = next((event for _, event in self.events(job_id) if isinstance(event, Resolved)), None)
        payments = []
        for entry in ends:
            for found in find_events(entry.logs, (self.arbiter, self.bracket)):
                credit = found.event
                if isinstance(credit, Credited):
                    is_fee = found.log.address == self.arbiter.address
                    reason = _reason(credit, is_fee=is_fee, resolved=resolved)
                    payments.append(Payment(self.name(credit.account), reason, Amount(credit.amount)))
        if resolved is not None and resolved.burnt:
            payments.append(Payment(BURNT, "rest of the lost bond", Amount(resolved.burnt)))
        return tuple(payments)

    def read_match(self, job_id: Digest, cheater: Address) -> tuple[Move, ...]:
        """The moves of the match; "false" is the side of the claim that ``cheater`` joined with."""
        moves: list[Move] = []
        false_claim, state = None, None
        for entry, event in self.events(job_id):
            if isinstance(event, Joined) and event.owner == cheater:
                false_claim = event.claim_id
            elif isinstance(event, Started):
                state = event.state
            elif isinstance(event, MOVES) and state is not None:
                before, state = state, event.state if isinstance(event, Moved | Revealed) else state
                moves.append(self._move(entry, before, state, is_a_false=state.claim_a == false_claim))
        return tuple(moves)

    def _move(self, entry: Entry, before: Match, after: Match, *, is_a_false: bool) -> Move:
        nodes = (after.node_a, after.node_b) if is_a_false else (after.node_b, after.node_a)
        index, what = None, entry.name
        if entry.name == "descend":
            index = after.position % 16
            what = _describe_descent(before, after)
        elif entry.name == "enter":
            index, what = after.item % 16, f"enter: node {after.item}"
        return Move(before.phase.name or "", self.name(entry.sender), what, index, *nodes, entry.gas)

    def read_recomputed(self, job_id: Digest) -> Recomputed:
        """The number that decided the match."""
        found = [event for _, event in self.events(job_id) if isinstance(event, Recomputed)]
        if not found:
            raise ProtocolError("demo/no-number", "the match ended without a recomputed number")
        return found[-1]


def _reason(credit: Credited, *, is_fee: bool, resolved: Resolved | None) -> str:
    if resolved is None:
        return "fee and bond back"
    if is_fee:
        return "fee back"
    return "bond back and reward" if credit.account == resolved.owner else "bond back"


def _describe_descent(before: Match, after: Match) -> str:
    if before.phase == Phase.TRACE:
        first = after.position << after.levels
        return f"descend: nodes {first} to {first + (1 << after.levels) - 1}"
    if after.levels:
        first = after.position << after.levels
        return f"descend: tiles {first} to {first + (1 << after.levels) - 1}"
    return f"descend: tile {after.position}"
