# pragma version ==0.4.3
# pragma optimize gas
# pragma experimental-codegen
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Which presets of proofs are allowed, and what a model's proofs are named by
@dev proof.md. ProofVerifier.yul asks it, and passes on every call that is not `verify`.
@custom:kill Nothing here holds money or changes.
"""

KEY_TAG: constant(Bytes[13]) = b"lockstep/zk/1"
PROGRAM_TAG: constant(Bytes[18]) = b"lockstep/program/1"

# Of the canonical bytes of `lockstep.proof.parameters.Parameters`.
is_preset: public(HashMap[bytes32, bool])


@deploy
def __init__(presets: DynArray[Bytes[64], 32]):
    for preset: Bytes[64] in presets:
        self.is_preset[keccak256(preset)] = True


@external
@view
def key_of(program: Bytes[16384], parameters: Bytes[64], commitments: Bytes[480]) -> bytes32:
    """
    @notice What a model's proofs are named by: the preset, the committed matrices and the program.
    """
    return keccak256(concat(KEY_TAG, parameters, commitments, keccak256(concat(PROGRAM_TAG, program))))

