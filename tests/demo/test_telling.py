import pytest

from offhook.calls import events
from offhook.calls.conversation import ToolStatus
from offhook.demo.telling import Teller, Told, Who
from offhook.telemetry.feed import Occurrence

RANG_AT = 1_700_000_000.0


class Story:
    """A call told event by event, each so many seconds after the ring."""

    def __init__(self) -> None:
        self.teller = Teller()
        self.lines: list[Told] = []
        self.at(0, events.CallCreated("inbound", "+15550001111", "+15550002222", "blue-lantern", "openai"))

    def at(self, seconds: float, *happened: events.CallEvent) -> list[Told]:
        told: list[Told] = []
        for event in happened:
            told += self.teller.tell(Occurrence(RANG_AT + seconds, "call_1", event))
        self.lines += told
        return told


def rounded(line: Told) -> tuple[float, Who, str, str, bool]:
    return round(line.at_s, 1), line.who, line.text, line.aside, line.answers


def test_it_begins_with_who_calls_whom() -> None:
    assert Story().lines == [Told(0, Who.PHONE, "+15550001111 calls +15550002222", "agent blue-lantern")]


def test_an_agents_turn_is_one_line_with_the_time_it_was_first_heard() -> None:
    story = Story()
    assert (
        story.at(2.0, events.AgentBegan("a", 251), events.AgentWords("a", "We are "), events.AgentWords("a", "open."))
        == []
    )
    told = story.at(2.6, events.ReplyFinished("completed", None))

    assert [rounded(line) for line in told] == [(2.0, Who.AGENT, "We are open.", "", True)]
    assert story.at(4.0, events.AgentEnded("a", 1500, 1500, cut=False)) == []


def test_the_end_of_one_turn_does_not_break_off_the_line_of_the_next() -> None:
    story = Story()
    story.at(1, events.AgentBegan("a", None), events.AgentWords("a", "One moment."))
    story.at(2, events.AgentBegan("b", None), events.AgentWords("b", "Yes, there "))
    ended = story.at(2.2, events.AgentEnded("a", 1000, 1000, cut=False))
    done = story.at(2.4, events.AgentWords("b", "is one."), events.ReplyFinished("completed", None))

    assert [line.text for line in ended] == ["One moment."]
    assert [line.text for line in done] == ["Yes, there is one."]


def test_what_the_caller_said_is_told_with_the_time_they_began() -> None:
    story = Story()
    story.at(3.0, events.CallerBegan("c"))
    story.at(5.0, events.CallerPaused("c"), events.CallerTook("c"))
    told = story.at(5.2, events.CallerWords("c", "Hello."))

    assert [rounded(line) for line in told] == [(3.0, Who.CALLER, "Hello.", "", False)]


@pytest.mark.parametrize("text", ["", None])
def test_what_was_not_understood_is_told_as_such(text: str | None) -> None:
    told = Story().at(5.2, events.CallerWords("c", text))

    assert [line.text for line in told] == ["(not understood)"]


def test_what_the_agent_says_by_itself_answers_nobody() -> None:
    story = Story()
    story.at(1, events.AgentBegan("a", None), events.AgentWords("a", "Hello!"))

    assert [line.answers for line in story.at(1.2, events.ReplyFinished("completed", None))] == [False]


def test_an_interruption_says_what_was_heard_of_how_much() -> None:
    story = Story()
    story.at(2.0, events.AgentBegan("a", 250), events.AgentWords("a", "one two three four"))
    told = story.at(3.0, events.Interrupted("c"), events.AgentEnded("a", 1000, 2000, cut=True))

    assert [rounded(line) for line in told] == [
        (2.0, Who.AGENT, "one two three four", "", True),
        (3.0, Who.CUT, "INTERRUPTED: the caller heard 1000 of 2000 ms", "“one two …”", False),
    ]


def test_a_tool_is_told_with_its_arguments_and_what_it_gave() -> None:
    story = Story()
    called = story.at(1, events.ToolCalled("t", "find_table", '{"day": "saturday", "guests": 2}'))
    answered = story.at(1, events.ToolAnswered("t", "find_table", ToolStatus.DONE, "Free.", 12))

    assert [line.text for line in called] == ["find_table(day='saturday', guests=2)"]
    assert answered == [Told(1, Who.TOOL, "find_table done: Free.", "12 ms")]


def test_arguments_that_are_no_json_are_shown_as_they_are() -> None:
    told = Story().at(1, events.ToolCalled("t", "find_table", "{nonsense"))

    assert [line.text for line in told] == ["find_table({nonsense)"]


def test_words_that_were_begun_are_told_before_the_tool_that_follows_them() -> None:
    story = Story()
    story.at(1, events.AgentBegan("a", None), events.AgentWords("a", "One moment."))

    assert [line.who for line in story.at(1.2, events.ToolCalled("t", "find_table", "{}"))] == [Who.AGENT, Who.TOOL]


def test_trouble_and_the_end_are_told() -> None:
    story = Story()
    told = story.at(
        9, events.EngineWent("gone", None, True), events.SoundDropped(120), events.CallEnded("line_lost", 9000)
    )

    assert [(line.who, line.text) for line in told] == [
        (Who.TROUBLE, "engine: gone"),
        (Who.TROUBLE, "120 ms of the caller's sound were dropped"),
        (Who.END, "line lost"),
    ]
