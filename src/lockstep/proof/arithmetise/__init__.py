"""From an integer graph to the relations that a proof shows (proof.md, section 3)."""
