"""What a network on one machine is deployed with: clocks of seconds, bonds and stakes of play money."""

from dataclasses import replace
from typing import Final

from lockstep.chain.trunk import LOCAL_TERMS
from lockstep.claims.economics import LOCAL_COMMITTEE_TERMS
from lockstep.types import Amount

ETHER: Final = 10**18
GWEI: Final = 10**9

NET_TERMS: Final = replace(
    LOCAL_TERMS,
    join_seconds=30,
    clock_seconds=120,
    match_seconds=30,
    committee=replace(LOCAL_COMMITTEE_TERMS, commit_seconds=20, reveal_seconds=20, appeal_seconds=20),
)
"""As the local chain's, with shorter clocks: a node on two busy cores that takes ten seconds is not late."""
TICKETS: Final = 60
"""Each node's at the start; a node loses one with each question that it sleeps through."""
NODE_FUNDS: Final = Amount(1_000 * ETHER)
WINDOW_SECONDS: Final = 40
"""In which an answer can be challenged."""
RESPOND_SECONDS: Final = 150
"""In which a job must be answered, or its fee goes back."""
QUORUM_RESPOND_SECONDS: Final = 600
FEE: Final = Amount(500_000 * GWEI)
BOND: Final = LOCAL_TERMS.minimum_bond
PAY: Final = Amount(375_000 * GWEI)
"""For each member: 1.5 c (claims/economics.py)."""
