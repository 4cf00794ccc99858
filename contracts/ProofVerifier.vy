# pragma version ==0.4.3
# pragma optimize gas
# pragma experimental-codegen
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Decides whether a proof of an integer graph holds: one contract for all models
@dev proof.md. Which presets are allowed, and what a model's proofs are named by, is here; the steps are in ProofEngine.yul.
     Both are given at deployment: a caller chooses neither.
@custom:kill Nothing here holds money or changes; consumers name the verifier that they trust.
"""

from .interfaces import IProofVerifier

implements: IProofVerifier

KEY_TAG: constant(Bytes[13]) = b"lockstep/zk/1"
PROGRAM_TAG: constant(Bytes[18]) = b"lockstep/program/1"

ENGINE: immutable(address)

# Of the canonical bytes of `lockstep.proof.parameters.Parameters`.
is_preset: public(HashMap[bytes32, bool])


@deploy
def __init__(engine: address, presets: DynArray[Bytes[64], 32]):
    assert engine.is_contract, "proof/engine"
    ENGINE = engine
    for preset: Bytes[64] in presets:
        self.is_preset[keccak256(preset)] = True


@external
@view
def engine() -> address:
    return ENGINE


@external
@view
def key_of(program: Bytes[16384], parameters: Bytes[64], commitments: Bytes[480]) -> bytes32:
    """
    @notice What a model's proofs are named by: the preset, the committed matrices and the program.
    """
    return keccak256(concat(KEY_TAG, parameters, commitments, keccak256(concat(PROGRAM_TAG, program))))


@external
@view
def verify(
    program: Bytes[16384],
    parameters: Bytes[64],
    commitments: Bytes[480],
    publics: Bytes[16384],
    context: bytes32,
    proof: Bytes[131072],
) -> bool:
    """
    @notice Returns true, or reverts with a code of proof.md section 6.
    """
    assert self.is_preset[keccak256(parameters)], "proof/parameters"
    return convert(raw_call(ENGINE, msg.data, max_outsize=32, is_static_call=True), bool)
