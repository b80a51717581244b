from base64 import b64decode
from types import SimpleNamespace
from typing import cast

import pytest
from benchmarks.talk import CYCLE_FRAMES, LOUD_FRAMES, REPLY_FRAMES, Caller, Pattern, frames

from offhook.audio.formats import Encoding
from offhook.audio.meter import Meter
from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.figures.lateness import LatenessSink


def sink() -> LatenessSink:
    return cast(LatenessSink, SimpleNamespace(lateness=Distribution(), missing_ms=0.0))


def loud(pattern: Pattern) -> list[bool]:
    level = Meter(Encoding.PCMU).level_dbfs
    return [level(b64decode(payload)) > -40 for payload in frames(pattern)]


def test_in_the_light_pattern_a_caller_speaks_at_the_beginning_of_each_round() -> None:
    assert loud(Pattern.LIGHT) == [True] * LOUD_FRAMES + [False] * (CYCLE_FRAMES - LOUD_FRAMES)


def test_in_the_full_pattern_nobody_is_taken_to_speak() -> None:
    assert not any(loud(Pattern.FULL))


def test_callers_do_not_speak_in_chorus() -> None:
    first = [Caller(Pattern.LIGHT, number, sink()).next_payload(0.0) for number in range(3)]
    assert len(set(first)) == 3


def test_a_reply_after_a_pause_is_not_late() -> None:
    into = sink()
    caller = Caller(Pattern.LIGHT, 1, into)
    for number in range(50):
        caller.hears(160, now=10.0 + 0.02 * number)
    caller.hears(160, now=14.0)
    assert into.lateness.quantile(1.0) == into.lateness.quantile(0.0)
    assert caller.heard_ms == 51 * 20


def hear(caller: Caller, at: float, frames: int) -> float:
    for number in range(frames):
        caller.hears(160, now=at + 0.02 * number)
    return at + 0.02 * frames


def late_ms(into: LatenessSink) -> float:
    return into.lateness.quantile(1.0) or 0.0


def take_a_turn(caller: Caller) -> None:
    for _ in range(CYCLE_FRAMES):
        caller.next_payload(0.0)


def answered_twice(into: LatenessSink) -> Caller:
    """It has heard a greeting at 10 s and a reply at 14 s, and its turn before the next reply, due at 18 s, is over."""
    caller = Caller(Pattern.LIGHT, 0, into)
    for at in (10.0, 14.0):
        hear(caller, at, REPLY_FRAMES)
        take_a_turn(caller)
    return caller


def test_replies_on_time_are_neither_late_nor_missing() -> None:
    into = sink()
    hear(answered_twice(into), 18.1, REPLY_FRAMES)
    assert late_ms(into) < 1
    assert into.missing_ms == 0


def test_a_reply_behind_the_schedule_is_late_by_what_the_pause_was_too_long() -> None:
    into = sink()
    hear(answered_twice(into), 20.0, REPLY_FRAMES)
    assert late_ms(into) == pytest.approx(2000, rel=0.02)


def test_a_stall_within_a_reply_makes_no_new_reply() -> None:
    into = sink()
    caller = answered_twice(into)
    hear(caller, hear(caller, 18.0, 30) + 2.0, 45)
    assert late_ms(into) == pytest.approx(2000, rel=0.02)


def test_a_reply_that_never_came_to_its_end_is_missing_sound() -> None:
    into = sink()
    caller = answered_twice(into)
    hear(caller, 18.0, 30)
    take_a_turn(caller)
    hear(caller, 22.0, REPLY_FRAMES)
    assert into.missing_ms == (REPLY_FRAMES - 30) * 20


def test_a_long_stall_of_sound_without_end_is_late_and_missing() -> None:
    into = sink()
    caller = Caller(Pattern.FULL, 1, into)
    hear(caller, hear(caller, 10.0, 100) + 2.0, 1300)
    assert (into.lateness.quantile(0.99) or 0) == pytest.approx(2000, rel=0.02)
    assert into.missing_ms == pytest.approx(2000, rel=0.02)


def test_a_frame_behind_its_time_is() -> None:
    into = sink()
    caller = Caller(Pattern.FULL, 1, into)
    caller.hears(160, now=10.0)
    caller.hears(160, now=10.07)
    assert into.lateness.quantile(1.0) == pytest.approx(50, rel=0.02)
