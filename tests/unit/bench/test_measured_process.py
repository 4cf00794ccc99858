"""A measured step has one core, a bound on memory, and its own figures."""

import sys
from pathlib import Path

import pytest

from bench.provers import process
from bench.provers.process import Bench, StepError

BENCH = Bench(Path(sys.executable), "tests.unit.bench.measured_steps")


def test_peak_memory_is_that_of_the_step_alone() -> None:
    ballast = bytearray(b"x" * (300 << 20))
    small, large = (BENCH.run("occupy", megabytes=size) for size in (1, 101))
    assert large.result == 101 << 20
    assert small.peak_memory < 60 << 20 < len(ballast)
    assert 95 << 20 < large.peak_memory - small.peak_memory < 105 << 20


def test_time_is_what_the_stopwatch_saw_on_one_core() -> None:
    outcome = BENCH.run("nap", seconds=0.2)
    assert 0.2 <= outcome.seconds < 0.4
    assert outcome.processor_seconds < 0.1
    assert len(outcome.result) == 1  # type: ignore[arg-type]


def test_step_beyond_the_memory_limit_fails_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MEMORY_LIMIT", 1 << 30)
    with pytest.raises(StepError) as caught:
        BENCH.run("occupy", megabytes=1100)
    assert caught.value.is_memory
    assert str(caught.value) == "occupy: out of memory at 1 GiB"


def test_failing_step_says_what_it_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StepError, match=r"stumble: exit status 1: .*ValueError: on purpose") as caught:
        BENCH.run("stumble")
    assert not caught.value.is_memory
    monkeypatch.setattr(process, "SECONDS_LIMIT", 0.05)
    with pytest.raises(StepError, match=r"nap: not done after 0\.05 s"):
        BENCH.run("nap", seconds=1)
