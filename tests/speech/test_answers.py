"""What the agent says: one reply at a time, broken off when it has to be, and accounted for."""

import pytest
from tests.speech.caller import (
    ARGUMENTS,
    LINE,
    SERVER_VAD,
    Caller,
    bakery,
    calls_of,
    names,
    only,
    spoken,
    words_of,
)
from tests.waiting import eventually

from offhook.audio.formats import PCMU_8K
from offhook.speech.faculties import Faculties
from offhook.wires.openai_realtime import server_events as server
from offhook.wires.openai_realtime.asides import ItemRetrieved

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHORT = "When are you open?"
STORY = (
    "Once upon a time there was a baker who baked a cake for the whole town. Everybody came to eat of it, young and "
    "old, and nobody went home hungry. In the evening there was nothing left of it but a crumb, and a mouse took it."
)
CAKES = "We have plum cake, cherry cake and chocolate cake. And if you like, we have tea with it."
"""About five seconds, of which three are given at once."""
SPEECH_BEGINS = [
    "response.created",
    "rate_limits.updated",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
]
SPEECH_ENDS = [
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]


def tell_a_story(caller: Caller) -> None:
    caller.ask("response.create", response={"instructions": f'Say exactly: "{STORY}"'})


def transcript(caller: Caller, item_id: str | None) -> str:
    caller.ask("conversation.item.retrieve", item_id=item_id)
    [part] = caller.only(ItemRetrieved)[-1].item.content or []
    return part.transcript or ""


