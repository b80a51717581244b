import pytest

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.load.sampler import Snapshot
from offhook.loadtest.load.window import Window


class Seconds:
    """A test, a second at a time."""

    def __init__(self) -> None:
        self.window = Window()
        self._lateness, self._sending = Distribution(), Distribution()
        self._at = 100.0

    def pass_by(self, *, sending_ms: float, late_ms: float, calls: int = 10) -> None:
        before = self._look(calls)
        self._sending.add(sending_ms)
        self._lateness.add(late_ms)
        self._at += 1.0
        self.window.add(before, self._look(calls))

    def _look(self, calls: int) -> Snapshot:
        return Snapshot(
            self._at, self._lateness.copy(), self._sending.copy(), Distribution(0.001), 0.0, None, None, 0.0, calls
        )


def test_a_calm_test_is_told_in_full() -> None:
    seconds = Seconds()
    for late_ms in (1, 2, 3):
        seconds.pass_by(sending_ms=1, late_ms=late_ms)

    assert seconds.window.is_calm
    assert seconds.window.disturbed_s == 0
    assert seconds.window.down.count == 3
    assert seconds.window.mean_live == 10


def test_a_disturbed_second_and_the_one_after_it_are_left_out() -> None:
    seconds = Seconds()
    for sending_ms, late_ms in ((1, 2), (80, 90), (1, 50), *[(1, 3)] * 7):
        seconds.pass_by(sending_ms=sending_ms, late_ms=late_ms)

    assert seconds.window.is_calm
    assert seconds.window.disturbed_s == pytest.approx(2)
    assert seconds.window.down.max == pytest.approx(3, rel=0.02)


def test_lateness_of_the_gateway_alone_is_no_disturbance() -> None:
    seconds = Seconds()
    seconds.pass_by(sending_ms=1, late_ms=90)

    assert seconds.window.is_calm
    assert seconds.window.down.max == pytest.approx(90, rel=0.02)


def test_when_less_than_four_fifths_were_calm_nothing_is_set_aside() -> None:
    seconds = Seconds()
    for sending_ms, late_ms in ((1, 2), (80, 90), (1, 50), *[(1, 3)] * 6):
        seconds.pass_by(sending_ms=sending_ms, late_ms=late_ms)

    assert not seconds.window.is_calm
    assert seconds.window.down.count == 9


def test_when_hardly_a_second_was_calm_all_are_told() -> None:
    seconds = Seconds()
    for _ in range(5):
        seconds.pass_by(sending_ms=80, late_ms=90)

    assert not seconds.window.is_calm
    assert seconds.window.down.count == 5
