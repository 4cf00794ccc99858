# pragma version ==0.4.3
# pragma optimize codesize
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Committee
@notice Several operators answer one question, each with a ticket at stake; any one of them can take it to the Bracket.
@dev committee.md. Invariants:
     1. No answer is final by count. A majority only asserts: the Committee is an ordinary claimant at the Arbiter, whose
        window is open to every challenge, and a group's own stake is enough for one. There is no quorum without appeal.
     2. A quorum's job comes to be at the Arbiter in the call that answers it, so no stranger can answer first.
     3. Balance + credits at the trunk = credits + fees and pay of questions that are not DONE + deposits of demanded tiles +
        what was burnt (event `Concluded`) + bonds that came back for questions that are not DONE.
     4. Every member of a DONE question has its ticket back or forfeited some of it, once. A ticket is forfeited only by
        an answer that is not the final one, by a tile that was not opened, or by silence; silence costs nothing when nobody
        was right, so a question that nobody can answer harms nobody.
     5. The winners' share of what is forfeited is half, the rest is burnt, so that losing to oneself costs half a ticket.
        Who gets what is said by the Referee, which has no state.
     6. Every stage ends by a call that anybody can make after a bounded time. Loops are over at most 45 seats.
     7. Strangers are called only in `withdraw`, and in `on_result`, which changes nothing here. No administrator.
