from math import inf

import pytest

from offhook.calls.departure import EndReason, Goodbye, Transfer
from offhook.calls.life import LEG_WITHIN_S, LET_GO_WITHIN_S, Life
from offhook.calls.states import State


@pytest.fixture
def changes() -> list[State]:
    return []


@pytest.fixture
def life(changes: list[State]) -> Life:
    return Life(100.0, changes.append)


def test_a_call_is_born_ringing_and_does_not_ring_for_ever(life: Life, changes: list[State]) -> None:
    assert life.state is State.RINGING
    assert life.going
    assert life.deadline() == 100 + LEG_WITHIN_S
    assert life.gave_up() is EndReason.NEVER_CAME
    assert changes == []


def test_it_may_be_told_to_wait_longer(life: Life) -> None:
    life.wait(190.0)

    assert life.deadline() == 190


def test_a_call_that_talks_may_do_so_for_as_long_as_it_likes(life: Life, changes: list[State]) -> None:
    life.leg_came()
    life.leg_came()

    assert life.deadline() == inf
    assert changes == [State.TALKING]


def test_a_line_that_is_lost_is_waited_for(life: Life, changes: list[State]) -> None:
    life.leg_came()
    life.line_lost(until=130.0)
    assert life.deadline() == 130
    assert life.gave_up() is EndReason.LINE_LOST

    life.leg_came()
    assert life.deadline() == inf
    assert changes == [State.TALKING, State.RESUMING, State.TALKING]


def test_a_call_that_is_to_end_waits_for_the_carrier(life: Life) -> None:
    life.leg_came()
    life.decide(EndReason.TRANSFERRED, Transfer("+15550003333"), now=120.0)

    assert not life.going
    assert life.deadline() == 120 + LET_GO_WITHIN_S
    assert life.gave_up() is EndReason.TRANSFERRED


def test_what_was_decided_stands(life: Life, changes: list[State]) -> None:
    life.leg_came()
    life.decide(EndReason.TRANSFERRED, Transfer("+15550003333"), now=120.0)
    life.finish(EndReason.CALLER_HUNG_UP)

    assert (life.end_reason, life.departure) == (EndReason.TRANSFERRED, Transfer("+15550003333"))
    assert life.deadline() == inf
    assert changes == [State.TALKING, State.ENDING, State.ENDED]


def test_a_call_that_just_ends_leaves_the_carrier_nothing_to_do_but_hang_up(life: Life) -> None:
    life.finish(EndReason.NOT_ANSWERED)

    assert (life.end_reason, life.departure) == (EndReason.NOT_ANSWERED, Goodbye())
    assert not life.going


def test_a_call_that_is_over_does_not_come_back(life: Life) -> None:
    life.finish(EndReason.CALLER_HUNG_UP)

    with pytest.raises(KeyError):
        life.leg_came()
