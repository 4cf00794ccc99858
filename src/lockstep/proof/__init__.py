"""Zero-knowledge proofs that an integer graph was computed (docs/specs/proof.md)."""
