import pytest

from offhook.legs.stream_pace import AHEAD_LIMIT_S, MESSAGES_AHEAD_LIMIT, MESSAGES_PER_S, StreamPace


def test_a_frame_is_as_late_as_it_comes_behind_the_earliest() -> None:
    pace = StreamPace(now=100.0)

    assert pace.lateness_s(0, now=100.30) == 0
    assert pace.lateness_s(500, now=100.70) == 0  # this one was on the way for less time: the new earliest
    assert pace.lateness_s(1000, now=101.25) == pytest.approx(0.05, abs=0.001)


def test_clocks_that_part_slowly_make_nobody_late() -> None:
    pace = StreamPace(now=0.0)
    worst_s = 0.0
    for second in range(3600):
        # The carrier's clock is slow by 50 ppm: after an hour its frames come 180 ms behind our own reckoning.
        worst_s = max(worst_s, pace.lateness_s(second * 1000, now=second * (1 + 50e-6)))

    assert worst_s < 0.001


def test_a_caller_in_real_time_may_go_on_for_ever() -> None:
    pace = StreamPace(now=0.0)

    assert pace.excess(sound_s=36_000, messages=36_000 * 60, now=36_000) is None


def test_what_piled_up_in_a_break_may_come_at_once() -> None:
    pace = StreamPace(now=0.0)

    assert pace.excess(sound_s=AHEAD_LIMIT_S - 0.02, messages=500, now=0.0) is None


def test_sound_that_runs_ahead_is_told_with_its_rate() -> None:
    pace = StreamPace(now=0.0)

    assert pace.excess(sound_s=20.0, messages=1000, now=2.0) == "20.0 s of sound in 2.0 s: 10.0 times real time"


def test_a_flood_of_messages_without_sound_is_told() -> None:
    pace = StreamPace(now=0.0)
    allowed = MESSAGES_AHEAD_LIMIT + MESSAGES_PER_S

    assert pace.excess(sound_s=0, messages=allowed, now=1.0) is None
    assert pace.excess(sound_s=0, messages=allowed + 1, now=1.0) == f"{allowed + 1} messages in 1.0 s"
