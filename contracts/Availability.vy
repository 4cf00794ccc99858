# pragma version ==0.4.3
# pragma optimize gas
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Availability
@notice Whoever cannot find the bytes behind a root pays for one leaf of it on chain; whoever shows the leaf is paid.
@dev artifacts.md section 7. Roots of inputs, weights, data sets: every tree of integer-graph.md section 1. A position is
     a node below the root; what is there is shown, or why there is no leaf there, so nothing has to be known of the tree
     and no demand is without an answer for who has the bytes. Invariants:
     1. Balance = payments of OPEN demands + pledges + credits.
     2. A demand moves only OPEN -> ANSWERED, or OPEN -> UNANSWERED -> ANSWERED; each step can be taken by anybody, the
        second of them ANSWER_SECONDS after the demand.
     3. A root is unavailable while a demand for it is UNANSWERED; showing what was demanded ends that.
     4. A pledge loses only to demands that were made against it while it stood, to each what was paid for it; that much
        of it is reserved as long as the demand is OPEN.
     5. No administrator. Only `withdraw` calls strangers.
@custom:kill None: demands that were paid are decided by these rules, and pledges are taken back by their owners.
"""
from .modules import credits
from .modules import merkle

initializes: credits

exports: (credits.credit_of, credits.withdraw)

# UNKNOWN is the empty flag.
flag DemandStatus:
    OPEN
    ANSWERED
    UNANSWERED


struct Demand:
    root: bytes32
    position: uint256  # index of the node among those `levels` below the root
    levels: uint256
    demander: address
    pledger: address  # who stands for the root; empty: nobody
    payment: uint256  # wei, for who answers
    deadline: uint256  # timestamp
    number: uint256


struct Pledge:
    amount: uint256  # wei left
    reserved: uint256  # wei of it that OPEN demands against it would be compensated with
    leaves_at: uint256  # timestamp from which no demand can be made against it; 0: it stays


event DemandMade:
    demand_id: indexed(bytes32)
    root: indexed(bytes32)
    pledger: indexed(address)
    demand: Demand


event DemandShown:
    demand_id: indexed(bytes32)
    root: indexed(bytes32)
    answerer: indexed(address)
    data: Bytes[512]


event DemandUnanswered:
    demand_id: indexed(bytes32)
    root: indexed(bytes32)
    compensation: uint256


event Pledged:
    root: indexed(bytes32)
    pledger: indexed(address)
    amount: uint256


event PledgeLeaving:
    root: indexed(bytes32)
    pledger: indexed(address)
    leaves_at: uint256


MAXIMUM_LEVELS: constant(uint256) = 64
NODE_BYTES: constant(uint256) = 64
# Gas of an answer, its transaction and calldata with it, at most; a test holds them to it.
ANSWER_GAS: constant(uint256) = 68_000
LEVEL_GAS: constant(uint256) = 1_300
PRICE_PERCENT: constant(uint256) = 120

ANSWER_SECONDS: public(immutable(uint256))
MINIMUM_PLEDGE: public(immutable(uint256))
GAS_PRICE_FLOOR: public(immutable(uint256))

status_of: public(HashMap[bytes32, DemandStatus])
# How many demands for a root are UNANSWERED.
unanswered: public(HashMap[bytes32, uint256])
pledge_of: public(HashMap[bytes32, HashMap[address, Pledge]])
count: public(uint256)


@deploy
def __init__(answer_seconds: uint256, minimum_pledge: uint256, gas_price_floor: uint256):
    """
    @param answer_seconds How long a demand can be answered.
    @param minimum_pledge Wei; what the gas of several demands costs.
    @param gas_price_floor Wei; an answer is paid for at this price at least, for what the base fee does not show.
    """
    assert answer_seconds != 0, "demand/seconds"
    ANSWER_SECONDS = answer_seconds
    MINIMUM_PLEDGE = minimum_pledge
    GAS_PRICE_FLOOR = gas_price_floor


@external
@payable
def demand(root: bytes32, position: uint256, levels: uint256, pledger: address) -> bytes32:
    """
    @notice Pay for what is at a position under a root; what is paid beyond the price is credited back.
    @param pledger Whose pledge pays the demander's gas if nobody answers; empty for none.
    """
    assert levels <= MAXIMUM_LEVELS and position < 1 << levels, "demand/position"
    price: uint256 = self._price(levels)
    assert msg.value >= price, "demand/value"
    if pledger != empty(address):
        pledge: Pledge = self.pledge_of[root][pledger]
        assert pledge.amount != 0, "pledge/none"
        assert pledge.leaves_at == 0 or block.timestamp < pledge.leaves_at, "pledge/none"
        # What stands for one demand cannot be taken by another, so nobody can empty a pledge before it has to pay.
        assert pledge.amount - pledge.reserved >= price, "pledge/reserved"
        self.pledge_of[root][pledger].reserved = pledge.reserved + price
    made: Demand = Demand(
        root=root,
        position=position,
        levels=levels,
        demander=msg.sender,
        pledger=pledger,
        payment=price,
        deadline=block.timestamp + ANSWER_SECONDS,
        number=self.count,
    )
    self.count += 1
    demand_id: bytes32 = self._demand_id(made)
    self.status_of[demand_id] = DemandStatus.OPEN
    credits._credit(msg.sender, msg.value - price)
    log DemandMade(demand_id=demand_id, root=root, pledger=pledger, demand=made)
    return demand_id


@external
def answer(demand: Demand, data: Bytes[512], path: DynArray[bytes32, 64]):
    """
    @notice Show what is there: the 512 bytes of the leaf, and its path, bottom up. In time, the caller is paid.
    @dev Where there is no leaf: the leaf above the position (a shorter path), the two children of an inner node
         (64 bytes), or no bytes and the path of a zero digest at the position or above it. Late answers earn nothing,
         but the root is available again.
    """
    demand_id: bytes32 = self._demand_id(demand)
    status: DemandStatus = self.status_of[demand_id]
    assert status != DemandStatus.ANSWERED, "demand/already-done"
    assert status != empty(DemandStatus), "demand/unknown"
    self._verify(demand, data, path)
    self.status_of[demand_id] = DemandStatus.ANSWERED
    if status == DemandStatus.UNANSWERED:
        self.unanswered[demand.root] -= 1
    else:
        # Also after the deadline: until somebody calls `expire`, the bytes are what counts.
        self._release(demand)
        credits._credit(msg.sender, demand.payment)
    log DemandShown(demand_id=demand_id, root=demand.root, answerer=msg.sender, data=data)


@external
def expire(demand: Demand):
    """
    @notice Nobody answered in time: the demander has its payment back, and as much again from the pledge, for its gas.
    """
    demand_id: bytes32 = self._demand_id(demand)
    status: DemandStatus = self.status_of[demand_id]
    assert status != empty(DemandStatus), "demand/unknown"
    assert status == DemandStatus.OPEN, "demand/already-done"
    assert block.timestamp >= demand.deadline, "demand/deadline"
    self.status_of[demand_id] = DemandStatus.UNANSWERED
    self.unanswered[demand.root] += 1
    compensation: uint256 = 0
    if demand.pledger != empty(address):
        compensation = demand.payment
        self.pledge_of[demand.root][demand.pledger].amount -= compensation
    self._release(demand)
    credits._credit(demand.demander, demand.payment + compensation)
    log DemandUnanswered(demand_id=demand_id, root=demand.root, compensation=compensation)


@external
@payable
def pledge(root: bytes32):
    """
    @notice Stand for a root, or add to what stands for it: a requester for its input, a publisher for its weights.
    @dev Who was leaving stays.
    """
    amount: uint256 = self.pledge_of[root][msg.sender].amount + msg.value
    assert msg.value != 0 and amount >= MINIMUM_PLEDGE, "pledge/value"
    self.pledge_of[root][msg.sender].amount = amount
    self.pledge_of[root][msg.sender].leaves_at = 0
    log Pledged(root=root, pledger=msg.sender, amount=amount)


@external
def leave(root: bytes32):
    """
    @notice Say that the caller will not stand for a root any longer: ANSWER_SECONDS from now.
    """
    pledge: Pledge = self.pledge_of[root][msg.sender]
    assert pledge.amount != 0, "pledge/none"
    assert pledge.leaves_at == 0, "pledge/already-done"
    leaves_at: uint256 = block.timestamp + ANSWER_SECONDS
    self.pledge_of[root][msg.sender].leaves_at = leaves_at
    log PledgeLeaving(root=root, pledger=msg.sender, leaves_at=leaves_at)


@external
def take_back(root: bytes32):
    """
    @notice The caller has left, and nothing that was demanded of it is open: what remains is credited.
    """
    pledge: Pledge = self.pledge_of[root][msg.sender]
    assert pledge.amount != 0, "pledge/none"
    assert pledge.leaves_at != 0 and block.timestamp >= pledge.leaves_at, "pledge/stands"
    assert pledge.reserved == 0, "pledge/reserved"
    self.pledge_of[root][msg.sender] = empty(Pledge)
    credits._credit(msg.sender, pledge.amount)


@internal
def _release(demand: Demand):
    if demand.pledger != empty(address):
        self.pledge_of[demand.root][demand.pledger].reserved -= demand.payment


@internal
@pure
def _verify(demand: Demand, data: Bytes[512], path: DynArray[bytes32, 64]):
    """
    @notice What stands `len(path)` levels below the root settles what is at the position.
    @dev A leaf hashes 513 bytes and a node 64, and nobody knows a preimage of zero: only one of the three is possible.
    """
    depth: uint256 = len(path)
    assert depth <= demand.levels, "demand/path"
    digest: bytes32 = empty(bytes32)
    if len(data) == NODE_BYTES:
        # An inner node above the position says nothing of it.
        assert depth == demand.levels, "demand/path"
        digest = keccak256(data)
    elif len(data) != 0:
        digest = merkle._leaf(data)
    index: uint256 = demand.position >> (demand.levels - depth)
    assert merkle._root_from_path(digest, index, path) == demand.root, "demand/path"


@internal
@view
def _price(levels: uint256) -> uint256:
    gas_price: uint256 = max(block.basefee, GAS_PRICE_FLOOR)
    return (ANSWER_GAS + LEVEL_GAS * levels) * gas_price * PRICE_PERCENT // 100


@internal
@view
def _demand_id(demand: Demand) -> bytes32:
    return keccak256(abi_encode(chain.id, self, demand))


@external
@view
def price(levels: uint256) -> uint256:
    """
    @notice Wei for a demand so many levels below a root, in this block: the gas of its answer, and a fifth more.
    """
    return self._price(levels)


@external
@view
def is_available(root: bytes32) -> bool:
    """
    @notice False while somebody who paid for a part of it has not been shown it.
    """
    return self.unanswered[root] == 0


@external
@view
def demand_id_of(demand: Demand) -> bytes32:
    return self._demand_id(demand)
