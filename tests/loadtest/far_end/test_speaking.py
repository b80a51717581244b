import json
from typing import Any

import pytest

from offhook.audio.chain import join
from offhook.audio.formats import PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat
from offhook.loadtest.far_end.rehearsal import Rehearsal, names, only
from offhook.loadtest.far_end.script import Reply, Script, ToolCall
from offhook.loadtest.far_end.session import Said
from offhook.loadtest.far_end.tones import chime_number, dominant_hz, tone
from offhook.realtime_server.response import Status
from offhook.wires.openai_realtime import client_events as client
from offhook.wires.openai_realtime import server_events as server
from offhook.wires.openai_realtime.asides import ArgumentsDelta, TextDelta, TextDone
from offhook.wires.openai_realtime.items import Part, function_call_output, user_text

SLOW = Script(
    greeting=Reply("Hello, this is the bakery.", duration_ms=1000),
    replies=(Reply("We are open until six.", duration_ms=1000), Reply("Goodbye.", duration_ms=400)),
    pace=1,
)
"""One delta of 200 ms every 200 ms."""


def rehearse(script: Script, **changes: Any) -> Rehearsal:
    talk = Rehearsal(script)
    talk.set_up(**changes)
    return talk


def take_turn(talk: Rehearsal) -> list[Said]:
    return talk.speak(400) + talk.be_quiet(500)


def refusal(said: list[Said]) -> server.ErrorBody:
    [failure] = said
    assert isinstance(failure, server.Failure)
    return failure.error


def test_a_reply_goes_through_all_its_stages_in_order() -> None:
    talk = rehearse(Script(replies=(Reply("Yes.", duration_ms=300),)))

    said = talk.send(client.ResponseCreate())

    assert names(said) == [
        "response.created",
        "rate_limits.updated",
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
    ]
    [created] = only(said, server.ResponseCreated)
    [added] = only(said, server.OutputItemAdded)
    [item_done] = only(said, server.OutputItemDone)
    [done] = only(said, server.ResponseDone)
    assert (created.response.status, created.response.output) == ("in_progress", [])
    assert (added.item.role, added.item.content, added.item.status) == ("assistant", [], "in_progress")
    assert item_done.item.content == [Part("output_audio", transcript="Yes.")]
    assert done.response.status == "completed"
    assert done.response.output == [item_done.item]
    assert done.response.id == created.response.id == added.response_id
    assert talk.session.items[0].item == item_done.item
    assert talk.session.items[0].audio_ms == 300


def test_sound_and_words_of_all_deltas_are_those_of_the_script() -> None:
    reply = Reply("We are open until six.", tone(700, 1234))
    talk = rehearse(Script(replies=(reply,), delta_ms=100))

    said = talk.send(client.ResponseCreate())

    assert b"".join(d.delta for d in only(said, server.AudioDelta)) == reply.audio
    assert "".join(d.delta for d in only(said, server.TranscriptDelta)) == reply.text
    assert len(only(said, server.AudioDelta)) == 13


def test_a_caller_can_tell_replies_apart_by_ear() -> None:
    talk = rehearse(Script(greeting=Reply("Hello."), replies=(Reply("One."), Reply("Two."))))

    talk.send(client.ResponseCreate({"instructions": "Greet the caller."}))
    take_turn(talk)
    take_turn(talk)

    heard = [
        b"".join(d.delta for d in talk.all_of(server.AudioDelta) if d.response_id == r.id)
        for r in talk.session.responses
    ]
    assert [chime_number(dominant_hz(sound)) for sound in heard] == [0, 1, 2]


def test_at_pace_one_a_delta_comes_as_fast_as_it_sounds() -> None:
    talk = rehearse(SLOW)
    counts = [len(only(talk.send(client.ResponseCreate()), server.AudioDelta))]

    counts += [len(only(talk.wait(200), server.AudioDelta)) for _ in range(5)]

    assert counts == [1, 1, 1, 1, 1, 0]
    assert talk.session.responses[0].status is Status.COMPLETED


def test_at_pace_four_they_come_four_times_as_fast() -> None:
    talk = rehearse(Script(replies=SLOW.replies, pace=4))
    talk.send(client.ResponseCreate())

    assert len(only(talk.wait(100), server.AudioDelta)) == 2
    assert len(only(talk.wait(100), server.AudioDelta)) == 2
    assert talk.session.active is None


def test_time_to_think_lies_between_the_response_and_its_sound() -> None:
    talk = rehearse(Script(replies=(Reply("Yes."),), think_ms=700))

    assert names(talk.send(client.ResponseCreate())) == ["response.created", "rate_limits.updated"]
    assert not talk.wait(690)
    assert only(talk.wait(10), server.ResponseDone)


def test_usage_counts_caller_and_model_and_what_was_read_before() -> None:
    talk = rehearse(Script(replies=(Reply("12345678", duration_ms=1000),)), instructions="1234")
    take_turn(talk)  # 900 ms in, with prefix and silence
    take_turn(talk)

    first, second = (r.usage for r in talk.session.responses)
    assert first is not None
    assert second is not None
    assert first["input_token_details"]["audio_tokens"] == 9
    assert first["input_token_details"]["text_tokens"] == 1
    assert first["output_token_details"] == {"text_tokens": 2, "audio_tokens": 20}
    assert first["input_token_details"]["cached_tokens"] == 0
    assert second["input_token_details"]["audio_tokens"] == 9 + 20 + 9
    assert second["input_token_details"]["cached_tokens"] == 10
    assert second["total_tokens"] == 39 + 22


