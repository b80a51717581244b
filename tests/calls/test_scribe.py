import pytest

from offhook.calls import events
from offhook.calls.conversation import AgentSaid, CallerSaid, Conversation, Noted, ToolStatus, ToolUsed
from offhook.calls.leg import LeftReason
from offhook.calls.scribe import LATENCIES_KEPT, USAGE_NAMES_LIMIT, Scribe


@pytest.fixture
def scribe() -> Scribe:
    return Scribe(Conversation())


def test_a_turn_of_the_caller_gets_its_words_later(scribe: Scribe) -> None:
    scribe.write(events.CallerTook("a"), at_ms=100)
    scribe.write(events.AgentBegan("b", None), at_ms=200)
    scribe.write(events.CallerWords("a", "Hello?"), at_ms=300)

    assert scribe.conversation.entries == [CallerSaid("a", "Hello?", 100), AgentSaid("b", "", 200)]


def test_words_may_come_before_the_turn_is_known(scribe: Scribe) -> None:
    scribe.write(events.CallerWords("a", "Hello?"), at_ms=100)
    scribe.write(events.CallerTook("a"), at_ms=200)

    assert scribe.conversation.entries == [CallerSaid("a", "Hello?", 100)]


def test_a_turn_of_the_agent_gathers_its_words_and_what_was_heard(scribe: Scribe) -> None:
    scribe.write(events.AgentWords("b", "Good "), at_ms=90)
    scribe.write(events.AgentBegan("b", 400), at_ms=100)
    scribe.write(events.AgentWords("b", "morning."), at_ms=150)
    scribe.write(events.AgentEnded("b", 700, 1000, cut=True), at_ms=900)

    assert scribe.conversation.entries == [AgentSaid("b", "Good morning.", 90, 1000, 700, cut=True)]
    assert scribe.timings.replies_ms == [400]


def test_a_cut_turn_stays_cut(scribe: Scribe) -> None:
    scribe.write(events.AgentEnded("b", 700, 1000, cut=True), at_ms=900)
    scribe.write(events.AgentEnded("b", 700, 1000, cut=False), at_ms=950)

    assert scribe.conversation.entries == [AgentSaid("b", "", 900, 1000, 700, cut=True)]


def test_a_tools_intent_is_down_before_its_answer(scribe: Scribe) -> None:
    scribe.write(events.ToolCalled("c", "book", '{"guests":2}'), at_ms=100)
    assert scribe.conversation.entries == [ToolUsed("c", "book", '{"guests":2}', 100, ToolStatus.INTENDED)]

    scribe.write(events.ToolAnswered("c", "book", ToolStatus.DONE, "booked", 30), at_ms=130)
    assert scribe.conversation.entries == [
        ToolUsed("c", "book", '{"guests":2}', 100, ToolStatus.DONE, output="booked", took_ms=30)
    ]


def test_an_answer_to_nothing_is_not_written_down(scribe: Scribe) -> None:
    scribe.write(events.ToolAnswered("c", "book", ToolStatus.DONE, "booked", 30), at_ms=130)

    assert scribe.conversation.entries == []


def test_notes_are_written_down(scribe: Scribe) -> None:
    scribe.write(events.NoteMade("note_1", "The caller pressed 1"), at_ms=50)

    assert scribe.conversation.entries == [Noted("note_1", "The caller pressed 1", 50)]


def test_only_the_first_of_each_side_is_timed(scribe: Scribe) -> None:
    scribe.write(events.EngineCame("openai", 300), at_ms=300)
    scribe.write(events.LegCame(900), at_ms=900)
    scribe.write(events.LegLeft(LeftReason.LOST), at_ms=5000)
    scribe.write(events.EngineCame("openai", 250), at_ms=6000)
    scribe.write(events.LegCame(2000), at_ms=7000)

    assert (scribe.timings.engine_ms, scribe.timings.answer_ms) == (300, 900)


def test_latencies_do_not_gather_for_ever(scribe: Scribe) -> None:
    for n in range(LATENCIES_KEPT + 5):
        scribe.write(events.AgentBegan(f"item {n}", n), at_ms=n)
    scribe.write(events.AgentBegan("by itself", None), at_ms=0)

    assert scribe.timings.replies_ms == list(range(LATENCIES_KEPT))


def test_usage_is_added_up_whatever_the_vendor_calls_it(scribe: Scribe) -> None:
    for _ in range(2):
        scribe.write(
            events.ReplyFinished(
                "completed",
                {
                    "total_tokens": 10,
                    "input_token_details": {"audio_tokens": 4, "cached_tokens_details": {"text_tokens": 1}},
                    "type": "tokens",
                    "absent": None,
                },
            ),
            at_ms=0,
        )
    scribe.write(events.ReplyFinished("failed", None), at_ms=0)

    assert scribe.usage == {
        "total_tokens": 20,
        "input_token_details.audio_tokens": 8,
        "input_token_details.cached_tokens_details.text_tokens": 2,
    }


def test_usage_without_end_is_not_kept(scribe: Scribe) -> None:
    deep: dict[str, object] = {"tokens": 1}
    for _ in range(50):
        deep = {"x": deep}
    scribe.write(events.ReplyFinished("completed", {f"name {n}": 1 for n in range(500)}), at_ms=0)
    scribe.write(events.ReplyFinished("completed", {"name 0": 1, "deep": deep}), at_ms=0)

    assert len(scribe.usage) == USAGE_NAMES_LIMIT
    assert scribe.usage["name 0"] == 2
