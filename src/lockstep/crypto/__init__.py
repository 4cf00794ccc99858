"""Hashes and Merkle trees."""
