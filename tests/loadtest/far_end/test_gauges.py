import time

import pytest

from offhook.loadtest.far_end.gauges import Gauges, SessionGauge


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


class Caller:
    """Speaks 20 ms at a time into one session."""

    def __init__(self, gauges: Gauges, clock: Clock) -> None:
        self.gauge = SessionGauge(gauges)
        self._clock = clock
        self._appended_ms = 0.0

    def speak(self, frames: int) -> None:
        for _ in range(frames):
            self._appended_ms += 20
            self.gauge.heard(self._appended_ms, is_loud=False)
            self._clock.now += 0.020


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_what_one_session_lost_is_told_by_itself_when_it_is_over(clock: Clock) -> None:
    gauges = Gauges()
    whole, torn = Caller(gauges, clock), Caller(gauges, clock)
    whole.speak(50)
    torn.speak(100)
    clock.now += 0.700
    torn.speak(150)
    for caller in (whole, torn):
        caller.gauge.left()

    assert gauges.lost.count == 1
    assert gauges.lost.max == pytest.approx(700, rel=0.02)
    assert gauges.missing_ms == pytest.approx(700, rel=0.02)


def test_the_session_that_has_been_quiet_for_longest_is_told_while_it_is_open(clock: Clock) -> None:
    gauges = Gauges()
    stalled, silent = Caller(gauges, clock), Caller(gauges, clock)
    stalled.speak(10)
    clock.now += 0.980

    assert gauges.quiet_ms == pytest.approx(1000)
    assert gauges.heard == 1
    for caller in (stalled, silent):
        caller.gauge.left()
    assert gauges.quiet_ms == 0