@custom:kill None: questions that were asked are decided by these rules.
"""
from .interfaces import IArbiter
from .interfaces import IBeacon
from .interfaces import IBracket
from .interfaces import ICommittee
from .interfaces import IConsumer
from .interfaces import IReferee
from .interfaces import IStake
from .modules import advocacy
from .modules import credits
from .modules import job_terms
from .modules import panels
from .modules import progress_word
from .modules import seat_word

implements: ICommittee
implements: IConsumer

initializes: credits
initializes: panels
initializes: advocacy

exports: (credits.credit_of, credits.withdraw)
exports: (
    panels.STAKE,
    panels.BEACON,
    panels.BEACON_BLOCKS,
    panels.COMMIT_SECONDS,
    panels.REVEAL_SECONDS,
    panels.commit,
    panels.reveal,
    panels.progress_of,
    panels.seat_of,
    panels.seed_of,
)
exports: (advocacy.ARBITER, advocacy.BRACKET)

MINIMUM_QUORUM: constant(uint256) = 3
MAXIMUM_SIZE: constant(uint256) = 15
LAST_ROUND: constant(uint256) = 2
MAXIMUM_SECONDS: constant(uint256) = 31_536_000
WHOLE: constant(uint256) = 10_000

REFEREE: public(immutable(IReferee))
TICKET: public(immutable(uint256))
SILENCE_FORFEIT: public(immutable(uint256))
OPENING_ONE_IN: public(immutable(uint256))
OPENING_DEPOSIT: public(immutable(uint256))
OPENING_SECONDS: public(immutable(uint256))
BEACON_SECONDS: public(immutable(uint256))
APPEAL_SECONDS: public(immutable(uint256))

_callers: HashMap[bytes32, address]
_demanders: HashMap[bytes32, HashMap[uint256, address]]


struct Parameters:
    beacon_blocks: uint256
    beacon_seconds: uint256  # in which a beacon should be shown
    commit_seconds: uint256
    reveal_seconds: uint256
    appeal_seconds: uint256  # the least window of a job
    opening_seconds: uint256  # for demands, and again for openings
    opening_one_in: uint256  # of members who revealed, one in so many has to open a tile
    opening_deposit: uint256  # wei
    silence_basis_points: uint256  # of a ticket


@deploy
def __init__(
    arbiter: IArbiter,
    bracket: IBracket,
    referee: IReferee,
    stake: IStake,
    beacon: IBeacon,
    parameters: Parameters,
):
    """
    @param stake Deployed just before, for the address that this contract gets.
    """
    panels.__init__(
        stake,
        beacon,
        parameters.beacon_blocks,
        parameters.commit_seconds,
        parameters.reveal_seconds,
    )
    TICKET = staticcall stake.TICKET()
    advocacy.__init__(arbiter, bracket, TICKET)
    assert parameters.silence_basis_points <= WHOLE, "committee/ticket"
    assert parameters.opening_one_in != 0, "committee/tiles"
    assert parameters.opening_seconds != 0 and parameters.opening_seconds < 2**32, "committee/clock"
    assert parameters.appeal_seconds != 0, "committee/clock"
    assert parameters.beacon_seconds != 0 and parameters.beacon_seconds < 2**32, "committee/clock"
    REFEREE = referee
    SILENCE_FORFEIT = max(1, TICKET * parameters.silence_basis_points // WHOLE)
    OPENING_ONE_IN = parameters.opening_one_in
    OPENING_DEPOSIT = parameters.opening_deposit
    OPENING_SECONDS = parameters.opening_seconds
    BEACON_SECONDS = parameters.beacon_seconds
    APPEAL_SECONDS = parameters.appeal_seconds


@external
@payable
@reentrant
def __default__():
    """
    @dev Bonds and rewards that come back, while this contract fetches them.
    """
    assert (
        msg.sender == panels.STAKE.address
        or msg.sender == advocacy.ARBITER.address
        or msg.sender == advocacy.BRACKET.address
    ), "only/trunk"


# --- questions


@external
@payable
def convene(question: ICommittee.Question, input_data: Bytes[16384]) -> bytes32:
    """
    @notice Ask a committee. The job is at the Arbiter when the committee has answered, and nobody else can answer it.
    """
    question_id: bytes32 = self._question_id(question)
    job: IArbiter.Job = question.job
    assert question.requester == msg.sender, "committee/requester"
    assert job.requester == self and job.bond == TICKET, "committee/job"
    assert question.size >= MINIMUM_QUORUM and question.one_in == 1, "committee/size"
    assert job.fee == question.size * question.pay, "committee/pay"
    # What `Arbiter.request` would refuse, it would refuse too late.
    assert job.passes != 0 and job.passes <= 65536, "committee/job"
    assert job.window >= APPEAL_SECONDS and job.window <= MAXIMUM_SECONDS, "committee/window"
    # In time for three rounds and an answer.
    round_seconds: uint256 = BEACON_SECONDS + panels.COMMIT_SECONDS + panels.REVEAL_SECONDS
    assert job.respond_by >= block.timestamp + 4 * round_seconds, "committee/deadline"
    assert job.respond_by <= block.timestamp + MAXIMUM_SECONDS, "committee/deadline"
    job = self._job_of(question, question_id)
    job_id: bytes32 = job_terms._job_id(advocacy.ARBITER.address, job)
    if job.callback_gas != 0:
        self._callers[job_id] = msg.sender
    self._begin(question, question_id, job_id, input_data)
    return question_id


@external
@payable
def watch(question: ICommittee.Question) -> bytes32:
    """
    @notice Pay operators to check somebody's claim: those who find it false challenge it with their stakes.
    """
    question_id: bytes32 = self._question_id(question)
    assert question.requester == msg.sender, "committee/requester"
    assert question.job.requester != self, "committee/job"
    assert question.size != 0 and question.one_in != 0, "committee/size"
    job_id: bytes32 = job_terms._job_id(advocacy.ARBITER.address, question.job)
    assert not self._is_late(question), "committee/deadline"
    self._begin(question, question_id, job_id, b"")
    return question_id


@internal
@payable
def _begin(
    question: ICommittee.Question,
    question_id: bytes32,
    job_id: bytes32,
    input_data: Bytes[16384],
):
    assert question.size <= MAXIMUM_SIZE, "committee/size"
    assert msg.value == question.size * question.pay, "committee/pay"
    assert panels.words[question_id] == 0, "committee/already-done"
    progress: ICommittee.Progress = empty(ICommittee.Progress)
    progress.size = question.size
    panels._await_beacon(question_id, progress, self._places(question))
    log ICommittee.Convened(
        question_id=question_id,
        job_id=job_id,
        requester=msg.sender,
        question=question,
        input_data=input_data,
    )


@external
def await_beacon(question: ICommittee.Question):
    """
    @notice Nobody showed the beacon while it could be shown: the draw waits for a later one.
    """
    question_id: bytes32 = self._question_id(question)
    progress: ICommittee.Progress = self._at(question_id, ICommittee.Stage.DRAWING)
    assert staticcall panels.BEACON.is_lost(progress.beacon_block), "committee/beacon"
    panels._await_beacon(question_id, progress, self._places(question))


@external
def draw(question: ICommittee.Question, evidence: Bytes[1024]):
    """
    @notice Fill the seats, by the beacon of the block that was named before anybody knew it.
    """
    question_id: bytes32 = self._question_id(question)
    progress: ICommittee.Progress = self._at(question_id, ICommittee.Stage.DRAWING)
    if self._is_late(question):
        self._void(question, question_id, progress)
        return
    seed: bytes32 = panels._fix_seed(
        question_id, progress.beacon_block, progress.round, evidence
    )
    log ICommittee.Drawn(question_id=question_id, round=progress.round, seed=seed)
    progress = panels._seat(
        question_id,
        progress,
        question.job.model_id,
        seed,
        self._missing(question, progress, seed),
        question.pay // question.job.passes // 10**9,
    )
    seated: uint256 = progress.revealed + progress.seats - progress.round_start
    if seated < self._needed(question):
        self._void(question, question_id, progress)
    else:
        panels.words[question_id] = progress_word._pack(progress)


@external
def settle(question: ICommittee.Question, answers: DynArray[ICommittee.Answer, 16]):
    """
    @notice Everybody revealed or had the time to: answer, or draw others for those who did not.
    @param answers Of all groups, in their order.
    """
    question_id: bytes32 = self._question_id(question)
    progress: ICommittee.Progress = self._at(question_id, ICommittee.Stage.ANSWERING)
    assert panels._is_answered(progress), "committee/clock"
    if self._is_watch(question):
        self._settled(question_id, progress)
    elif block.timestamp >= question.job.respond_by:
        self._void(question, question_id, progress)
    elif progress.revealed >= self._needed(question):
        self._answer(question, question_id, progress, answers)
    elif progress.round < LAST_ROUND:
        progress.round += 1
        panels._await_beacon(question_id, progress, self._places(question))
    else:
        self._void(question, question_id, progress)


@internal
def _answer(
    question: ICommittee.Question,
    question_id: bytes32,
    given: ICommittee.Progress,
    answers: DynArray[ICommittee.Answer, 16],
):
    """
    @notice The largest group's answer is asserted; without a majority all others go into the Bracket at once.
    """
    progress: ICommittee.Progress = given
    self._require_answers(question_id, progress, answers)
    counts: uint256[16] = self._count(question_id, progress)
    largest: uint256 = 0
    for group: uint256 in range(progress.groups, bound=16):
        if counts[group] > counts[largest]:
            largest = group
    progress.asserted = largest + 1
    has_majority: bool = counts[largest] >= self._needed(question)
    lent: uint256 = TICKET
    if not has_majority:
        for group: uint256 in range(progress.groups, bound=16):
            if group != largest:
                progress.challenged |= 1 << group
                lent += advocacy.CHALLENGE_BOND
    self._settled(question_id, progress)
    job: IArbiter.Job = self._job_of(question, question_id)
    extcall panels.STAKE.lend(lent)
    extcall advocacy.ARBITER.request(job, b"", value=job.fee)
    extcall advocacy.ARBITER.assert_result(job, answers[largest].output_root, value=job.bond)
    log ICommittee.QuorumAnswered(
        question_id=question_id,
        job_id=job_terms._job_id(advocacy.ARBITER.address, job),
        output_root=answers[largest].output_root,
        equal=counts[largest],
    )
    if not has_majority:
        for group: uint256 in range(progress.groups, bound=16):
            if group != largest:
                advocacy._challenge(job, answers[group])
                log ICommittee.Appealed(question_id=question_id, group=group)


@internal
def _settled(question_id: bytes32, given: ICommittee.Progress):
    """
    @notice From here on tiles can be asked for, by a beacon that nobody knows yet.
    """
    progress: ICommittee.Progress = given
    progress.stage = ICommittee.Stage.SETTLED
    progress.since = block.timestamp
    progress.beacon_block = block.number + panels.BEACON_BLOCKS
    panels.words[question_id] = progress_word._pack(progress)
    log ICommittee.BeaconAwaited(
        question_id=question_id, round=panels.OPENING_ROUND, number=progress.beacon_block
    )


# --- the game


@external
def appeal(question: ICommittee.Question, group: uint256, answer: ICommittee.Answer):
    """
    @notice A group challenges the answer with its own stake. Anybody may see to it: a group that keeps silent loses as much.
    """
    question_id: bytes32 = self._question_id(question)
    progress: ICommittee.Progress = self._settled_progress(question_id)
    assert group < progress.groups and group + 1 != progress.planted, "committee/group"
    if self._is_watch(question):
        # Who agrees with the claim has nothing to gain from a game, and must not be dragged into one.
        record: IArbiter.Record = self._record(question.job)
        assert answer.output_root != record.output_root, "committee/group"
    self._appeal(question, question_id, progress, group, answer)


@internal
def _appeal(
    question: ICommittee.Question,
    question_id: bytes32,
    given: ICommittee.Progress,
    group: uint256,
    answer: ICommittee.Answer,
):
    progress: ICommittee.Progress = given
    panels._require_answer(question_id, group, answer)
    assert group + 1 != progress.asserted, "committee/group"
    assert progress.challenged & (1 << group) == 0, "committee/already-done"
    progress.challenged |= 1 << group
    panels.words[question_id] = progress_word._pack(progress)
    log ICommittee.Appealed(question_id=question_id, group=group)
    if group + 1 != progress.planted:
        extcall panels.STAKE.lend(advocacy.CHALLENGE_BOND)
    advocacy._challenge(self._job_of(question, question_id), answer)


@external
def join(
    question: ICommittee.Question,
    group: uint256,
    answer: ICommittee.Answer,
    kids: bytes32[16],
):
    """
    @notice Bring a group's claim into the tournament; who knows its trace can. Moves are then made in the Bracket.
    """
    question_id: bytes32 = self._question_id(question)
    progress: ICommittee.Progress = self._settled_progress(question_id)
    panels._require_answer(question_id, group, answer)
    job: IArbiter.Job = self._job_of(question, question_id)
    if group + 1 == progress.asserted:
        extcall advocacy.BRACKET.defend(job, answer.trace_root, kids)
    else:
        progress.joined |= 1 << group
        panels.words[question_id] = progress_word._pack(progress)
        extcall advocacy.BRACKET.join(
            job, answer.output_root, answer.trace_root, kids, empty(bytes32)
        )


@external
def reclaim(question: ICommittee.Question, group: uint256, answer: ICommittee.Answer):
    """
    @notice Somebody else stands for a group's claim: its bond comes back.
    """
    question_id: bytes32 = self._question_id(question)
    progress: ICommittee.Progress = self._settled_progress(question_id)
    panels._require_answer(question_id, group, answer)
    progress.reclaimed |= 1 << group
    panels.words[question_id] = progress_word._pack(progress)
    job: IArbiter.Job = self._job_of(question, question_id)
    extcall advocacy.BRACKET.reclaim(
        job_terms._job_id(advocacy.ARBITER.address, job),
        answer.output_root,
        answer.trace_root,
        empty(bytes32),
    )


@external
@payable
def expose(question: ICommittee.Question, answer: ICommittee.Answer, salt: bytes32):
    """
    @notice The question was planted: show the answer that was sealed in it. Another one than the committee's goes into the
            Bracket with the planter's bond, so that nobody has to trust the planter.
    """
    question_id: bytes32 = self._question_id(question)
    progress: ICommittee.Progress = self._settled_progress(question_id)
    assert question.requester == msg.sender, "committee/requester"
    assert msg.value == advocacy.CHALLENGE_BOND, "committee/value"
    assert (
        keccak256(concat(answer.output_root, answer.trace_root, salt)) == question.seal
    ), "committee/seal"
    assert answer.output_root != empty(bytes32), "committee/answer"
    assert progress.asserted != 0, "committee/job"
    assert progress.planted == 0, "committee/already-done"
    known: uint256 = progress.groups
    group: uint256 = panels._group(
        question_id, known, answer.output_root, answer.trace_root
    )
    log ICommittee.Audited(question_id=question_id, agrees=group == progress.asserted)
    if group > known:
        progress.groups = group
        progress.planted = group
        self._appeal(question, question_id, progress, group - 1, answer)
    else:
        # A group of the committee says the same, and has its own stake for it.
        credits._credit(msg.sender, msg.value)
        if group != progress.asserted and progress.challenged & (1 << (group - 1)) == 0:
            self._appeal(question, question_id, progress, group - 1, answer)


# --- tiles


@external
def light(question_id: bytes32, evidence: Bytes[1024]):
    """
    @notice Show the second beacon, which says what members have to open.
    """
    progress: ICommittee.Progress = self._at(question_id, ICommittee.Stage.SETTLED)
    assert block.timestamp < progress.since + BEACON_SECONDS, "committee/clock"
    seed: bytes32 = panels._fix_seed(
        question_id, progress.beacon_block, panels.OPENING_ROUND, evidence
    )
    progress.stage = ICommittee.Stage.LIT
    progress.since = block.timestamp
    panels.words[question_id] = progress_word._pack(progress)
    log ICommittee.Lit(question_id=question_id, seed=seed)


@external
@payable
def demand(question_id: bytes32, seat: uint256):
    """
    @notice Ask a member for its tile, for what opening it costs. In the first half of the time, so that it can answer.
    """
    progress: ICommittee.Progress = self._at(question_id, ICommittee.Stage.LIT)
    assert block.timestamp < progress.since + OPENING_SECONDS, "committee/clock"
    assert msg.value == OPENING_DEPOSIT, "committee/value"
    word: uint256 = panels.seats[question_id][seat]
    assert seat_word._group(word) != 0, "committee/member"
    assert not self._must_open(question_id, word), "committee/already-done"
    panels.seats[question_id][seat] = word | seat_word.DEMANDED
    self._demanders[question_id][seat] = msg.sender
    log ICommittee.TileDemanded(question_id=question_id, seat=seat, demander=msg.sender)


@external
def open_tile(
    question: ICommittee.Question,
    seat: uint256,
    answer: ICommittee.Answer,
    opening: ICommittee.KeyedOpening,
):
    """
    @notice A member's tile under its keyed trace root and under the trace root; anybody may send it.
    """
    question_id: bytes32 = self._question_id(question)
    progress: ICommittee.Progress = self._at(question_id, ICommittee.Stage.LIT)
    assert block.timestamp < progress.since + 2 * OPENING_SECONDS, "committee/clock"
    word: uint256 = panels.seats[question_id][seat]
    group: uint256 = seat_word._group(word)
    assert group != 0 and self._must_open(question_id, word), "committee/member"
    assert word & seat_word.OPENED == 0, "committee/already-done"
    panels._require_answer(question_id, group - 1, answer)
    operator: address = seat_word._operator(word)
    assert staticcall REFEREE.shows_tile(
        question.job,
        panels.seeds[question_id][seat_word._round(word)],
        self._pick(question_id, operator),
        operator,
        answer.trace_root,
        panels.digests[question_id][seat],
        opening,
    ), "committee/opening"
    panels.seats[question_id][seat] = word | seat_word.OPENED
    if word & seat_word.DEMANDED != 0:
        credits._credit(operator, OPENING_DEPOSIT)
    log ICommittee.TileOpened(question_id=question_id, seat=seat)


@internal
@view
def _pick(question_id: bytes32, operator: address) -> uint256:
    seed: bytes32 = panels.seeds[question_id][panels.OPENING_ROUND]
    return convert(keccak256(concat(seed, convert(operator, bytes20))), uint256)


@internal
@view
def _must_open(question_id: bytes32, word: uint256) -> bool:
    """
    @notice Whether a member that revealed was asked for its tile, by somebody or by the beacon.
    @dev The top bits say whether, the lower ones which tile.
    """
    pick: uint256 = self._pick(question_id, seat_word._operator(word))
    return word & seat_word.DEMANDED != 0 or (pick >> 192) % OPENING_ONE_IN == 0


# --- the end


@external
def conclude(question: ICommittee.Question, answers: DynArray[ICommittee.Answer, 16]):
    """
    @notice The job is decided: who was right is paid, who was not forfeits its ticket.
    """
    question_id: bytes32 = self._question_id(question)
    progress: ICommittee.Progress = self._settled_progress(question_id)
    if progress.stage == ICommittee.Stage.LIT:
        assert block.timestamp >= progress.since + 2 * OPENING_SECONDS, "committee/clock"
    else:
        assert block.timestamp >= progress.since + BEACON_SECONDS, "committee/clock"
    self._require_answers(question_id, progress, answers)
    self._end(question, question_id, progress, answers, False)


@internal
def _void(
    question: ICommittee.Question, question_id: bytes32, progress: ICommittee.Progress
):
    """
    @notice No answer: the requester is refunded. Who committed and kept silent forfeits, half of it to those who revealed.
    """
    log ICommittee.CommitteeVoided(question_id=question_id)
    self._end(question, question_id, progress, [], True)


@internal
def _end(
    question: ICommittee.Question,
    question_id: bytes32,
    given: ICommittee.Progress,
    answers: DynArray[ICommittee.Answer, 16],
    is_void: bool,
):
    """
    @notice Everybody gets what the Referee says: fees and shares as credits, tickets back or forfeited.
    """
    progress: ICommittee.Progress = given
    seats: DynArray[uint256, 45] = []
    tickets: DynArray[uint256, 45] = []
    committed: uint256 = 0
    failed: uint256 = 0
    for seat: uint256 in range(progress.seats, bound=45):
        word: uint256 = panels.seats[question_id][seat]
        seats.append(word)
        tickets.append(seat_word._ticket(word))
        if panels.digests[question_id][seat] != empty(bytes32):
            committed |= 1 << seat
        if (
            progress.stage == ICommittee.Stage.LIT
            and seat_word._group(word) != 0
            and word & seat_word.OPENED == 0
            and self._must_open(question_id, word)
        ):
            failed |= 1 << seat
            if word & seat_word.DEMANDED != 0:
                credits._credit(self._demanders[question_id][seat], OPENING_DEPOSIT)
    progress.stage = ICommittee.Stage.DONE
    panels.words[question_id] = progress_word._pack(progress)
    shares: IReferee.Shares = staticcall REFEREE.shares_of(
        question,
        self._job_of(question, question_id),
        progress,
        answers,
        is_void,
        IReferee.Panel(
            ticket=TICKET,
            silence_forfeit=SILENCE_FORFEIT,
            seats=seats,
            committed=committed,
            failed=failed,
        ),
    )
    for seat: uint256 in range(progress.seats, bound=45):
        if (shares.winners >> seat) & 1 == 1:
            credits._credit(seat_word._operator(seats[seat]), shares.each)
    credits._credit(question.requester, shares.requester)
    log ICommittee.Concluded(
        question_id=question_id,
        winners=shares.winners,
        forfeited=shares.forfeited,
        burnt=shares.burnt,
    )
    if not is_void:
        advocacy._fetch()
    extcall panels.STAKE.release(
        question.job.model_id,
        tickets,
        shares.forfeits,
        shares.lent,
        value=shares.lent - shares.forfeited if shares.lent > shares.forfeited else 0,
    )


# --- terms


@internal
@view
def _question_id(question: ICommittee.Question) -> bytes32:
    return keccak256(abi_encode(chain.id, self, question))


@internal
@view
def _job_of(question: ICommittee.Question, question_id: bytes32) -> IArbiter.Job:
    """
    @notice The terms as the Arbiter knows them: a quorum's nonce is the question, so two questions never are one job.
    """
    job: IArbiter.Job = question.job
    if not self._is_watch(question):
        job.nonce = convert(question_id, uint256)
    return job


@internal
@view
def _is_watch(question: ICommittee.Question) -> bool:
    return question.job.requester != self


@internal
@view
def _is_late(question: ICommittee.Question) -> bool:
    """
    @notice Whether a draw is of no use any more.
    """
    if not self._is_watch(question):
        return block.timestamp >= question.job.respond_by
    record: IArbiter.Record = self._record(question.job)
    # Watchers who find the claim false have as long to challenge it as a committee's members.
    end: uint256 = (
        block.timestamp + panels.COMMIT_SECONDS + panels.REVEAL_SECONDS + APPEAL_SECONDS
    )
    return (
        record.status != IArbiter.Status.ASSERTED
        or end > record.asserted_at + question.job.window
    )


@internal
@view
def _record(job: IArbiter.Job) -> IArbiter.Record:
    return staticcall advocacy.ARBITER.record_of(
        job_terms._job_id(advocacy.ARBITER.address, job)
    )


@internal
@view
def _needed(question: ICommittee.Question) -> uint256:
    """
    @notice Of a quorum two thirds, rounded up; of watchers one.
    """
    return 1 if self._is_watch(question) else (2 * question.size + 2) // 3


@internal
@view
def _missing(
    question: ICommittee.Question, progress: ICommittee.Progress, seed: bytes32
) -> uint256:
    if question.one_in == 1:
        return question.size - progress.revealed
    count: uint256 = 0
    for place: uint256 in range(question.size, bound=MAXIMUM_SIZE):
        # 65 bytes, so never what Stake hashes.
        lot: bytes32 = keccak256(concat(seed, convert(place, bytes32), b"\x01"))
        if convert(lot, uint256) % question.one_in == 0:
            count += 1
    return count


@internal
@view
def _places(question: ICommittee.Question) -> uint256:
    return staticcall panels.STAKE.places_of(question.job.model_id)


@internal
@view
def _count(question_id: bytes32, progress: ICommittee.Progress) -> uint256[16]:
    """
    @notice Members of each group.
    """
    counts: uint256[16] = empty(uint256[16])
    for seat: uint256 in range(progress.seats, bound=45):
        group: uint256 = seat_word._group(panels.seats[question_id][seat])
        if group != 0:
            counts[group - 1] += 1
    return counts


@internal
@view
def _require_answers(
    question_id: bytes32,
    progress: ICommittee.Progress,
    answers: DynArray[ICommittee.Answer, 16],
):
    assert len(answers) == progress.groups, "committee/answer"
    for group: uint256 in range(progress.groups, bound=16):
        panels._require_answer(question_id, group, answers[group])


@internal
@view
def _at(question_id: bytes32, stage: ICommittee.Stage) -> ICommittee.Progress:
    progress: ICommittee.Progress = progress_word._unpack(panels.words[question_id])
    assert progress.stage == stage, "committee/stage"
    return progress


@internal
@view
def _settled_progress(question_id: bytes32) -> ICommittee.Progress:
    progress: ICommittee.Progress = progress_word._unpack(panels.words[question_id])
    assert progress.stage in (
        ICommittee.Stage.SETTLED | ICommittee.Stage.LIT
    ), "committee/stage"
    return progress


# --- results


@external
@reentrant
def on_result(job_id: bytes32, output_root: bytes32, output: Bytes[512]):
    """
    @notice Hands a result to who asked the committee, with what gas the Arbiter gave; a refusal is the consumer's.
    """
    assert msg.sender == advocacy.ARBITER.address, "only/arbiter"
    extcall IConsumer(self._callers[job_id]).on_result(job_id, output_root, output)


@external
@view
@reentrant
def question_id_of(question: ICommittee.Question) -> bytes32:
    return self._question_id(question)


@external
@view
@reentrant
def job_of(question: ICommittee.Question) -> IArbiter.Job:
    return self._job_of(question, self._question_id(question))
