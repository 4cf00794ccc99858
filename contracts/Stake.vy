# pragma version ==0.4.3
# pragma optimize gas
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Stake
@notice What operators put up to be drawn for a model's questions: tickets of one size, one question at a time each.
@dev committee.md section 2. Invariants:
     1. Balance + lent = TICKET x tickets that stand + credits. Lent is at most TICKET x locked tickets.
     2. A ticket is worth exactly TICKET: what loses any part of it is closed, and the rest credited to its operator.
     3. A locked ticket belongs to one question; only the Committee locks and releases. An unlocked one that left is paid
        out after UNBONDING_SECONDS, whatever the Committee does.
     4. Whether a ticket can be drawn depends on what stood before the question was asked. Two things are left to whoever
        knows the beacon: the order of draws that compete for one ticket, and to take out a ticket that left earlier.
     5. Nobody but an operator's own action or a question that it was drawn for takes from its stake. No administrator.
@custom:kill None: operators leave by themselves.
"""
from .interfaces import IStake
from .modules import credits
from .modules import ticket_word

implements: IStake

initializes: credits

exports: (credits.credit_of, credits.withdraw)

# A draw gives up after so many hashes; with fewer operators than seats it would never end.
MAXIMUM_TRIES: constant(uint256) = 256
MAXIMUM_TICKETS_A_CALL: constant(uint256) = 32
WHOLE: constant(uint256) = 10_000

COMMITTEE: public(immutable(address))
TICKET: public(immutable(uint256))
CAP_BASIS_POINTS: public(immutable(uint256))
CAP_FLOOR: public(immutable(uint256))
UNBONDING_SECONDS: public(immutable(uint256))

lent: public(uint256)
# How many places a model's table has, free ones included; it never shrinks, free places are taken again.
places_of: public(HashMap[bytes32, uint256])
standing_of: public(HashMap[bytes32, uint256])
tickets_of: public(HashMap[bytes32, HashMap[address, uint256]])
_tickets: HashMap[bytes32, HashMap[uint256, uint256]]
_free: HashMap[bytes32, HashMap[uint256, uint256]]
_free_count: HashMap[bytes32, uint256]


@deploy
def __init__(
    committee: address,
    ticket: uint256,
    cap_basis_points: uint256,
    cap_floor: uint256,
    unbonding_seconds: uint256,
):
    """
    @param committee Where the Committee will be: it checks, when it is deployed, that this names it.
    @param cap_floor Tickets that an operator may have on a model whatever its share.
    """
    assert ticket != 0, "stake/ticket"
    assert cap_basis_points <= WHOLE and cap_floor != 0, "stake/cap"
    COMMITTEE = committee
    TICKET = ticket
    CAP_BASIS_POINTS = cap_basis_points
    CAP_FLOOR = cap_floor
    UNBONDING_SECONDS = unbonding_seconds


@external
@payable
def stake(model_id: bytes32, count: uint256, price_gwei: uint256):
    """
    @notice Serve a model's questions: each ticket takes one at a time, if it pays the price for each pass.
    """
    assert count != 0 and count <= MAXIMUM_TICKETS_A_CALL, "stake/count"
    assert msg.value == count * TICKET, "stake/value"
    assert price_gwei < ticket_word.PRICE_LIMIT, "stake/price"
    standing: uint256 = self.standing_of[model_id] + count
    mine: uint256 = self.tickets_of[model_id][msg.sender] + count
    assert mine <= max(CAP_FLOOR, standing * CAP_BASIS_POINTS // WHOLE), "stake/cap"
    self.standing_of[model_id] = standing
    self.tickets_of[model_id][msg.sender] = mine
    word: uint256 = ticket_word._pack(msg.sender, block.timestamp, price_gwei)
    for i: uint256 in range(count, bound=MAXIMUM_TICKETS_A_CALL):
        ticket: uint256 = self._take_place(model_id)
        self._tickets[model_id][ticket] = word
        log IStake.Staked(
            model_id=model_id, operator=msg.sender, ticket=ticket, price_gwei=price_gwei
        )


@external
def leave(model_id: bytes32, ticket: uint256):
    """
    @notice Not to be drawn for any question that is asked from now on.
    """
    word: uint256 = self._own(model_id, ticket)
    assert ticket_word._left(word) == 0, "stake/already-done"
    self._tickets[model_id][ticket] = ticket_word._with_left(word, block.timestamp)
    log IStake.Left(model_id=model_id, operator=msg.sender, ticket=ticket)


@external
def unstake(model_id: bytes32, ticket: uint256):
    """
    @notice Take out a ticket that left, once nothing can be drawn on it any more.
    """
    word: uint256 = self._own(model_id, ticket)
    assert word & ticket_word.LOCKED == 0, "stake/locked"
    left: uint256 = ticket_word._left(word)
    assert left != 0 and block.timestamp >= left + UNBONDING_SECONDS, "stake/unbonding"
    self._close(model_id, ticket, msg.sender)
    credits._credit(msg.sender, TICKET)
    log IStake.Unstaked(model_id=model_id, operator=msg.sender, ticket=ticket)


# --- the Committee


@external
def draw(
    model_id: bytes32,
    seed: bytes32,
    count: uint256,
    places: uint256,
    drawn_for: uint256,
    price_gwei: uint256,
    excluded: DynArray[address, 45],
) -> DynArray[uint256, 15]:
    """
    @notice Locks tickets of different operators, by hash; fewer than `count` if there are no more.
    @param places The size of the table when the question was asked.
    @param drawn_for When the question was asked.
    @return Words: the ticket above its operator's 160 bits.
    """
    assert msg.sender == COMMITTEE, "only/committee"
    drawn: DynArray[uint256, 15] = []
    if places == 0:
        return drawn
    taken: DynArray[address, 60] = []
    for operator: address in excluded:
        taken.append(operator)
    for i: uint256 in range(MAXIMUM_TRIES):
        if len(drawn) == count:
            break
        ticket: uint256 = convert(keccak256(abi_encode(seed, i)), uint256) % places
        word: uint256 = self._tickets[model_id][ticket]
        if not ticket_word._can_be_drawn(word, drawn_for, price_gwei):
            continue
        operator: address = ticket_word._operator(word)
        if operator in taken:
            continue
        taken.append(operator)
        self._tickets[model_id][ticket] = word | ticket_word.LOCKED
        drawn.append((ticket << 160) | convert(operator, uint256))
    return drawn


@external
def lend(amount: uint256):
    """
    @notice Money for bonds, on locked tickets.
    """
    assert msg.sender == COMMITTEE, "only/committee"
    self.lent += amount
    # The Committee accepts money from here within the stipend.
    send(COMMITTEE, amount)


@external
@payable
def release(
    model_id: bytes32,
    tickets: DynArray[uint256, 45],
    forfeits: DynArray[uint256, 45],
    lent: uint256,
):
    """
    @notice A question is over: tickets are free again, or closed when they forfeit something. `lent` comes back, out of
            the forfeits and what the call brings; what is left of them goes to the Committee.
    """
    assert msg.sender == COMMITTEE, "only/committee"
    total: uint256 = 0
    for i: uint256 in range(len(tickets), bound=45):
        ticket: uint256 = tickets[i]
        word: uint256 = self._tickets[model_id][ticket]
        if forfeits[i] == 0:
            self._tickets[model_id][ticket] = ticket_word._unlocked(word, block.timestamp)
            continue
        operator: address = ticket_word._operator(word)
        total += forfeits[i]
        self._close(model_id, ticket, operator)
        credits._credit(operator, TICKET - forfeits[i])
        log IStake.Forfeited(
            model_id=model_id, operator=operator, ticket=ticket, amount=forfeits[i]
        )
    self.lent -= lent
    if msg.value + total > lent:
        send(COMMITTEE, msg.value + total - lent)
    else:
        assert msg.value + total == lent, "stake/value"


# --- the table


@internal
def _take_place(model_id: bytes32) -> uint256:
    free: uint256 = self._free_count[model_id]
    if free != 0:
        self._free_count[model_id] = free - 1
        return self._free[model_id][free - 1]
    place: uint256 = self.places_of[model_id]
    self.places_of[model_id] = place + 1
    return place


@internal
def _close(model_id: bytes32, ticket: uint256, operator: address):
    self._tickets[model_id][ticket] = 0
    free: uint256 = self._free_count[model_id]
    self._free[model_id][free] = ticket
    self._free_count[model_id] = free + 1
    self.standing_of[model_id] -= 1
    self.tickets_of[model_id][operator] -= 1


@internal
@view
def _own(model_id: bytes32, ticket: uint256) -> uint256:
    word: uint256 = self._tickets[model_id][ticket]
    assert ticket_word._operator(word) == msg.sender, "stake/operator"
    return word


@external
@view
@reentrant
def ticket_of(model_id: bytes32, ticket: uint256) -> IStake.Ticket:
    word: uint256 = self._tickets[model_id][ticket]
    return IStake.Ticket(
        operator=ticket_word._operator(word),
        price_gwei=ticket_word._price_gwei(word),
        since=ticket_word._since(word),
        left=ticket_word._left(word),
        locked=word & ticket_word.LOCKED != 0,
    )
