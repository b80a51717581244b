from base64 import b64decode
from types import SimpleNamespace
from typing import cast

import pytest
from benchmarks.talk import CYCLE_FRAMES, LOUD_FRAMES, Caller, Pattern, frames

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


def test_a_frame_behind_its_time_is() -> None:
    into = sink()
    caller = Caller(Pattern.FULL, 1, into)
    caller.hears(160, now=10.0)
    caller.hears(160, now=10.07)
    assert into.lateness.quantile(1.0) == pytest.approx(50, rel=0.02)
