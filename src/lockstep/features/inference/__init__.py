"""Inference: model M on x gives y, bonded, open to challenge, delivered to the consumer's contract."""
