import json
from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest

from offhook.realtime_server.conversation import Conversation
from offhook.realtime_server.ids import Ids
from offhook.realtime_server.response import Events, Response, Status
from offhook.realtime_server.tokens import Tokens
from offhook.wires.openai_realtime import server_events as server
from offhook.wires.openai_realtime.asides import ArgumentsDelta, Aside, TextDelta, TextDone, encode
from offhook.wires.openai_realtime.items import Part, function_call, function_call_output, user_text

Said = list[server.ServerEvent | Aside]
Kind = TypeVar("Kind")

SOUND = bytes(160)
"""20 ms of µ-law."""


@pytest.fixture
def conversation() -> Conversation:
    conversation = Conversation("conv_1")
    conversation.add(user_text("When do you close?", "question"))
    return conversation


@pytest.fixture
def response(conversation: Conversation) -> Response:
    return Response(conversation, Ids(1))


def names(said: Iterable[server.ServerEvent | Aside]) -> list[str]:
    return [str(event.__struct_config__.tag) for event in said]


def only(said: Said, kind: type[Kind]) -> list[Kind]:
    return [event for event in said if isinstance(event, kind)]


def one(said: Said, kind: type[Kind]) -> Kind:
    [event] = only(said, kind)
    return event


def all_of(*verbs: Events) -> Said:
    return [event for verb in verbs for event in verb]


OPENED = ["response.output_item.added", "conversation.item.added", "response.content_part.added"]
CLOSED = [
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
]
CALLED = [
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "conversation.item.done",
]


def test_it_says_that_it_exists_before_it_says_anything_else(response: Response) -> None:
    created, limits = response.begin()

    assert isinstance(created, server.ResponseCreated)
    assert created.response.id == response.id == "resp_1_1"
    assert (created.response.status, created.response.output, created.response.usage) == ("in_progress", [], None)
    assert created.response.conversation_id == "conv_1"
    assert isinstance(limits, server.RateLimits)
    assert response.item_id is None


def test_the_first_words_open_a_message_and_the_next_go_into_it(response: Response) -> None:
    assert names(response.say("At ", SOUND, 20)) == [
        *OPENED,
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
    ]
    assert names(response.say("six.")) == ["response.output_audio_transcript.delta"]
    assert names(response.say("", SOUND, 20)) == ["response.output_audio.delta"]
    assert names(response.say("")) == []

    assert (response.said, response.sent_ms) == ("At six.", 40)


def test_complete_closes_the_message_with_all_its_words(response: Response, conversation: Conversation) -> None:
    all_of(response.begin(), response.say("At ", SOUND, 20), response.say("six.", SOUND, 20))

    said = list(response.complete())

    assert names(said) == [*CLOSED, "response.done"]
    item = one(said, server.OutputItemDone).item
    assert (item.status, item.role) == ("completed", "assistant")
    assert item.content == [Part("output_audio", transcript="At six.")]
    assert one(said, server.TranscriptDone).transcript == "At six."
    assert one(said, server.ContentPartDone).part == Part("audio", transcript="At six.")
    assert one(said, server.ItemDone).previous_item_id == "question"
    done = one(said, server.ResponseDone).response
    assert (done.status, done.status_details, done.output) == ("completed", None, [item])
    entry = conversation.retrieve(response.item_id or "")
    assert (entry.item, entry.audio_ms) == (item, 40)
    assert response.status is Status.COMPLETED
    assert response.is_over


def test_a_response_may_say_nothing_at_all(response: Response) -> None:
    [done] = response.complete()

    assert isinstance(done, server.ResponseDone)
    assert (done.response.status, done.response.output) == ("completed", [])


