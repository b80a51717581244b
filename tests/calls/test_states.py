from itertools import product

import pytest

from offhook.calls.states import TRANSITIONS, Change, State

REFUSED = {
    (State.RINGING, Change.LINE_LOST),  # there was none
    (State.RESUMING, Change.LINE_LOST),  # it is lost already
    *((State.ENDED, change) for change in Change),
}


@pytest.mark.parametrize(("state", "change"), list(product(State, Change)))
def test_every_change_is_in_the_table_or_refused(state: State, change: Change) -> None:
    assert (change in TRANSITIONS[state]) is ((state, change) not in REFUSED)


def test_every_state_can_be_reached() -> None:
    reached = {State.RINGING}
    while new := {after for state in reached for after in TRANSITIONS[state].values()} - reached:
        reached |= new

    assert reached == set(State)


@pytest.mark.parametrize("state", [state for state in State if state is not State.ENDED])
def test_a_call_can_end_wherever_it_stands(state: State) -> None:
    assert TRANSITIONS[state][Change.OVER] is State.ENDED
    assert TRANSITIONS[state][Change.DECIDED] is State.ENDING


def test_once_it_is_to_end_nothing_brings_it_back() -> None:
    assert set(TRANSITIONS[State.ENDING].values()) == {State.ENDING, State.ENDED}
    assert TRANSITIONS[State.ENDED] == {}


def test_a_leg_brings_a_lost_call_back() -> None:
    lost = TRANSITIONS[State.TALKING][Change.LINE_LOST]

    assert lost is State.RESUMING
    assert TRANSITIONS[lost][Change.LEG_CAME] is State.TALKING