def test_a_caller_who_speaks_cuts_the_reply() -> None:
    talk = rehearse(SLOW)
    talk.send(client.ResponseCreate())
    talk.wait(420)

    said = talk.speak(60)

    assert names(said) == [
        "input_audio_buffer.speech_started",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "conversation.item.done",
        "response.done",
    ]
    [done] = only(said, server.ResponseDone)
    assert done.response.status == "cancelled"
    assert done.response.status_details == server.StatusDetails("cancelled", "turn_detected")
    [item] = only(said, server.OutputItemDone)
    assert item.item.status == "incomplete"
    assert item.item.content == [Part("output_audio", transcript="Hello, this is ")]
    assert talk.session.responses[0].sent_ms == 600
    assert not only(talk.wait(5000), server.AudioDelta)


def test_a_reply_that_is_only_being_thought_of_is_cut_too() -> None:
    talk = rehearse(Script(think_ms=1000))
    talk.send(client.ResponseCreate())

    [done] = only(talk.speak(60), server.ResponseDone)

    assert done.response.output == []
    assert done.response.status == "cancelled"
    assert not talk.wait(2000)


def test_without_interrupt_response_the_reply_goes_on_and_the_turn_is_refused_one() -> None:
    script = Script(replies=(Reply("Long.", duration_ms=3000),), pace=1)
    vad = {"type": "server_vad", "interrupt_response": False}
    talk = rehearse(script, audio={"input": {"format": {"type": "audio/pcmu"}, "turn_detection": vad}})
    talk.send(client.ResponseCreate())

    said = take_turn(talk)

    assert len(only(said, server.AudioDelta)) == 4
    assert not only(said, server.ResponseDone)
    [failure] = only(said, server.Failure)
    assert failure.error.code == "conversation_already_has_active_response"
    assert failure.error.event_id is None
    assert talk.session.turns == 1


def test_a_client_can_cancel() -> None:
    talk = rehearse(SLOW)
    talk.send(client.ResponseCreate())

    [done] = only(talk.send(client.ResponseCancel()), server.ResponseDone)

    assert done.response.status_details == server.StatusDetails("cancelled", "client_cancelled")
    assert refusal(talk.send(client.ResponseCancel())).code == "response_cancel_not_active"


def test_a_cancel_of_another_response_leaves_this_one() -> None:
    talk = rehearse(SLOW)
    talk.send(client.ResponseCreate())

    assert refusal(talk.send(client.ResponseCancel("resp_other"))).code == "response_cancel_not_active"
    assert talk.session.active is not None


def test_there_is_only_one_response_at_a_time() -> None:
    talk = rehearse(SLOW)
    talk.send(client.ResponseCreate())

    error = refusal(talk.send(client.ResponseCreate(event_id="mine")))

    assert (error.code, error.event_id) == ("conversation_already_has_active_response", "mine")
    assert talk.session.responses[0].id in error.message


def test_a_cut_reply_is_truncated_to_what_was_heard() -> None:
    talk = rehearse(SLOW)
    talk.send(client.ResponseCreate())
    talk.wait(420)
    talk.speak(60)
    item_id = talk.session.responses[0].item_id
    assert item_id is not None

    said = talk.send(client.Truncate(item_id, 340, 0))

    [truncated] = said
    assert isinstance(truncated, server.Truncated)
    assert (truncated.item_id, truncated.content_index, truncated.audio_end_ms) == (item_id, 0, 340)
    [truncation] = talk.session.truncations
    assert (truncation.item_id, truncation.audio_end_ms, truncation.audio_ms) == (item_id, 340, 600)
    assert talk.session.items[0].truncated_ms == 340
    assert talk.session.items[0].item.content == [Part("output_audio", transcript="")]


def test_more_than_was_sent_cannot_have_been_heard() -> None:
    talk = rehearse(SLOW)
    talk.send(client.ResponseCreate())
    talk.wait(420)
    talk.speak(60)
    item_id = talk.session.responses[0].item_id
    assert item_id is not None

    error = refusal(talk.send(client.Truncate(item_id, 601, 0, event_id="mine")))

    assert (error.message, error.event_id) == ("Audio content of 600ms is already shorter than 601ms", "mine")
    assert talk.session.truncations == []


def test_a_reply_truncated_while_it_is_said_stays_truncated() -> None:
    talk = rehearse(SLOW)
    talk.send(client.ResponseCreate())
    talk.wait(420)
    item_id = talk.session.responses[0].item_id
    assert item_id is not None

    talk.send(client.Truncate(item_id, 340, 0))
    talk.wait(2000)

    assert talk.session.items[0].audio_ms == 340
    assert talk.session.items[0].item.content == [Part("output_audio", transcript="")]