async def test_a_reply_is_told_in_the_protocols_order(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.ask("response.create", response={"instructions": "Say exactly: Hello.", "metadata": {"topic": "greeting"}})
    said = await caller.hears(server.ResponseDone)

    assert names(said) == SPEECH_BEGINS + SPEECH_ENDS
    [created], [done] = only(said, server.ResponseCreated), only(said, server.ResponseDone)
    assert created.response.id == done.response.id
    assert done.response.metadata == {"topic": "greeting"}
    assert words_of(done.response) == "Hello."
    assert {event.response_id for event in only(said, server.AudioDelta)} == {done.response.id}
    assert "".join(event.delta for event in only(said, server.TranscriptDelta)) == "Hello."


async def test_a_reply_in_text_has_no_sound(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.ask("response.create", response={"output_modalities": ["text"]})
    response = await caller.hears_reply()

    assert words_of(response) == "Good morning."
    assert response.output_modalities == ["text"]
    assert not any("audio" in name for name in names(caller.said))


async def test_a_function_is_called_answered_and_spoken_of(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    await caller.tell(LINE)
    [call] = (await caller.hears_reply()).output or []

    output = {"type": "function_call_output", "call_id": call.call_id, "output": "It will be ready on Sunday."}
    caller.ask("conversation.item.create", item=output)
    caller.ask("response.create")
    response = await caller.hears_reply()

    assert calls_of(caller.only(server.ResponseDone)[0].response) == [("order_cake", ARGUMENTS)]
    assert "ready on Sunday" in words_of(response)
    assert not caller.errors


async def test_no_function_is_called_where_the_client_forbids_it(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery(tool_choice="none"))

    await caller.tell(LINE)

    assert not calls_of(await caller.hears_reply())


async def test_usage_counts_what_was_heard_read_and_said(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    sound_ms = PCMU_8K.duration_ms(len(await spoken(faculties, "I want a cherry cake.")))

    await caller.tell("I want a cherry cake.")
    first = (await caller.hears_reply()).usage
    caller.ask("response.create")
    second = (await caller.hears_reply()).usage

    assert first is not None
    assert second is not None
    said_ms = sum(PCMU_8K.duration_ms(len(delta.delta)) for delta in caller.only(server.AudioDelta)) / 2
    assert first["input_token_details"]["audio_tokens"] == -(-sound_ms // 100)
    assert first["input_token_details"]["text_tokens"] == 10  # the instructions
    assert first["output_token_details"]["audio_tokens"] == pytest.approx(said_ms / 50, abs=1)
    assert first["total_tokens"] == first["input_tokens"] + first["output_tokens"]
    assert first["input_token_details"]["cached_tokens"] == 0
    assert second["input_tokens"] == first["input_tokens"] + first["output_token_details"]["audio_tokens"]
    assert second["input_token_details"]["cached_tokens"] == first["input_tokens"]


async def test_a_caller_who_speaks_breaks_the_reply_off(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery(SERVER_VAD))
    tell_a_story(caller)
    await caller.hears(server.AudioDelta)

    await caller.speak(SHORT)
    broken_off = await caller.hears_reply()
    answer = await caller.hears_reply()

    assert broken_off.status == "cancelled"
    assert broken_off.status_details is not None
    assert broken_off.status_details.reason == "turn_detected"
    assert calls_of(answer) == [("opening_hours", {})]
    at = caller.said.index(next(done for done in caller.only(server.ResponseDone)))
    assert not [event for event in caller.said[at + 1 :] if getattr(event, "response_id", "") == broken_off.id]
    started = caller.said.index(caller.only(server.SpeechStarted)[0])
    assert names(caller.said[started : at + 1]) == ["input_audio_buffer.speech_started", *SPEECH_ENDS]
    assert words_of(broken_off)
    assert STORY.startswith(words_of(broken_off).rstrip())
    assert len(words_of(broken_off)) < len(STORY)
    assert not caller.errors


async def test_of_a_reply_that_is_cut_the_words_are_kept_that_were_heard(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    tell_a_story(caller)
    *_, delta = await caller.hears(server.AudioDelta)
    assert isinstance(delta, server.AudioDelta)
    await eventually(lambda: len(caller.only(server.AudioDelta)) > 25)
    caller.ask("response.cancel")
    said_ms = int(sum(PCMU_8K.duration_ms(len(delta.delta)) for delta in caller.only(server.AudioDelta)))

    kept = []
    for heard_ms in (said_ms, 1500, 700, 0):
        caller.ask("conversation.item.truncate", item_id=delta.item_id, content_index=0, audio_end_ms=heard_ms)
        kept.append(transcript(caller, delta.item_id))

    whole, some, less, nothing = kept
    assert STORY.startswith(whole)
    assert whole.startswith(some)
    assert some.startswith(less)
    assert len(STORY) > len(whole) > len(some) > len(less) > 0
    assert less.startswith("Once upon")
    assert nothing == ""
    assert [truncated.audio_end_ms for truncated in caller.only(server.Truncated)] == [said_ms, 1500, 700, 0]
    assert not caller.errors


async def test_more_than_was_said_cannot_have_been_heard(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    caller.ask("response.create", response={"instructions": "Say exactly: Hello there. How are you?"})
    item = ((await caller.hears_reply()).output or [])[0]
    said_ms = int(sum(PCMU_8K.duration_ms(len(delta.delta)) for delta in caller.only(server.AudioDelta)))

    caller.ask("conversation.item.truncate", item_id=item.id, content_index=0, audio_end_ms=said_ms + 2, event_id="t")
    caller.ask("conversation.item.truncate", item_id=item.id, content_index=0, audio_end_ms=said_ms)

    [error] = caller.errors
    assert error.event_id == "t"
    assert transcript(caller, item.id) == "Hello there. How are you?"


async def test_a_client_cancels_a_reply_and_only_one_that_is_on(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    caller.ask("response.cancel", event_id="early")
    tell_a_story(caller)
    caller.ask("response.cancel", response_id="resp_of_somebody", event_id="other")
    caller.ask("response.cancel", response_id=caller.only(server.ResponseCreated)[0].response.id)
    response = await caller.hears_reply()
    caller.ask("response.cancel", event_id="late")

    assert response.status == "cancelled"
    assert response.status_details is not None
    assert response.status_details.reason == "client_cancelled"
    assert [(error.code, error.event_id) for error in caller.errors] == [
        ("response_cancel_not_active", "early"),
        ("response_cancel_not_active", "other"),
        ("response_cancel_not_active", "late"),
    ]


async def test_a_second_reply_is_refused_while_one_is_on(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    tell_a_story(caller)
    caller.ask("response.create", event_id="second")
    caller.ask("response.cancel")
    caller.ask("response.create", response={"output_modalities": ["text"]})
    await caller.hears_reply()
    response = await caller.hears_reply()

    [error] = caller.errors
    assert (error.code, error.event_id) == ("conversation_already_has_active_response", "second")
    assert response.status == "completed"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"conversation": "none"}, "unsupported_parameter"),
        ({"tools": []}, "unsupported_parameter"),
        ({"input": []}, "unsupported_parameter"),
        ({"audio": {"output": {"voice": "nobody"}}}, "invalid_value"),
        ({"output_modalities": ["smell"]}, "invalid_value"),
        ({"speed": 2}, "unknown_parameter"),
    ],
)
async def test_what_a_reply_cannot_have_is_refused(faculties: Faculties, params: dict[str, object], code: str) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.ask("response.create", response=params, event_id="wish")

    [error] = caller.errors
    assert (error.code, error.event_id) == (code, "wish")
    assert not caller.only(server.ResponseCreated)


async def test_one_reply_may_have_another_voice_and_format(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    for output in ({}, {"voice": {"id": "cedar"}, "format": {"type": "audio/pcm"}}):
        caller.ask("response.create", response={"instructions": "Say exactly: Hello.", "audio": {"output": output}})
        await caller.hears_reply()

    first, second = (response.response.id for response in caller.only(server.ResponseDone))
    sizes = {first: 0, second: 0}
    for delta in caller.only(server.AudioDelta):
        sizes[delta.response_id] += len(delta.delta)
    assert sizes[second] > 4 * sizes[first] > 0


async def test_a_turn_during_a_reply_that_goes_on_is_answered_after_it(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery({**SERVER_VAD, "interrupt_response": False}))
    caller.ask("response.create", response={"instructions": f'Say exactly: "{CAKES}"'})
    await caller.hears(server.AudioDelta)

    await caller.speak(SHORT)
    said = await caller.hears(server.ResponseDone)
    second = await caller.hears_reply()

    [stopped], [first] = only(said, server.SpeechStopped), only(said, server.ResponseDone)
    assert said.index(stopped) < said.index(first)
    assert first.response.status == "completed"
    assert words_of(first.response) == CAKES
    assert calls_of(second) == [("opening_hours", {})]
    assert not caller.errors


async def test_no_reply_is_given_to_a_turn_if_the_client_asks_for_them_itself(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery({**SERVER_VAD, "create_response": False}))

    await caller.speak(SHORT)
    await caller.hears(server.InputTranscript)
    assert not caller.only(server.ResponseCreated)
    caller.ask("response.create")

    assert calls_of(await caller.hears_reply()) == [("opening_hours", {})]


async def test_a_call_that_is_cut_off_before_it_was_made_is_not_made(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    await caller.tell(LINE)
    caller.ask("response.cancel")
    response = await caller.hears_reply()
    await caller.hears(server.InputTranscript)

    assert response.status == "cancelled"
    assert not response.output
    assert not any("function_call" in name for name in names(caller.said))
