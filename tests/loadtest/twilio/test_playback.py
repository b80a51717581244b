from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.loadtest.twilio.playback import MARKS_LIMIT, QUEUE_LIMIT_S, Playback
from offhook.loadtest.twilio.track import Track

ORIGIN = 1000.0


@pytest.fixture
def track() -> Track:
    return Track(limit_s=60)


@pytest.fixture
def playback(track: Track) -> Playback:
    return Playback(ORIGIN, track)


def sound(duration_ms: int, code: int = 1) -> bytes:
    return bytes([code]) * (8 * duration_ms)


def test_a_mark_is_echoed_when_the_sound_before_it_was_played(playback: Playback) -> None:
    playback.play(sound(100), ORIGIN + 1)
    assert playback.mark("a", ORIGIN + 1) == []
    playback.play(sound(50), ORIGIN + 1.01)
    assert playback.mark("b", ORIGIN + 1.01) == []

    assert playback.deadline() == pytest.approx(ORIGIN + 1.1)
    assert playback.on_time(ORIGIN + 1.099) == []
    assert playback.on_time(ORIGIN + 1.1) == ["a"]
    assert playback.on_time(ORIGIN + 1.149) == []
    assert playback.on_time(ORIGIN + 2) == ["b"]
    assert playback.deadline() == inf


def test_a_mark_on_an_empty_queue_is_echoed_at_once(playback: Playback) -> None:
    assert playback.mark("a", ORIGIN) == ["a"]
    playback.play(sound(20), ORIGIN + 1)
    assert playback.mark("b", ORIGIN + 1.5) == ["b"]


def test_marks_come_back_in_order_even_when_nobody_asked_in_between(playback: Playback) -> None:
    playback.play(sound(20), ORIGIN)
    playback.mark("a", ORIGIN)

    assert playback.mark("b", ORIGIN + 1) == ["a", "b"]


def test_clear_echoes_every_pending_mark_and_stops_the_sound(playback: Playback, track: Track) -> None:
    playback.play(sound(1000), ORIGIN)
    playback.mark("a", ORIGIN)
    playback.play(sound(1000), ORIGIN)
    playback.mark("b", ORIGIN)

    assert playback.clear(ORIGIN + 0.25) == ["a", "b"]
    assert playback.played_ms(ORIGIN + 5) == 250
    assert playback.deadline() == inf
    assert track.render(8_000) == sound(250) + sound(750, 0xFF)
    assert playback.clear(ORIGIN + 6) == []


def test_sound_after_a_clear_plays_at_once(playback: Playback, track: Track) -> None:
    playback.play(sound(1000), ORIGIN)
    playback.clear(ORIGIN + 0.1)
    playback.play(sound(100, 2), ORIGIN + 0.2)

    assert playback.played_ms(ORIGIN + 0.25) == 150
    assert track.render(2_400) == sound(100) + sound(100, 0xFF) + sound(100, 2)


def test_sound_plays_at_real_time_however_fast_it_comes(playback: Playback) -> None:
    for _ in range(100):
        playback.play(sound(20), ORIGIN)

    assert playback.played_ms(ORIGIN) == 0
    assert playback.played_ms(ORIGIN + 0.5) == 500
    assert playback.queued_ms(ORIGIN + 0.5) == 1500
    assert playback.played_ms(ORIGIN + 9) == 2000


def test_when_sound_comes_late_the_caller_hears_silence_in_between(playback: Playback, track: Track) -> None:
    playback.play(sound(20), ORIGIN)
    playback.play(sound(20), ORIGIN + 0.03)

    assert track.render(400) == sound(20) + sound(10, 0xFF) + sound(20)
    assert playback.played_ms(ORIGIN + 0.035) == 25


def test_when_the_stream_ends_the_rest_is_not_heard(playback: Playback, track: Track) -> None:
    playback.play(sound(1000), ORIGIN)
    playback.mark("a", ORIGIN)

    playback.stop(ORIGIN + 0.5)

    assert playback.played_ms(ORIGIN + 9) == 500
    assert playback.on_time(ORIGIN + 9) == []
    assert track.end == 4_000


def test_a_queue_without_end_is_refused(playback: Playback) -> None:
    hour = bytes(int(QUEUE_LIMIT_S * 8000))
    assert playback.play(hour, ORIGIN)
    assert playback.play(b"\x00", ORIGIN)
    assert not playback.play(b"\x00", ORIGIN)
    for number in range(MARKS_LIMIT):
        assert playback.mark(str(number), ORIGIN) == []
    assert playback.mark("one too many", ORIGIN) is None


@given(
    st.lists(st.tuples(st.sampled_from(["play", "mark", "clear"]), st.integers(0, 4000), st.integers(0, 300))),
    st.floats(0, 1e6),
)
def test_every_mark_comes_back_once_and_never_before_its_time(steps: list[tuple[str, int, int]], origin: float) -> None:
    playback = Playback(origin, Track(limit_s=0))
    now, ends, sent, echoed = origin, origin, 0, 0
    due: dict[str, float] = {}

    for kind, size, wait_ms in steps:
        now += wait_ms / 1000
        names: list[str] = []
        if kind == "play":
            playback.play(bytes(size), now)
            ends = max(ends, now) + size / 8000
        elif kind == "mark":
            due[str(sent)] = ends
            names = playback.mark(str(sent), now) or []
            sent += 1
        else:
            names, ends = playback.clear(now), now
            due = dict.fromkeys(due, now)
        assert names == [str(number) for number in range(echoed, echoed + len(names))]
        echoed += len(names)
        assert all(due[name] <= now + 0.001 for name in names)

    while (deadline := playback.deadline()) < inf:
        names = playback.on_time(deadline)
        assert names, "a deadline at which nothing is due would be asked for for ever"
        echoed += len(names)
    assert echoed == sent
