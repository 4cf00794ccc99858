"""The verifier: docs/specs/proof.md in plain Python integers, step by step. It never imports the prover."""

from lockstep.proof.verifier.verify import verify_proof

__all__ = ["verify_proof"]
