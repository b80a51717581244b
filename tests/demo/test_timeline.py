import pytest
from tests.demo import evening

from offhook.calls.conversation import AgentSaid, CallerSaid
from offhook.demo.timeline import NOT_UNDERSTOOD, Timeline, arguments, timeline


def told(**changes: object) -> Timeline:
    return timeline(evening.call(**changes), evening.recording(), opened_ms=evening.OPENED_MS)


def test_the_callers_words_stand_where_they_were_spoken() -> None:
    first, second = told().caller

    assert (first.span.from_ms, first.text) == (evening.GREETING_MS + evening.QUIET_MS, "when are you open")
    assert second.text == "a table for four"


def test_what_was_not_understood_is_shown_as_such() -> None:
    entries = evening.but(CallerSaid("item_2", "", 4000))
    shown = timeline(evening.call(*entries), evening.recording(), opened_ms=evening.OPENED_MS)

    assert shown.caller[0].text == NOT_UNDERSTOOD


def test_the_agents_words_are_split_where_the_caller_stopped_hearing_them() -> None:
    greeting, reply = told().agent

    assert (greeting.span.from_ms, greeting.span.to_ms, greeting.unheard) == (0, evening.GREETING_MS, "")
    assert reply.span.to_ms - reply.span.from_ms == evening.HEARD_MS
    assert f"{reply.text} {reply.unheard}" == evening.HOURS
    assert reply.text
    assert reply.unheard


def test_a_reply_of_which_nothing_was_heard_has_its_words_all_unheard() -> None:
    entries = evening.but(AgentSaid("item_3", "Never heard.", 6000, sound_ms=900, heard_ms=0, cut=True))
    shown = timeline(evening.call(*entries), evening.recording(), opened_ms=evening.OPENED_MS)

    assert (shown.agent[1].text, shown.agent[1].unheard) == ("", "Never heard.")


def test_tools_waits_and_overlaps_are_on_it() -> None:
    shown = told()

    assert [mark.call for mark in shown.tools] == ["book_table(guests=4)", "end_call()"]
    assert shown.tools[0].outcome == "done: so it is"
    assert len(shown.waits) == 2
    assert len(shown.overlaps) == 1


@pytest.mark.parametrize(
    ("written", "shown"),
    [('{"day": "sunday", "guests": 2}', "day='sunday', guests=2"), ("", ""), ("{oops", "{oops"), ("[1]", "[1]")],
)
def test_arguments_are_shown_as_python_writes_them(written: str, shown: str) -> None:
    assert arguments(written) == shown
