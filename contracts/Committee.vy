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
from .modules import questions
from .modules import seat_word
from .modules import tile_duties

implements: ICommittee
implements: IConsumer

initializes: credits
initializes: panels
initializes: questions
initializes: advocacy[credits := credits, panels := panels, questions := questions]
initializes: tile_duties[credits := credits, panels := panels]

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
exports: (questions.ARBITER, questions.APPEAL_SECONDS, questions.question_id_of, questions.job_of)
exports: (advocacy.BRACKET, advocacy.appeal, advocacy.join, advocacy.reclaim, advocacy.expose)
exports: (
    tile_duties.REFEREE,
    tile_duties.BEACON_SECONDS,
    tile_duties.OPENING_SECONDS,
    tile_duties.OPENING_ONE_IN,
    tile_duties.OPENING_DEPOSIT,
    tile_duties.light,
    tile_duties.demand,
    tile_duties.open_tile,
)

MINIMUM_QUORUM: constant(uint256) = 3
LAST_ROUND: constant(uint256) = 2
MAXIMUM_SECONDS: constant(uint256) = 31_536_000
WHOLE: constant(uint256) = 10_000

TICKET: public(immutable(uint256))
SILENCE_FORFEIT: public(immutable(uint256))

_callers: HashMap[bytes32, address]


