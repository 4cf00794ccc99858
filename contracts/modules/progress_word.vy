# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One storage word of a question: eleven counts of 8 bits, three sets of 16 and three numbers of 40
@dev Seats are at most 45 and groups 16, so every count fits; nobody makes 2^40 tickets.
"""
from ..interfaces import ICommittee

BYTE: constant(uint256) = 2**8 - 1
SET: constant(uint256) = 2**16 - 1
LONG: constant(uint256) = 2**40 - 1


@internal
@pure
def _pack(progress: ICommittee.Progress) -> uint256:
    return (
        convert(progress.stage, uint256)
        | (progress.size << 8)
        | (progress.round << 16)
        | (progress.seats << 24)
        | (progress.round_start << 32)
        | (progress.kept << 40)
        | (progress.committed << 48)
        | (progress.revealed << 56)
        | (progress.groups << 64)
        | (progress.asserted << 72)
        | (progress.planted << 80)
        | (progress.challenged << 88)
        | (progress.joined << 104)
        | (progress.reclaimed << 120)
        | (progress.since << 136)
        | (progress.beacon_block << 176)
        | (progress.places << 216)
    )


@internal
@pure
def _unpack(word: uint256) -> ICommittee.Progress:
    return ICommittee.Progress(
        stage=convert(word & BYTE, ICommittee.Stage),
        size=(word >> 8) & BYTE,
        round=(word >> 16) & BYTE,
        seats=(word >> 24) & BYTE,
        round_start=(word >> 32) & BYTE,
        kept=(word >> 40) & BYTE,
        committed=(word >> 48) & BYTE,
        revealed=(word >> 56) & BYTE,
        groups=(word >> 64) & BYTE,
        asserted=(word >> 72) & BYTE,
        planted=(word >> 80) & BYTE,
        challenged=(word >> 88) & SET,
        joined=(word >> 104) & SET,
        reclaimed=(word >> 120) & SET,
        since=(word >> 136) & LONG,
        beacon_block=(word >> 176) & LONG,
        places=(word >> 216) & LONG,
    )
