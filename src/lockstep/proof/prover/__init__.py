"""The prover: the steps of docs/specs/proof.md, section 5, with tables and compiled kernels."""
