"""Soundness of every preset of proofs, step by step, in bits. Nothing is measured: this is arithmetic."""

from collections.abc import Iterator

from lockstep.proof.parameters import PRESETS
from lockstep.proof.soundness import TARGET_BITS, soundness_table
from lockstep.testing.bench import Report, Row


def rows(report: Report) -> Iterator[Row]:
    """Every step of every preset; each has to reach the target alone."""
    for parameters in PRESETS:
        report(parameters.name)
        for step in soundness_table(parameters):
            bits = round(step.bits, 2)
            yield Row(parameters.name, step.name, bits, "bits", f">= {TARGET_BITS}", step.bits >= TARGET_BITS)
