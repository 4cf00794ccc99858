"""Lockstep: AI results on EVM chains that a contract can check."""
