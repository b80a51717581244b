from dataclasses import replace

import pytest
from benchmarks.conclusions import NotShownError, capacity, equal_calls, held_at, kb_per_call, times
from tests.benchmarks.some_rows import ROWS, row


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


def test_what_seems_held_above_a_rung_that_broke_is_not() -> None:
    rows = [*ROWS, row("pipecat", "light", 60, 20.0)]
    assert capacity(rows, "pipecat", "light").held == 20
    with pytest.raises(NotShownError, match="pipecat did not hold 40 calls: p99 79 ms above that at rest"):
        held_at(rows, "pipecat", "light", 60)


def test_a_rung_that_calls_were_refused_on_does_not_undo_the_one_before() -> None:
    rows = [*ROWS, replace(row("offhook", "light", 450, 1.0), refused=250)]
    ours = capacity(rows, "offhook", "light")
    assert (str(ours), ours.broke) == ("500", "250 calls refused")
    assert held_at(rows, "offhook", "light", 500).calls == 500


def test_a_rung_that_broke_by_busy_callers_ends_the_ladder_too() -> None:
    rows = [replace(r, harness_core=0.9) if r.calls == 40 else r for r in ROWS]
    assert str(capacity([*rows, row("pipecat", "light", 60, 20.0)], "pipecat", "light")) == "≥ 20"


def test_costs_are_compared_at_equal_calls_only() -> None:
    assert times(ROWS, "offhook", "pipecat", "light", 20) == pytest.approx(12.5)
    assert equal_calls(ROWS, "offhook", "pipecat", "light") == [20]
    assert held_at(ROWS, "haproxy", "full", 300) is ROWS[0]


def test_costs_of_calls_that_were_not_held_are_not_compared() -> None:
    both = [*ROWS, row("offhook", "light", 40, 1.8)]
    with pytest.raises(NotShownError, match="pipecat did not hold 40 calls"):
        times(both, "offhook", "pipecat", "light", 40)
    assert equal_calls(both, "offhook", "pipecat", "light") == [20]
    with pytest.raises(NotShownError, match="usual-sample was not measured"):
        equal_calls(ROWS, "offhook", "usual-sample", "light")
    with pytest.raises(NotShownError, match="no equal number"):
        equal_calls([*ROWS, row("usual-sample", "light", 30, 9.0)], "offhook", "usual-sample", "light")


def test_memory_of_one_more_call_is_a_slope() -> None:
    assert kb_per_call(ROWS, "offhook", "full", 50, 400) == pytest.approx(50.0)
    with pytest.raises(NotShownError, match="haproxy was not measured at 50 calls"):
        kb_per_call(ROWS, "haproxy", "full", 50, 400)
