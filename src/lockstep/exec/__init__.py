"""Running integer graphs: a reference that defines every value, and a fast path that equals it bit for bit."""
