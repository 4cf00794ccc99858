"""The verifier: docs/specs/proof.md in plain Python integers, step by step. It never imports the prover."""
