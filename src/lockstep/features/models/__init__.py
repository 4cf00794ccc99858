"""Models: compile, run, verify, register, list."""
