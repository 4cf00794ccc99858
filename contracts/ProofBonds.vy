# pragma version ==0.4.3
# pragma optimize gas
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title ProofBonds
@notice Proofs that are checked on chain only if somebody doubts them: a bond stands for each until its window is over.
@dev proof.md section 7. A statement is a key, public numbers and a context. Unlike a dispute of the Bracket a doubt
     discloses nothing: it is answered with the proof, in one transaction. Invariants:
     1. A claim moves only STANDING -> PROVEN, STANDING -> DOUBTED -> PROVEN or REFUTED; every step but a doubt and its
        answer can be taken by anybody once its time has come.
     2. Balance = bonds of STANDING claims + both bonds of DOUBTED claims + credits.
     3. `is_proven` is never true of a claim that was doubted and not answered with a proof that holds.
     A claim is one storage word: claimant (160 bits), time (40), status (8). What it states is in its id.
@custom:kill None: claims are decided by these rules.
"""
from .interfaces import IProofVerifier
from .modules import credits

initializes: credits

exports: (credits.credit_of, credits.withdraw)

flag BondStatus:
    STANDING
    DOUBTED
    PROVEN
    REFUTED


struct BondedClaim:
    status: BondStatus
    claimant: address
    challenger: address
    since: uint256  # when it was made, then when it was doubted


TIME_SHIFT: constant(uint256) = 160
STATUS_SHIFT: constant(uint256) = 200
ADDRESS_MASK: constant(uint256) = 2**160 - 1
TIME_MASK: constant(uint256) = 2**40 - 1


event ProofClaimed:
    claim_id: indexed(bytes32)
    claimant: indexed(address)
    key: indexed(bytes32)
    publics_hash: bytes32
    context: bytes32
    proof_hash: bytes32
    uri: String[256]


event ProofDoubted:
    claim_id: indexed(bytes32)
    challenger: indexed(address)


event ProofDecided:
    claim_id: indexed(bytes32)
    proven: bool


VERIFIER: public(immutable(address))
BOND: public(immutable(uint256))
WINDOW: public(immutable(uint256))
ANSWER_SECONDS: public(immutable(uint256))

_words: HashMap[bytes32, uint256]
_challengers: HashMap[bytes32, address]


@deploy
def __init__(verifier: address, bond: uint256, window: uint256, answer_seconds: uint256):
    """
    @param verifier The ProofVerifier.
    @param bond Wei that claimant and challenger each put up; more than verifying a proof costs.
    @param window Seconds in which a claim can be doubted.
    @param answer_seconds Seconds in which a doubt must be answered.
    """
    VERIFIER = verifier
    BOND = bond
    WINDOW = window
    ANSWER_SECONDS = answer_seconds


@external
@payable
def claim(
    key: bytes32, publics_hash: bytes32, context: bytes32, proof_hash: bytes32, uri: String[256]
) -> bytes32:
    """
    @notice Say that there is a proof; `uri` is where to get it, `proof_hash` what it hashes to.
    """
    assert msg.value == BOND, "bond/value"
    claim_id: bytes32 = self._claim_id(self._statement(key, publics_hash, context), msg.sender)
    assert self._words[claim_id] == 0, "bond/already-done"
    self._words[claim_id] = self._pack(BondStatus.STANDING, msg.sender, block.timestamp)
    log ProofClaimed(
        claim_id=claim_id,
        claimant=msg.sender,
        key=key,
        publics_hash=publics_hash,
        context=context,
        proof_hash=proof_hash,
        uri=uri,
    )
    return claim_id


@external
@payable
def doubt(claim_id: bytes32):
    """
    @notice Ask for the proof, with a bond that pays for it if there is one.
    """
    assert msg.value == BOND, "bond/value"
    word: uint256 = self._words[claim_id]
    assert self._status(word) == BondStatus.STANDING, "bond/status"
    assert block.timestamp < self._since(word) + WINDOW, "bond/window"
    self._words[claim_id] = self._pack(BondStatus.DOUBTED, self._claimant(word), block.timestamp)
    self._challengers[claim_id] = msg.sender
    log ProofDoubted(claim_id=claim_id, challenger=msg.sender)


@external
def answer(
    claim_id: bytes32,
    program: Bytes[16384],
    parameters: Bytes[64],
    commitments: Bytes[480],
    publics: Bytes[16384],
    context: bytes32,
    proof: Bytes[131072],
):
    """
    @notice Show the proof; whoever does, the claimant gets both bonds.
    """
    word: uint256 = self._words[claim_id]
    assert self._status(word) == BondStatus.DOUBTED, "bond/status"
    assert block.timestamp < self._since(word) + ANSWER_SECONDS, "bond/deadline"
    claimant: address = self._claimant(word)
    key: bytes32 = staticcall IProofVerifier(VERIFIER).key_of(program, parameters, commitments)
    statement: bytes32 = self._statement(key, keccak256(publics), context)
    assert self._claim_id(statement, claimant) == claim_id, "bond/statement"
    holds: bool = staticcall IProofVerifier(VERIFIER).verify(
        program, parameters, commitments, publics, context, proof
    )
    assert holds, "bond/proof"
    self._decide(claim_id, word, True)
    credits._credit(claimant, 2 * BOND)


@external
def finalise(claim_id: bytes32):
    """
    @notice Nobody doubted the claim in its window, or nobody answered the doubt in time.
    """
    word: uint256 = self._words[claim_id]
    if self._status(word) == BondStatus.STANDING:
        assert block.timestamp >= self._since(word) + WINDOW, "bond/window"
        self._decide(claim_id, word, True)
        credits._credit(self._claimant(word), BOND)
    else:
        assert self._status(word) == BondStatus.DOUBTED, "bond/status"
        assert block.timestamp >= self._since(word) + ANSWER_SECONDS, "bond/deadline"
        self._decide(claim_id, word, False)
        credits._credit(self._challengers[claim_id], 2 * BOND)


@internal
def _decide(claim_id: bytes32, word: uint256, proven: bool):
    status: BondStatus = BondStatus.REFUTED
    if proven:
        status = BondStatus.PROVEN
    self._words[claim_id] = self._pack(status, self._claimant(word), self._since(word))
    log ProofDecided(claim_id=claim_id, proven=proven)


@external
@view
def claim_of(claim_id: bytes32) -> BondedClaim:
    word: uint256 = self._words[claim_id]
    return BondedClaim(
        status=self._status(word),
        claimant=self._claimant(word),
        challenger=self._challengers[claim_id],
        since=self._since(word),
    )


@external
@view
def is_proven(statement: bytes32, claimant: address) -> bool:
    """
    @notice Whether this claimant's bond for a statement has stood, or its proof was seen.
    """
    return self._status(self._words[self._claim_id(statement, claimant)]) == BondStatus.PROVEN


@external
@pure
def statement_of(key: bytes32, publics_hash: bytes32, context: bytes32) -> bytes32:
    return self._statement(key, publics_hash, context)


@internal
@pure
def _statement(key: bytes32, publics_hash: bytes32, context: bytes32) -> bytes32:
    return keccak256(abi_encode(key, publics_hash, context))


@internal
@pure
def _claim_id(statement: bytes32, claimant: address) -> bytes32:
    return keccak256(abi_encode(statement, claimant))


@internal
@pure
def _pack(status: BondStatus, claimant: address, since: uint256) -> uint256:
    return (
        (convert(status, uint256) << STATUS_SHIFT)
        | (since << TIME_SHIFT)
        | convert(claimant, uint256)
    )


@internal
@pure
def _status(word: uint256) -> BondStatus:
    return convert(word >> STATUS_SHIFT, BondStatus)


@internal
@pure
def _claimant(word: uint256) -> address:
    return convert(word & ADDRESS_MASK, address)


@internal
@pure
def _since(word: uint256) -> uint256:
    return (word >> TIME_SHIFT) & TIME_MASK
