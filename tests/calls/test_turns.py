from math import inf

import pytest

from offhook.calls.turns import Turns


def test_a_caller_who_speaks_into_silence_interrupts_nobody() -> None:
    turns = Turns()

    assert turns.caller_started(now=10.0, agent_speaks=False) is False
    assert turns.caller_speaks
    assert turns.deadline() == inf


def test_a_caller_who_speaks_during_a_reply_interrupts_at_once() -> None:
    assert Turns().caller_started(now=10.0, agent_speaks=True) is True


def test_an_agent_that_may_not_be_interrupted_is_not() -> None:
    turns = Turns(allowed=False, hold_s=0.2)

    assert turns.caller_started(now=10.0, agent_speaks=True) is False
    assert turns.deadline() == inf
    assert turns.on_time(now=99.0) is False


def test_a_cough_does_not_cut_the_reply() -> None:
    turns = Turns(hold_s=0.2)

    assert turns.caller_started(now=10.0, agent_speaks=True) is False
    assert turns.deadline() == pytest.approx(10.2)
    turns.caller_stopped(now=10.1)

    assert turns.deadline() == inf
    assert turns.on_time(now=10.2) is False


def test_a_caller_who_goes_on_cuts_the_reply_once() -> None:
    turns = Turns(hold_s=0.2)
    turns.caller_started(now=10.0, agent_speaks=True)

    assert turns.on_time(now=10.1) is False
    assert turns.on_time(now=turns.deadline()) is True
    assert turns.on_time(now=10.4) is False
    assert turns.deadline() == inf
    assert turns.caller_speaks


def test_the_caller_has_stopped_when_the_engine_says_so() -> None:
    turns = Turns()
    turns.caller_started(now=10.0, agent_speaks=False)
    turns.caller_stopped(now=11.0)

    assert not turns.caller_speaks


def test_the_caller_waits_from_the_end_of_their_turn_to_the_first_sound() -> None:
    turns = Turns()
    turns.caller_started(now=10.0, agent_speaks=False)
    turns.caller_stopped(now=11.0)

    assert turns.agent_sounded(now=11.75) == 0.75
    assert turns.agent_sounded(now=12.0) is None


def test_an_agent_that_begins_by_itself_kept_nobody_waiting() -> None:
    assert Turns().agent_sounded(now=10.0) is None


def test_a_caller_who_goes_on_does_not_wait_yet() -> None:
    turns = Turns()
    turns.caller_started(now=10.0, agent_speaks=False)
    turns.caller_stopped(now=11.0)
    turns.caller_started(now=11.5, agent_speaks=False)

    assert turns.agent_sounded(now=12.0) is None


def test_who_has_taken_the_turn_is_not_spoken_over() -> None:
    turns = Turns(hold_s=0.2)
    turns.caller_started(10.0, agent_speaks=True)
    assert not turns.caller_has_it
    assert turns.on_time(10.2)
    assert turns.caller_has_it
    turns.caller_stopped(11.0)
    assert not turns.caller_has_it


def test_who_may_not_interrupt_does_not_have_the_turn() -> None:
    turns = Turns(allowed=False)
    turns.caller_started(10.0, agent_speaks=True)

    assert not turns.caller_has_it
