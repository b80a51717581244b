import pytest

from offhook.calls.admission import Admission, Obstacle, Quota


@pytest.mark.parametrize(
    ("closed", "active", "overloaded", "obstacle"),
    [
        (False, 0, False, None),
        (False, 9, False, None),
        (False, 10, False, Obstacle.FULL),
        (False, 11, True, Obstacle.FULL),
        (False, 1, True, Obstacle.OVERLOADED),
        (True, 0, False, Obstacle.DRAINING),
        (True, 10, True, Obstacle.DRAINING),
    ],
)
def test_the_first_thing_in_the_way_is_told(
    closed: bool, active: int, overloaded: bool, obstacle: Obstacle | None
) -> None:
    admission = Admission(10, overloaded=lambda: overloaded)
    admission.closed = closed

    assert admission.obstacle(active) == obstacle
    refusal = admission.refusal(active)
    assert (refusal and refusal.kind) == obstacle
    assert refusal is None or refusal.retry_after_s


def test_a_loop_that_is_busy_without_calls_turns_nobody_away() -> None:
    assert Admission(10, overloaded=lambda: True).refusal(active=0) is None


def test_an_agent_that_is_full_is_told_before_the_worker_that_is() -> None:
    admission = Admission(10, overloaded=lambda: True)
    refusal = admission.refusal(10, Quota("desk", limit=2, taken=2))
    assert refusal is not None
    assert refusal.reason == "all 2 lines of agent desk are busy"
    refusal = admission.refusal(10, Quota("desk", limit=2, taken=1))
    assert refusal is not None
    assert refusal.reason == "all 10 lines are busy"


def test_a_worker_that_goes_says_so_first() -> None:
    admission = Admission(10, overloaded=lambda: False)
    admission.closed = True
    refusal = admission.refusal(10, Quota("desk", limit=2, taken=2))

    assert refusal is not None
    assert refusal.kind is Obstacle.DRAINING
