from dataclasses import replace

import pytest
from benchmarks.conclusions import at, capacity, kb_per_call, times
from tests.benchmarks.some_rows import ROWS


def test_capacity_is_the_most_that_was_held() -> None:
    pipecat = capacity(ROWS, "pipecat", "light")
    assert (pipecat.held, pipecat.is_least, pipecat.by_cpu) == (20, False, 40)
    assert pipecat.broke == "p99 79 ms above that at rest"
    assert str(pipecat) == "20"


def test_a_ladder_that_ended_says_at_least() -> None:
    ours = capacity(ROWS, "offhook", "light")
    assert (str(ours), ours.by_cpu) == ("≥ 500", 1000)


def test_what_broke_when_the_callers_were_too_busy_says_nothing() -> None:
    rows = [replace(r, harness_core=0.9) if r.calls == 40 else r for r in ROWS]
    assert str(capacity(rows, "pipecat", "light")) == "≥ 20"


def test_nothing_measured_holds_nothing() -> None:
    assert capacity(ROWS, "usual-sample", "light").held == 0


def test_costs_are_compared_at_equal_calls_only() -> None:
    assert times(ROWS, "offhook", "pipecat", "light", 20) == pytest.approx(12.5)
    assert times(ROWS, "offhook", "pipecat", "light", 40) is None
    assert at(ROWS, "haproxy", "full", 300) is ROWS[0]


def test_memory_of_one_more_call_is_a_slope() -> None:
    assert kb_per_call(ROWS, "offhook", "full") == pytest.approx(50.0)
    assert kb_per_call(ROWS, "haproxy", "full") is None