def test_instructions_of_one_response_are_said_as_they_stand() -> None:
    talk = rehearse(Script())

    said = talk.send(client.ResponseCreate({"instructions": 'Say "One moment, please."', "metadata": {"why": "hold"}}))

    assert only(said, server.TranscriptDone)[0].transcript == "One moment, please."
    assert only(said, server.ResponseDone)[0].response.metadata == {"why": "hold"}


def test_a_reply_can_be_text() -> None:
    talk = rehearse(Script(replies=(Reply("We are open until six."),)), output_modalities=["text"])

    said = talk.send(client.ResponseCreate())

    assert "".join(d.delta for d in only(said, TextDelta)) == "We are open until six."
    assert only(said, TextDone)[0].text == "We are open until six."
    assert only(said, server.ContentPartAdded)[0].part == Part("text", text="")
    assert only(said, server.ItemDone)[0].item.content == [Part("output_text", text="We are open until six.")]
    assert not only(said, server.AudioDelta)
    assert not only(said, server.AudioDone)
    assert talk.session.responses[0].usage is not None
    assert talk.session.responses[0].usage["output_token_details"]["audio_tokens"] == 0


LOOKUP = Script(
    replies=(
        Reply(
            "Let me look.",
            duration_ms=200,
            tool_calls=(ToolCall("lookup", '{"table": 7}'), ToolCall("note")),
            after_tools=Reply("Table seven is free."),
        ),
        Reply("Two."),
    )
)


def test_function_calls_follow_the_speech() -> None:
    talk = rehearse(LOOKUP)

    said = take_turn(talk)

    call = [
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "conversation.item.done",
    ]
    assert names(said)[-16:] == ["conversation.item.done", *call, *call, "response.done"]
    first, second = only(said, server.ArgumentsDone)
    assert (first.name, json.loads(first.arguments), first.output_index) == ("lookup", {"table": 7}, 1)
    assert (second.name, second.arguments, second.output_index) == ("note", "{}", 2)
    [done] = only(said, server.ResponseDone)
    assert [item.type for item in done.response.output or ()] == ["message", "function_call", "function_call"]
    assert "".join(d.delta for d in only(said, ArgumentsDelta) if d.call_id == first.call_id) == first.arguments
    item = [d.item for d in only(said, server.OutputItemDone)][1]
    assert (item.call_id, item.name, item.arguments) == (first.call_id, "lookup", first.arguments)
    assert item.status == "completed"


def test_results_of_all_calls_bring_the_next_reply() -> None:
    talk = rehearse(LOOKUP)
    calls = only(take_turn(talk), server.ArgumentsDone)

    for call in calls:
        talk.send(client.ItemCreate(function_call_output(call.call_id, "free")))
    said = talk.send(client.ResponseCreate())

    assert only(said, server.TranscriptDone)[0].transcript == "Table seven is free."
    assert only(take_turn(talk), server.TranscriptDone)[0].transcript == "Two."


def test_calls_may_come_without_speech_and_one_after_another() -> None:
    loop = Reply(
        tool_calls=(ToolCall("a"),), after_tools=Reply(tool_calls=(ToolCall("b"),), after_tools=Reply("Done."))
    )
    talk = rehearse(Script(replies=(loop,)))

    said = take_turn(talk)
    for name in ("a", "b"):
        [call] = only(said, server.ArgumentsDone)
        assert call.name == name
        assert not only(said, server.AudioDelta)
        talk.send(client.ItemCreate(function_call_output(call.call_id, "ok")))
        said = talk.send(client.ResponseCreate())

    assert only(said, server.TranscriptDone)[0].transcript == "Done."


def test_a_model_that_may_not_call_tools_speaks_instead() -> None:
    talk = rehearse(Script(replies=(Reply(tool_calls=(ToolCall("a"),)),)))

    said = talk.send(client.ResponseCreate({"tool_choice": "none"}))

    assert not only(said, server.ArgumentsDone)
    assert only(said, server.AudioDelta)


def test_a_text_of_the_caller_is_answered_like_a_turn() -> None:
    talk = rehearse(SLOW)
    talk.send(client.ItemCreate(user_text("The caller pressed 5.")))

    talk.send(client.ResponseCreate())
    talk.wait(2000)

    assert talk.all_of(server.TranscriptDone)[0].transcript == "We are open until six."


@pytest.mark.parametrize(("declared", "form"), [("audio/pcma", PCMA_8K), ("audio/pcm", PCM16_24K)])
def test_the_reply_comes_in_the_format_of_the_session(declared: str, form: AudioFormat) -> None:
    talk = Rehearsal(Script(replies=(Reply("One.", duration_ms=1000),)))
    talk.send(client.SessionUpdate({"type": "realtime", "audio": {"output": {"format": {"type": declared}}}}))

    sound = b"".join(d.delta for d in only(talk.send(client.ResponseCreate()), server.AudioDelta))

    chain = join(form, PCMU_8K)
    assert chime_number(dominant_hz(chain.convert(sound) + chain.flush())) == 1
    assert form.duration_ms(len(sound)) == talk.session.responses[0].sent_ms == pytest.approx(1000, abs=5)
