import pytest

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.figures.lateness import Lateness


class Sink:
    def __init__(self) -> None:
        self.lateness = Distribution()
        self.missing_ms = 0.0


class Frames:
    """20 ms each, sent every 20 ms; each comes as late as it is told to."""

    def __init__(self) -> None:
        self.sink = Sink()
        self._account = Lateness(self.sink)
        self._sent_at = 1000.0

    def come(self, *late_ms: float) -> list[float]:
        told = []
        for late in late_ms:
            told.append(self._account.arrived(20, self._sent_at + late / 1000))
            self._sent_at += 0.020
        return told


def test_even_sound_is_never_late() -> None:
    assert max(Frames().come(*[40.0] * 100)) < 0.3


def test_a_frame_is_as_late_as_it_lies_behind_the_best() -> None:
    told = Frames().come(40, 40, 55, 40, 47)

    assert [round(each) for each in told] == [0, 0, 15, 0, 7]


def test_a_quicker_frame_becomes_the_measure() -> None:
    told = Frames().come(40, 30, 40)

    assert [round(each) for each in told] == [0, 0, 10]


def test_frames_that_come_in_a_heap_are_late_by_what_each_waited() -> None:
    frames = Frames()
    frames.come(5)
    told = frames.come(65, 45, 25, 5)

    assert [round(each) for each in told] == [60, 40, 20, 0]


def test_position_goes_by_sound_and_not_by_messages() -> None:
    account = Lateness(Sink())
    account.arrived(60, 10.0)

    assert account.arrived(20, 10.060) == pytest.approx(0, abs=0.1)


def test_slow_drift_is_followed() -> None:
    drift_ms_per_frame = 20 * 50e-6
    told = Frames().come(*(10 + at * drift_ms_per_frame for at in range(50_000)))

    assert max(told) < 1


def test_a_step_that_stays_is_missing_sound_and_then_forgotten() -> None:
    frames = Frames()
    frames.come(*[10.0] * 60)
    told = frames.come(*[210.0] * 200)

    assert frames.sink.missing_ms == pytest.approx(200, abs=2)
    assert told[0] == pytest.approx(200, abs=1)
    assert told[-1] < 1


def test_a_stall_that_is_made_up_for_is_not_missing() -> None:
    frames = Frames()
    frames.come(*[10.0] * 60, *[210.0] * 20, *[10.0] * 200)

    assert frames.sink.missing_ms == 0


def test_streams_count_into_one() -> None:
    sink = Sink()
    for _ in range(3):
        Lateness(sink).arrived(20, 5.0)

    assert sink.lateness.count == 3
