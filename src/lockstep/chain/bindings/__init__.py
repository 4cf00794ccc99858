"""Typed clients of the contracts; every other file here is written by tools/generate_bindings.py."""
