from typing import Any, cast

import pytest

from offhook.loadtest.load.plan import Dialling, Plan


def rings(plan: Plan, until_s: float, *, step_s: float = 0.001, live: int | None = None) -> list[float]:
    """When calls ring, if they are asked for every ``step_s`` and none ends."""
    dialling, times = Dialling(plan), list[float]()
    at_s = 0.0
    while at_s < until_s:
        for _ in range(dialling.due(at_s, len(times) if live is None else live)):
            times.append(at_s)
        at_s += step_s
    return times


def test_calls_ring_at_the_rate_and_then_no_more() -> None:
    times = rings(Plan(5, rate=10), 3)

    assert times == pytest.approx([0, 0.1, 0.2, 0.3, 0.4], abs=0.002)


def test_without_churn_a_call_that_ended_is_not_replaced() -> None:
    assert len(rings(Plan(5, rate=100), 2, live=0)) == 5


def test_with_churn_it_is() -> None:
    assert len(rings(Plan(5, rate=100, churn_s=10), 0.5, live=3)) == pytest.approx(50, abs=1)


def test_with_churn_there_are_never_more_than_were_asked_for() -> None:
    assert len(rings(Plan(5, rate=100, churn_s=10), 2)) == 5


def test_a_late_tester_does_not_ring_in_a_heap() -> None:
    dialling = Dialling(Plan(1000, rate=10))
    dialling.due(0, 0)

    assert sum(dialling.due(30.0 + step / 1000, 0) for step in range(100)) <= 3


def test_when_all_have_rung_nobody_needs_to_be_asked_again() -> None:
    dialling = Dialling(Plan(1, seconds=5))
    dialling.due(0, 0)
    dialling.due(1, 1)

    assert dialling.next_at_s == Plan(1, seconds=5).ends_at_s


def test_nobody_rings_after_the_end() -> None:
    plan = Plan(100, rate=100, seconds=5, churn_s=2)

    assert Dialling(plan).due(plan.ends_at_s, 0) == 0


def test_times_follow_from_the_plan() -> None:
    plan = Plan(100, rate=20, seconds=30, settle_s=2)

    assert (plan.ramp_s, plan.measured_from_s, plan.ends_at_s) == (5, 7, 37)


def test_lengths_lie_around_the_mean() -> None:
    plan = Plan(1, churn_s=10)

    assert [plan.length_s(chance) for chance in (0, 0.5, 1)] == [5, 10, 15]
    assert Plan(1).length_s(0.5) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"calls": 0}, "calls must be above 0"),
        ({"calls": 10_001}, "at most 10000"),
        ({"calls": 1, "rate": -1.0}, "rate"),
        ({"calls": 1, "seconds": float("inf")}, "seconds"),
        ({"calls": 1, "seconds": float("nan")}, "seconds"),
        ({"calls": 1, "churn_s": 0.5}, "mean length of a call"),
        ({"calls": 1, "settle_s": -1.0}, "settle_s"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Plan(**cast("dict[str, Any]", wrong))