def test_a_call_closes_the_message_and_the_next_words_open_another(
    response: Response, conversation: Conversation
) -> None:
    first = list(response.say("Let me look. ", SOUND, 20))
    called = list(response.call("lookup", '{"table": 7}'))
    message_id = response.item_id
    second = list(response.say("It is free.", SOUND, 20))
    end = list(response.complete())

    assert names(called) == [*CLOSED, *CALLED]
    assert names(second)[:3] == OPENED
    assert names(end) == [*CLOSED, "response.done"]
    assert response.item_id not in (None, message_id)
    for said, index in ((first, 0), (called[:5], 0), (called[5:6], 1), (called[7:11], 1), (second, 2), (end[:4], 2)):
        assert {event.output_index for event in said if hasattr(event, "output_index")} == {index}
    done = one(end, server.ResponseDone).response
    assert [(item.type, item.status) for item in done.output or ()] == [
        ("message", "completed"),
        ("function_call", "completed"),
        ("message", "completed"),
    ]
    assert [part.transcript for item in done.output or () for part in item.content or ()] == [
        "Let me look. ",
        "It is free.",
    ]
    assert response.said == "Let me look. It is free."
    assert response.sent_ms == 40
    assert [entry.audio_ms for entry in conversation.entries] == [0, 20, 0, 20]
    assert [entry.item for entry in conversation.entries][1:] == done.output
    assert one(end, server.ItemDone).previous_item_id == conversation.entries[2].item_id


def test_the_arguments_come_in_pieces_and_whole(response: Response) -> None:
    arguments = '{"name": "Müller", "guests": 4}'
    said = list(response.call("book", arguments, "call_mine"))

    assert "".join(delta.delta for delta in only(said, ArgumentsDelta)) == arguments
    whole = one(said, server.ArgumentsDone)
    assert (whole.name, whole.call_id, whole.arguments) == ("book", "call_mine", arguments)
    item = one(said, server.OutputItemDone).item
    assert (item.call_id, item.name, item.arguments, item.status) == ("call_mine", "book", arguments, "completed")
    added = one(said, server.OutputItemAdded).item
    assert (added.arguments, added.status) == ("", "in_progress")


def test_several_calls_have_ids_of_their_own(response: Response) -> None:
    said = all_of(response.call("a", "{}"), response.call("b", ""), response.complete())

    assert [call.name for call in only(said, server.ArgumentsDone)] == ["a", "b"]
    assert response.call_ids == tuple(call.call_id for call in only(said, server.ArgumentsDone))
    assert len(set(response.call_ids)) == 2
    assert response.item_id is None


def test_ids_that_a_client_has_taken_are_left_out(response: Response, conversation: Conversation) -> None:
    conversation.add(user_text("mine", "item_1_1"))
    conversation.add(function_call("call_1_1", "lookup", "{}", "item_1_2"))
    conversation.add(function_call_output("call_1_2", "late", "item_1_3"))

    all_of(response.say("Hello."), response.call("lookup", "{}"))

    assert response.item_id == "item_1_4"
    assert response.call_ids == ("call_1_3",)
    assert not conversation.has_output("call_1_3")


@pytest.mark.parametrize("reason", ["turn_detected", "client_cancelled"])
def test_a_cancelled_response_leaves_its_message_incomplete(response: Response, reason: str) -> None:
    all_of(response.say("We are open un", SOUND, 20))

    said = list(response.cancel(reason))

    assert names(said) == [*CLOSED, "response.done"]
    assert one(said, server.OutputItemDone).item.status == "incomplete"
    done = one(said, server.ResponseDone).response
    assert (done.status, done.status_details) == ("cancelled", server.StatusDetails("cancelled", reason))
    assert (response.status, response.reason) == (Status.CANCELLED, reason)
    assert response.usage is not None


def test_a_cancelled_response_keeps_the_calls_it_made(response: Response) -> None:
    all_of(response.call("lookup", "{}"))

    [done] = response.cancel("turn_detected")

    assert isinstance(done, server.ResponseDone)
    assert [item.status for item in done.response.output or ()] == ["completed"]


def test_a_failure_in_the_middle_of_speech_closes_the_message_first(response: Response) -> None:
    all_of(response.say("We are open un", SOUND, 20))

    said = list(response.fail("voice_lost", "The voice stopped working."))

    assert names(said) == [*CLOSED, "response.done"]
    assert one(said, server.OutputItemDone).item.status == "incomplete"
    done = one(said, server.ResponseDone).response
    error = server.ErrorBody("The voice stopped working.", "voice_lost", "voice_lost")
    assert (done.status, done.status_details) == ("failed", server.StatusDetails("failed", error=error))
    assert (response.status, response.reason, response.usage) == (Status.FAILED, "voice_lost", None)


def test_a_failure_before_a_word_is_said_is_response_done_alone(response: Response) -> None:
    assert names(response.fail("overloaded", "Too many at once.")) == ["response.done"]


