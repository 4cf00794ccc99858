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
     3. `is_proven` is never true of a statement whose claim was doubted and not answered with a proof that holds.
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
    statement: bytes32


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
    statement: indexed(bytes32)
    proven: bool


VERIFIER: public(immutable(address))
BOND: public(immutable(uint256))
WINDOW: public(immutable(uint256))
ANSWER_SECONDS: public(immutable(uint256))

claim_of: public(HashMap[bytes32, BondedClaim])
is_proven: public(HashMap[bytes32, bool])


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
    statement: bytes32 = self._statement(key, publics_hash, context)
    claim_id: bytes32 = keccak256(abi_encode(statement, msg.sender))
    assert self.claim_of[claim_id].status == empty(BondStatus), "bond/already-done"
    self.claim_of[claim_id] = BondedClaim(
        status=BondStatus.STANDING,
        claimant=msg.sender,
        challenger=empty(address),
        since=block.timestamp,
        statement=statement,
    )
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
    held: BondedClaim = self.claim_of[claim_id]
    assert held.status == BondStatus.STANDING, "bond/status"
    assert block.timestamp < held.since + WINDOW, "bond/window"
    self.claim_of[claim_id].status = BondStatus.DOUBTED
    self.claim_of[claim_id].challenger = msg.sender
    self.claim_of[claim_id].since = block.timestamp
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
    held: BondedClaim = self.claim_of[claim_id]
    assert held.status == BondStatus.DOUBTED, "bond/status"
    assert block.timestamp < held.since + ANSWER_SECONDS, "bond/deadline"
    key: bytes32 = staticcall IProofVerifier(VERIFIER).key_of(program, parameters, commitments)
    assert self._statement(key, keccak256(publics), context) == held.statement, "bond/statement"
    holds: bool = staticcall IProofVerifier(VERIFIER).verify(
        program, parameters, commitments, publics, context, proof
    )
    assert holds, "bond/proof"
    self._decide(claim_id, held.statement, True)
    credits._credit(held.claimant, 2 * BOND)


@external
def finalise(claim_id: bytes32):
    """
    @notice Nobody doubted the claim in its window, or nobody answered the doubt in time.
    """
    held: BondedClaim = self.claim_of[claim_id]
    if held.status == BondStatus.STANDING:
        assert block.timestamp >= held.since + WINDOW, "bond/window"
        self._decide(claim_id, held.statement, True)
        credits._credit(held.claimant, BOND)
    else:
        assert held.status == BondStatus.DOUBTED, "bond/status"
        assert block.timestamp >= held.since + ANSWER_SECONDS, "bond/deadline"
        self._decide(claim_id, held.statement, False)
        credits._credit(held.challenger, 2 * BOND)


@internal
def _decide(claim_id: bytes32, statement: bytes32, proven: bool):
    if proven:
        self.claim_of[claim_id].status = BondStatus.PROVEN
        self.is_proven[statement] = True
    else:
        self.claim_of[claim_id].status = BondStatus.REFUTED
    log ProofDecided(claim_id=claim_id, statement=statement, proven=proven)


@external
@pure
def statement_of(key: bytes32, publics_hash: bytes32, context: bytes32) -> bytes32:
    return self._statement(key, publics_hash, context)


@internal
@pure
def _statement(key: bytes32, publics_hash: bytes32, context: bytes32) -> bytes32:
    return keccak256(abi_encode(key, publics_hash, context))