@deploy
def __init__(
    arbiter: IArbiter,
    bracket: IBracket,
    referee: IReferee,
    stake: IStake,
    beacon: IBeacon,
    parameters: ICommittee.Parameters,
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
    questions.__init__(arbiter, parameters.appeal_seconds)
    tile_duties.__init__(
        referee,
        parameters.beacon_seconds,
        parameters.opening_seconds,
        parameters.opening_one_in,
        parameters.opening_deposit,
    )
    TICKET = staticcall stake.TICKET()
    advocacy.__init__(bracket, TICKET)
    assert parameters.silence_basis_points <= WHOLE, "committee/ticket"
    SILENCE_FORFEIT = max(1, TICKET * parameters.silence_basis_points // WHOLE)


@external
@payable
@reentrant
def __default__():
    """
    @dev Bonds and rewards that come back, while this contract fetches them.
    """
    assert (
        msg.sender == panels.STAKE.address
        or msg.sender == questions.ARBITER.address
        or msg.sender == advocacy.BRACKET.address
    ), "only/trunk"


# --- questions


@external
@payable
def convene(question: ICommittee.Question, input_data: Bytes[16384]) -> bytes32:
    """
    @notice Ask a committee. The job is at the Arbiter when the committee has answered, and nobody else can answer it.
    """
    question_id: bytes32 = questions._question_id(question)
    job: IArbiter.Job = question.job
    assert question.requester == msg.sender, "committee/requester"
    assert job.requester == self and job.bond == TICKET, "committee/job"
    assert question.size >= MINIMUM_QUORUM and question.one_in == 1, "committee/size"
    assert job.fee == question.size * question.pay, "committee/pay"
    # What `Arbiter.request` would refuse, it would refuse too late.
    assert job.passes != 0 and job.passes <= 65536, "committee/job"
    assert job.window >= questions.APPEAL_SECONDS and job.window <= MAXIMUM_SECONDS, "committee/window"
    # In time for three rounds and an answer.
    round_seconds: uint256 = tile_duties.BEACON_SECONDS + panels.ANSWER_SECONDS
    assert job.respond_by >= block.timestamp + 4 * round_seconds, "committee/deadline"
    assert job.respond_by <= block.timestamp + MAXIMUM_SECONDS, "committee/deadline"
    job = questions._job_of(question, question_id)
    job_id: bytes32 = job_terms._job_id(questions.ARBITER.address, job)
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
    question_id: bytes32 = questions._question_id(question)
    assert question.requester == msg.sender, "committee/requester"
    assert question.job.requester != self, "committee/job"
    assert question.size != 0 and question.one_in != 0, "committee/size"
    job_id: bytes32 = job_terms._job_id(questions.ARBITER.address, question.job)
    assert not questions._is_late(question, panels.ANSWER_SECONDS), "committee/deadline"
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
    assert question.size <= questions.MAXIMUM_SIZE, "committee/size"
    assert msg.value == question.size * question.pay, "committee/pay"
    assert panels.words[question_id] == 0, "committee/already-done"
    progress: ICommittee.Progress = empty(ICommittee.Progress)
    progress.size = question.size
    panels._await_beacon(question_id, progress, panels._places(question.job.model_id))
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
    question_id: bytes32 = questions._question_id(question)
    progress: ICommittee.Progress = panels._at(question_id, ICommittee.Stage.DRAWING)
    assert staticcall panels.BEACON.is_lost(progress.beacon_block), "committee/beacon"
    panels._await_beacon(question_id, progress, panels._places(question.job.model_id))


@external
def draw(question: ICommittee.Question, evidence: Bytes[1024]):
    """
    @notice Fill the seats, by the beacon of the block that was named before anybody knew it.
    """
    question_id: bytes32 = questions._question_id(question)
    progress: ICommittee.Progress = panels._at(question_id, ICommittee.Stage.DRAWING)
    if questions._is_late(question, panels.ANSWER_SECONDS):
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
        questions._missing(question, progress, seed),
        question.pay // question.job.passes // 10**9,
    )
    seated: uint256 = progress.revealed + progress.seats - progress.round_start
    if seated < questions._needed(question):
        self._void(question, question_id, progress)
    else:
        panels.words[question_id] = progress_word._pack(progress)


@external
def settle(question: ICommittee.Question, answers: DynArray[ICommittee.Answer, 16]):
    """
    @notice Everybody revealed or had the time to: answer, or draw others for those who did not.
    @param answers Of all groups, in their order.
    """
    question_id: bytes32 = questions._question_id(question)
    progress: ICommittee.Progress = panels._at(question_id, ICommittee.Stage.ANSWERING)
    assert panels._is_answered(progress), "committee/clock"
    if questions._is_watch(question):
        panels._settled(question_id, progress)
    elif block.timestamp >= question.job.respond_by:
        self._void(question, question_id, progress)
    elif progress.revealed >= questions._needed(question):
        self._answer(question, question_id, progress, answers)
    elif progress.round < LAST_ROUND:
        progress.round += 1
        panels._await_beacon(question_id, progress, panels._places(question.job.model_id))
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
    panels._require_answers(question_id, progress, answers)
    counts: uint256[16] = panels._count(question_id, progress)
    largest: uint256 = 0
    for group: uint256 in range(progress.groups, bound=16):
        if counts[group] > counts[largest]:
            largest = group
    progress.asserted = largest + 1
    has_majority: bool = counts[largest] >= questions._needed(question)
    lent: uint256 = TICKET
    if not has_majority:
        for group: uint256 in range(progress.groups, bound=16):
            if group != largest:
                progress.challenged |= 1 << group
                lent += advocacy.CHALLENGE_BOND
    panels._settled(question_id, progress)
    job: IArbiter.Job = questions._job_of(question, question_id)
    extcall panels.STAKE.lend(lent)
    extcall questions.ARBITER.request(job, b"", value=job.fee)
    extcall questions.ARBITER.assert_result(job, answers[largest].output_root, value=job.bond)
    log ICommittee.QuorumAnswered(
        question_id=question_id,
        job_id=job_terms._job_id(questions.ARBITER.address, job),
        output_root=answers[largest].output_root,
        equal=counts[largest],
    )
    if not has_majority:
        for group: uint256 in range(progress.groups, bound=16):
            if group != largest:
                advocacy._challenge(job, answers[group])
                log ICommittee.Appealed(question_id=question_id, group=group)


# --- the end


@external
def conclude(question: ICommittee.Question, answers: DynArray[ICommittee.Answer, 16]):
    """
    @notice The job is decided: who was right is paid, who was not forfeits its ticket.
    """
    question_id: bytes32 = questions._question_id(question)
    progress: ICommittee.Progress = panels._settled_progress(question_id)
    tile_duties._require_over(progress)
    panels._require_answers(question_id, progress, answers)
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
        if tile_duties._has_failed(question_id, progress, seat, word):
            failed |= 1 << seat
    progress.stage = ICommittee.Stage.DONE
    panels.words[question_id] = progress_word._pack(progress)
    shares: IReferee.Shares = staticcall tile_duties.REFEREE.shares_of(
        question,
        questions._job_of(question, question_id),
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


@external
@reentrant
def on_result(job_id: bytes32, output_root: bytes32, output: Bytes[512]):
    """
    @notice Hands a result to who asked the committee, with what gas the Arbiter gave; a refusal is the consumer's.
    """
    assert msg.sender == questions.ARBITER.address, "only/arbiter"
    extcall IConsumer(self._callers[job_id]).on_result(job_id, output_root, output)
