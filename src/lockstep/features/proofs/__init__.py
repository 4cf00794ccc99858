"""Proofs of answers: keys, proofs, checks."""
