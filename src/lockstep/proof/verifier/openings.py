"""Merkle openings of one oracle (proof.md, end of section 5)."""

import struct

from lockstep.crypto.capped_merkle import cap_height, hash_leaf, root_of_cap, verify_path
from lockstep.crypto.goldilocks import MODULUS
from lockstep.errors import ProofError
from lockstep.proof.verifier.channel import ROOT_BYTES, ProofReader

SYMBOL_BYTES = 8


def read_openings(
    reader: ProofReader, root: bytes, symbols: int, log_domain: int, places: list[int]
) -> list[tuple[int, ...]]:
    """The leaves at ``places``, each of so many symbols; raises ``proof/opening``, ``proof/element``."""
    height = cap_height(len(places), log_domain)
    cap = [reader.take(ROOT_BYTES) for _ in range(1 << height)]
    if root_of_cap(cap) != root:
        raise ProofError("proof/opening", "the cap does not hash to the root")
    depth = log_domain - height
    form = struct.Struct(f">{symbols}Q")
    leaves = []
    for place in places:
        data = reader.take(SYMBOL_BYTES * symbols)
        leaf = form.unpack(data)
        if max(leaf) >= MODULUS:
            raise ProofError("proof/element", "a symbol is not below the modulus", value=max(leaf))
        siblings = [reader.take(ROOT_BYTES) for _ in range(depth)]
        if verify_path(hash_leaf(data), place, siblings) != cap[place >> depth]:
            raise ProofError("proof/opening", "a leaf does not lead to the cap", value=place)
        leaves.append(leaf)
    return leaves
