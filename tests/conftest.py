"""Hypothesis profiles: ``ci`` is short and the same every time, ``fuzz`` (``./run fuzz``) is long and random."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("fuzz", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("LOCKSTEP_HYPOTHESIS", "ci"))
