"""A whole dispute on a toy model, small and fast enough to be played thousands of times."""