def test_a_response_that_meets_a_limit_is_incomplete(response: Response) -> None:
    all_of(response.say("On and on"))

    done = one(list(response.stop_short("max_output_tokens")), server.ResponseDone).response

    assert (done.status, done.status_details) == ("incomplete", server.StatusDetails("incomplete", "max_output_tokens"))


@pytest.mark.parametrize("end", ["complete", "cancel", "fail", "stop_short"])
def test_once_it_is_over_nothing_follows(response: Response, conversation: Conversation, end: str) -> None:
    ends: dict[str, Callable[[], Events]] = {
        "complete": response.complete,
        "cancel": lambda: response.cancel("turn_detected"),
        "fail": lambda: response.fail("code", "message"),
        "stop_short": lambda: response.stop_short("content_filter"),
    }
    all_of(response.say("Yes.", SOUND, 20), ends[end]())
    status, usage, items = response.status, response.usage, len(conversation.entries)

    late = [*(verb() for verb in ends.values()), response.say("Late.", SOUND, 20), response.call("late", "{}")]

    assert all_of(*late) == []
    assert (response.status, response.usage, len(conversation.entries)) == (status, usage, items)
    assert (response.said, response.sent_ms, response.call_ids) == ("Yes.", 20, ())


def test_in_text_there_are_words_and_no_sound(conversation: Conversation) -> None:
    response = Response(conversation, Ids(1), in_text=True, metadata={"why": "test"})

    said = all_of(response.begin(), response.say("At six.", SOUND, 20), response.say("", SOUND, 20))
    end = list(response.complete())

    assert one(said, server.ResponseCreated).response.output_modalities == ["text"]
    assert names(said)[2:] == [*OPENED, "response.output_text.delta"]
    assert one(said, TextDelta).delta == "At six."
    assert one(said, server.ContentPartAdded).part == Part("text", text="")
    assert names(end) == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
    ]
    assert one(end, TextDone).text == "At six."
    assert one(end, server.ItemDone).item.content == [Part("output_text", text="At six.")]
    assert one(end, server.ResponseDone).response.metadata == {"why": "test"}
    assert response.sent_ms == 0


def test_usage_counts_words_sound_and_arguments(conversation: Conversation) -> None:
    response = Response(conversation, Ids(1), context=Tokens(audio=9, text=5), cached=Tokens(audio=4))

    all_of(response.say("12345678", SOUND, 1000), response.call("a", "1234"), response.complete())

    assert response.usage is not None
    assert response.usage["output_token_details"] == {"text_tokens": 3, "audio_tokens": 20}
    assert response.usage["input_tokens"] == 14
    assert response.usage["input_token_details"]["cached_tokens"] == 4


def test_a_message_truncated_while_it_is_said_stays_as_it_was_cut(
    response: Response, conversation: Conversation
) -> None:
    all_of(response.say("We are open ", SOUND, 1000))
    conversation.truncate(response.item_id or "", 0, 340, now=0, heard_text="We are")

    end = all_of(response.say("until six.", SOUND, 1000), response.complete())

    entry = conversation.retrieve(response.item_id or "")
    assert entry.audio_ms == 340
    assert entry.item.content == [Part("output_audio", transcript="We are")]
    assert one(end, server.OutputItemDone).item.content == entry.item.content
    assert response.sent_ms == 2000


def test_a_message_deleted_while_it_is_said_does_not_break_the_response(
    response: Response, conversation: Conversation
) -> None:
    all_of(response.say("We are open ", SOUND, 1000))
    conversation.delete(response.item_id or "")

    end = all_of(response.say("until six.", SOUND, 1000), response.complete())

    assert one(end, server.ItemDone).previous_item_id is None
    assert one(end, server.ResponseDone).response.status == "completed"
    assert conversation.tokens() == Tokens(text=5)


def test_whoever_stops_listening_in_the_middle_has_cut_it_there(response: Response) -> None:
    events = response.say("At six.", SOUND, 20)
    while names([next(events)]) != ["response.output_audio_transcript.delta"]:
        pass

    assert (response.said, response.sent_ms) == ("At six.", 0)


def test_every_event_can_be_written_and_names_its_response(response: Response) -> None:
    said = all_of(response.begin(), response.say("Yes \x00\U0001f600", SOUND, 20), response.call("a", "{"))
    said += response.complete()

    for event in said:
        told = json.loads(encode(event))
        if told["type"].startswith("response."):
            assert told.get("response_id", told.get("response", {}).get("id")) == response.id
