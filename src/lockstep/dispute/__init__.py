"""Deciding between claims: descent to one element, and its recomputation."""
