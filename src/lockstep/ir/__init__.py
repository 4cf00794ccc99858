"""The integer graph: what a compiled model is, how it is checked, and how it is written down."""
