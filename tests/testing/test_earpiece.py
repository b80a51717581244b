from math import inf

import pytest

from offhook.audio.formats import PCM16_24K, PCMU_8K
from offhook.testing.earpiece import Earpiece, Stretch


def test_sound_is_played_at_real_time_however_fast_it_comes() -> None:
    earpiece = Earpiece(PCMU_8K)
    earpiece.play(b"a" * 800, now=10.0)
    earpiece.play(b"b" * 800, now=10.0)

    assert earpiece.heard_ms(now=10.15) == pytest.approx(150)
    assert earpiece.heard(now=10.15) == [Stretch(10.0, b"a" * 800 + b"b" * 400)]
    assert earpiece.plays_until() == pytest.approx(10.2)


def test_a_gap_is_a_gap() -> None:
    earpiece = Earpiece(PCMU_8K)
    earpiece.play(b"a" * 800, now=10.0)
    earpiece.play(b"b" * 800, now=12.0)

    assert earpiece.heard_ms(now=11.0) == 100
    assert earpiece.heard(now=13.0) == [Stretch(10.0, b"a" * 800), Stretch(12.0, b"b" * 800)]


def test_a_mark_is_due_when_what_came_before_it_was_played() -> None:
    earpiece = Earpiece(PCMU_8K)
    earpiece.play(bytes(800), now=10.0)
    earpiece.mark(100, now=10.0)
    earpiece.play(bytes(800), now=10.0)
    earpiece.mark(200, now=10.0)

    assert earpiece.on_time(now=10.09) == []
    assert earpiece.deadline() == pytest.approx(10.1)
    assert earpiece.on_time(now=10.1) == [100]
    assert earpiece.on_time(now=10.5) == [200]
    assert earpiece.deadline() == inf


def test_a_mark_behind_nothing_is_due_at_once() -> None:
    earpiece = Earpiece(PCMU_8K)
    earpiece.mark(0, now=10.0)

    assert earpiece.on_time(now=10.0) == [0]


def test_a_clear_drops_the_rest_and_answers_all_marks() -> None:
    earpiece = Earpiece(PCMU_8K)
    earpiece.play(b"a" * 1600, now=10.0)
    earpiece.mark(200, now=10.0)
    earpiece.mark(201, now=10.0)

    assert earpiece.clear(now=10.05) == [200, 201]
    assert earpiece.heard(now=99.0) == [Stretch(10.0, b"a" * 400)]
    assert earpiece.deadline() == inf


def test_what_is_played_after_a_clear_begins_at_once() -> None:
    earpiece = Earpiece(PCMU_8K)
    earpiece.play(b"a" * 8000, now=10.0)
    earpiece.clear(now=10.1)
    earpiece.play(b"b" * 800, now=10.2)
    earpiece.mark(7, now=10.2)

    assert earpiece.on_time(now=10.3) == [7]
    assert earpiece.heard_ms(now=99.0) == 200


def test_time_is_counted_in_the_format_of_the_sound() -> None:
    earpiece = Earpiece(PCM16_24K)
    earpiece.play(bytes(4800), now=10.0)

    assert earpiece.heard_ms(now=10.05) == pytest.approx(50, abs=0.1)
    assert earpiece.heard_ms(now=99.0) == 100
