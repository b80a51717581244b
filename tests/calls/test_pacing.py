import pytest

from offhook.calls.pacing import Pacing
from offhook.errors import CallRefused


def test_the_first_call_does_not_wait() -> None:
    assert Pacing(per_second=1).reserve(now=100.0) == 0


def test_calls_that_come_together_wait_their_turn() -> None:
    pacing = Pacing(per_second=2)

    assert [pacing.reserve(now=100.0) for _ in range(4)] == [0, 0.5, 1, 1.5]


def test_who_comes_later_waits_less() -> None:
    pacing = Pacing(per_second=1)
    pacing.reserve(now=100.0)
    pacing.reserve(now=100.0)

    assert pacing.reserve(now=101.5) == 0.5
    assert pacing.reserve(now=110.0) == 0


def test_time_without_calls_is_not_saved_up() -> None:
    pacing = Pacing(per_second=1)

    assert [pacing.reserve(now=1000.0) for _ in range(3)] == [0, 1, 2]


def test_too_long_a_queue_is_refused_and_says_when_to_come_back() -> None:
    pacing = Pacing(per_second=1, wait_limit_s=2)
    for _ in range(3):
        pacing.reserve(now=100.0)

    with pytest.raises(CallRefused, match="3 calls wait to be placed at 1 per second") as caught:
        pacing.reserve(now=100.0)

    assert caught.value.retry_after_s == 1
    assert pacing.reserve(now=101.0) == 2


def test_who_was_refused_takes_nobodys_turn() -> None:
    pacing = Pacing(per_second=1, wait_limit_s=0)
    pacing.reserve(now=100.0)
    for _ in range(5):
        with pytest.raises(CallRefused):
            pacing.reserve(now=100.0)

    assert pacing.reserve(now=101.0) == 0
