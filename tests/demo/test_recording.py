import pytest
from tests.demo import evening

from offhook.audio.formats import PCMU_8K
from offhook.demo.recording import FINE_WINDOW_MS, Recording, caller_turns, is_heard, overlaps, waits

QUESTION_AT_MS = evening.GREETING_MS + evening.QUIET_MS


def test_the_turns_of_the_caller_are_found_where_they_were_spoken() -> None:
    turns = caller_turns(evening.recording())

    assert len(turns) == 2
    assert (turns[0].from_ms, turns[0].to_ms) == (QUESTION_AT_MS, QUESTION_AT_MS + evening.QUESTION_MS)


@pytest.mark.parametrize("wait_ms", [60, 440, 900])
def test_a_wait_lasts_from_the_callers_last_sound_to_the_agents_first(wait_ms: int) -> None:
    found = waits(evening.recording(wait_ms=wait_ms))

    assert [abs(wait.lasted_ms - wait_ms) <= FINE_WINDOW_MS for wait in found] == [True, True]


def test_a_turn_that_is_not_answered_before_the_next_one_has_no_wait() -> None:
    heard = evening.recording()
    mute = Recording(heard.caller, evening.tone(evening.GREETING_MS).ljust(len(heard.caller), b"\xff"))

    assert waits(mute) == []


def test_what_is_said_into_the_agents_words_is_an_overlap() -> None:
    (found,) = overlaps(evening.recording())

    assert abs(found.heard_ms - evening.HEARD_MS) <= 40
    assert abs(found.yielded_ms - evening.YIELDED_MS) <= 40


def test_what_is_said_in_a_pause_is_none() -> None:
    assert overlaps(evening.recording(overlap_ms=-100)) == []


def test_a_tail_has_the_waits_of_the_whole() -> None:
    whole = evening.recording()
    tail = whole.tail(5003)

    assert 5003 <= tail.duration_ms < 5040
    assert waits(tail)[-1].lasted_ms == waits(whole)[-1].lasted_ms


def test_silence_is_no_speech() -> None:
    silence = PCMU_8K.silence(3000)
    nothing = Recording(silence, silence)

    assert not is_heard(nothing)
    assert (caller_turns(nothing), waits(nothing), overlaps(nothing)) == ([], [], [])
    assert is_heard(evening.recording())
