from collections.abc import Callable, Iterable

import pytest

from offhook.telemetry.health import Health

LOOKS = 50
"""In a second."""


class Loop:
    """A loop that is looked at, in time that is stepped. What it did is in ``doors``: open is True."""

    def __init__(self) -> None:
        self.health = Health()
        self.now = 100.0
        self.changes = 0

    def seconds(self, count: float, lags_s: Callable[[int], float]) -> None:
        """``lags_s``: of each look, by its number in the second."""
        for look in range(round(count * LOOKS)):
            self.late(lags_s(look % LOOKS))

    def late(self, lag_s: float) -> None:
        self.now += 0.02 + lag_s
        before = self.health.overloaded
        self.health.woke(lag_s, self.now)
        self.changes += self.health.overloaded is not before


def steady(lag_s: float) -> Callable[[int], float]:
    return lambda look: lag_s


def times_a_second(times: int, lag_s: float) -> Callable[[int], float]:
    return lambda look: lag_s if look < times else 0.001


def test_a_loop_that_keeps_up_is_well() -> None:
    loop = Loop()
    loop.seconds(60, steady(0.004))
    loop.seconds(60, times_a_second(LOOKS, 0.0149))
    assert not loop.health.overloaded


@pytest.mark.parametrize("lag_s", [0.05, 0.3, 3.0, 30.0])
def test_a_single_hiccup_closes_nothing_however_long(lag_s: float) -> None:
    loop = Loop()
    loop.seconds(10, steady(0.001))
    loop.late(lag_s)
    loop.seconds(10, steady(0.001))
    assert loop.changes == 0


def test_nor_do_hiccups_now_and_then() -> None:
    loop = Loop()
    for _ in range(20):
        loop.late(0.1)
        loop.seconds(1.5, steady(0.001))
    assert loop.changes == 0


def test_it_is_the_share_of_late_looks_that_counts_and_not_in_how_many_seconds_there_were_any() -> None:
    spread, heaped = Loop(), Loop()
    for _ in range(20):
        spread.late(0.03)
        spread.seconds(1.5, steady(0.001))
    for loop in (spread, heaped):
        loop.seconds(10, steady(0.001))
    assert spread.changes == 0
    heaped.seconds(1, times_a_second(8, 0.03))
    heaped.seconds(1, steady(0.001))
    assert heaped.health.overloaded


@pytest.mark.parametrize("lags_s", [steady(0.016), times_a_second(2, 0.03), steady(0.5), steady(1.2)])
def test_a_loop_that_is_late_again_and_again_closes_the_door_within_five_seconds(
    lags_s: Callable[[int], float],
) -> None:
    loop = Loop()
    loop.seconds(30, steady(0.001))
    began = loop.now
    look = 0
    while not loop.health.overloaded:
        loop.late(lags_s(look % LOOKS))
        look += 1
        assert loop.now - began < 6.5


def test_it_opens_again_when_the_loop_has_been_well_for_as_long() -> None:
    loop = Loop()
    loop.seconds(10, steady(0.02))
    assert loop.health.overloaded
    loop.seconds(2, steady(0.001))
    assert loop.health.overloaded
    loop.seconds(4, steady(0.001))
    assert not loop.health.overloaded


def test_between_the_two_marks_the_door_stays_as_it_is() -> None:
    closed, opened = Loop(), Loop()
    closed.seconds(10, steady(0.02))
    for loop in (closed, opened):
        loop.changes = 0
        loop.seconds(60, steady(0.010))
    assert (closed.health.overloaded, opened.health.overloaded) == (True, False)
    assert (closed.changes, opened.changes) == (0, 0)


def test_a_hiccup_does_not_keep_the_door_shut() -> None:
    loop = Loop()
    loop.seconds(10, steady(0.02))
    loop.seconds(3, steady(0.001))
    loop.late(0.5)
    loop.seconds(4, steady(0.001))
    assert not loop.health.overloaded


def test_what_is_not_yet_known_closes_nothing() -> None:
    loop = Loop()
    loop.seconds(2, steady(0.016))
    assert not loop.health.overloaded


def test_a_load_at_the_edge_does_not_make_the_door_flap() -> None:
    loop = Loop()
    noise: Iterable[float] = [0.014, 0.016, 0.009, 0.02, 0.012] * 60
    for lag_s in noise:
        loop.seconds(1, times_a_second(2, lag_s))
    assert loop.changes <= 1
