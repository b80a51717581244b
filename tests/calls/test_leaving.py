import asyncio
from math import inf

import pytest

from offhook.calls.departure import EndReason
from offhook.calls.leaving import LAST_WORDS_WITHIN_S, Leave, Leaving
from offhook.errors import CallRefused

GOODBYE = Leave(EndReason.AGENT_HUNG_UP)


def test_nothing_is_planned_until_it_is() -> None:
    leaving = Leaving()

    assert leaving.take() is None
    assert leaving.deadline() == inf


def test_a_plan_is_taken_once() -> None:
    leaving = Leaving()
    leaving.plan(GOODBYE, now=10.0)
    assert leaving.deadline() == 10.0 + LAST_WORDS_WITHIN_S

    assert leaving.take() is GOODBYE
    assert leaving.take() is None
    assert leaving.deadline() == inf


def test_a_caller_who_goes_on_ends_the_plan() -> None:
    leaving = Leaving()
    leaving.plan(GOODBYE, now=10.0)
    leaving.caller_goes_on()

    assert leaving.take() is None
    assert leaving.deadline() == inf


def test_the_latest_plan_holds() -> None:
    leaving = Leaving()
    later = Leave(EndReason.TIME_UP)
    leaving.plan(GOODBYE, now=10.0)
    leaving.plan(later, now=15.0)

    assert leaving.deadline() == 15.0 + LAST_WORDS_WITHIN_S
    assert leaving.take() is later


async def test_who_waits_for_the_end_is_told_when_it_comes() -> None:
    leaving = Leaving()
    leaving.plan(GOODBYE, now=10.0)
    waiting = leaving.waited_for()
    assert not waiting.done()
    leaving.take()
    assert not waiting.done()  # taken is not ended
    leaving.done()
    assert waiting.done()
    await waiting


async def test_who_waits_for_the_end_is_told_if_it_does_not_come() -> None:
    leaving = Leaving()
    leaving.plan(GOODBYE, now=10.0)
    waiting = leaving.waited_for()
    leaving.caller_goes_on()

    with pytest.raises(CallRefused, match="went on speaking"):
        await waiting


async def test_several_may_wait() -> None:
    leaving = Leaving()
    leaving.plan(GOODBYE, now=10.0)
    waiting = asyncio.gather(leaving.waited_for(), leaving.waited_for())
    leaving.take()
    leaving.done()

    assert list(await waiting) == [None, None]


async def test_who_does_not_wait_any_more_disturbs_nobody() -> None:
    leaving = Leaving()
    leaving.plan(GOODBYE, now=10.0)
    leaving.waited_for().cancel()

    assert leaving.take() is GOODBYE


def test_a_plan_that_is_not_the_callers_to_stop_stands() -> None:
    leaving = Leaving()
    leaving.plan(Leave(EndReason.TIME_UP, may_be_stopped=False), now=10.0)
    leaving.caller_goes_on()

    assert leaving.planned


def test_the_line_is_not_quiet_before_the_last_words() -> None:
    leaving = Leaving()
    leaving.plan(GOODBYE, now=10.0, replies_due=2)
    assert not leaving.when_quiet
    leaving.reply_made()
    assert not leaving.when_quiet
    leaving.reply_made()
    assert leaving.when_quiet
