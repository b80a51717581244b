"""The proof that the far end is faithful: OpenAI's own client talks to it, and reads all it says as its own types."""

import asyncio
import json
from base64 import b64decode, b64encode
from typing import Any, TypeVar, cast

from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection, AsyncRealtimeConnectionManager
from openai.types.realtime import (
    ConversationItemAdded,
    ConversationItemDone,
    ConversationItemInputAudioTranscriptionCompletedEvent,
    ConversationItemTruncatedEvent,
    InputAudioBufferCommittedEvent,
    InputAudioBufferSpeechStartedEvent,
    InputAudioBufferSpeechStoppedEvent,
    RealtimeConversationItemAssistantMessage,
    RealtimeConversationItemFunctionCall,
    RealtimeConversationItemUserMessage,
    RealtimeErrorEvent,
    RealtimeServerEvent,
    RealtimeSessionCreateRequest,
    ResponseAudioDeltaEvent,
    ResponseAudioTranscriptDeltaEvent,
    ResponseAudioTranscriptDoneEvent,
    ResponseDoneEvent,
    ResponseFunctionCallArgumentsDoneEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    SessionCreatedEvent,
    SessionUpdatedEvent,
)
from openai.types.realtime.realtime_audio_formats import AudioPCMU
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad
from openai.types.realtime.realtime_session_create_request_param import RealtimeSessionCreateRequestParam

from offhook.audio.formats import PCMU_8K
from offhook.loadtest.far_end import FarEnd, Reply, Script, ToolCall
from offhook.loadtest.far_end.rehearsal import PCMU_BOTH_WAYS, VOICE_HZ
from offhook.loadtest.far_end.tones import chime_number, dominant_hz, tone

BAKERY = Script(
    greeting=Reply("Hello, this is the bakery.", duration_ms=600),
    replies=(
        Reply("We are open until six.", duration_ms=800),
        Reply(
            tool_calls=(ToolCall("find_cake", '{"kind": "plum"}'),),
            after_tools=Reply("Yes, we have plum cake.", duration_ms=600),
        ),
    ),
    heard=("When do you close?", "Have you got cake?"),
    pace=10,
)
LONG = Script(replies=(Reply("On and on. " * 20, duration_ms=60_000),), pace=10)
SETTINGS = cast(RealtimeSessionCreateRequestParam, PCMU_BOTH_WAYS)
Kind = TypeVar("Kind")


def dial(far_end: FarEnd, *, api_key: str = "x", model: str = "gpt-realtime-2") -> AsyncRealtimeConnectionManager:
    client = AsyncOpenAI(api_key=api_key, websocket_base_url=far_end.url.removesuffix("/realtime"))
    return client.realtime.connect(model=model)


async def listen(connection: AsyncRealtimeConnection, kind: str) -> list[RealtimeServerEvent]:
    """All events up to the first of that kind, each checked in full against OpenAI's own type for it."""
    heard: list[RealtimeServerEvent] = []
    async with asyncio.timeout(5):
        while not heard or heard[-1].type != kind:
            event = await connection.recv()
            type(event).model_validate(event.to_dict())
            heard.append(event)
    return heard


def only(heard: list[RealtimeServerEvent], kind: type[Kind]) -> list[Kind]:
    return [event for event in heard if isinstance(event, kind)]


def one(heard: list[RealtimeServerEvent], kind: type[Kind]) -> Kind:
    [event] = only(heard, kind)
    return event


async def speak(connection: AsyncRealtimeConnection, duration_ms: int, *, then_quiet_ms: int = 600) -> None:
    sound = tone(VOICE_HZ, duration_ms) + PCMU_8K.silence(then_quiet_ms)
    for at in range(0, len(sound), 160):
        await connection.input_audio_buffer.append(audio=b64encode(sound[at : at + 160]).decode())


def chimes(heard: list[RealtimeServerEvent]) -> int:
    """Which reply the caller heard."""
    return chime_number(dominant_hz(b"".join(b64decode(event.delta) for event in only(heard, ResponseAudioDeltaEvent))))


async def test_openais_client_holds_a_whole_conversation() -> None:
    async with FarEnd(BAKERY) as far_end, dial(far_end) as connection:
        created = one(await listen(connection, "session.created"), SessionCreatedEvent)
        assert isinstance(created.session, RealtimeSessionCreateRequest)
        assert created.session.model == "gpt-realtime-2"

        await connection.session.update(session=SETTINGS)
        updated = one(await listen(connection, "session.updated"), SessionUpdatedEvent).session
        assert isinstance(updated, RealtimeSessionCreateRequest)
        assert updated.audio is not None
        assert updated.audio.input is not None
        assert isinstance(updated.audio.input.format, AudioPCMU)
        assert isinstance(updated.audio.input.turn_detection, ServerVad)

        await connection.response.create(response={"instructions": "Greet the caller."})
        heard = await listen(connection, "response.done")
        assert one(heard, ResponseAudioTranscriptDoneEvent).transcript == "Hello, this is the bakery."
        assert chimes(heard) == 0

        await speak(connection, 700)
        heard = await listen(connection, "response.done")
        started = one(heard, InputAudioBufferSpeechStartedEvent)
        stopped = one(heard, InputAudioBufferSpeechStoppedEvent)
        assert (started.audio_start_ms, stopped.audio_end_ms) == (0, 1200)
        assert one(heard, InputAudioBufferCommittedEvent).item_id == started.item_id
        transcript = one(heard, ConversationItemInputAudioTranscriptionCompletedEvent)
        assert (transcript.item_id, transcript.transcript) == (started.item_id, "When do you close?")
        user, assistant = (event.item for event in only(heard, ConversationItemAdded))
        assert isinstance(user, RealtimeConversationItemUserMessage)
        assert isinstance(assistant, RealtimeConversationItemAssistantMessage)
        assert "".join(d.delta for d in only(heard, ResponseAudioTranscriptDeltaEvent)) == "We are open until six."
        assert sum(len(b64decode(d.delta)) for d in only(heard, ResponseAudioDeltaEvent)) == 800 * 8
        assert chimes(heard) == 1
        done = one(heard, ResponseDoneEvent).response
        assert done.status == "completed"
        assert done.usage is not None
        assert done.usage.output_token_details is not None
        assert done.usage.output_token_details.audio_tokens == 16
        assert only(heard, ConversationItemDone)[-1].item == (done.output or [])[0]

    assert far_end.sessions[0].turns == 1
    assert far_end.sessions[0].errors == []


async def test_openais_client_answers_a_function_call() -> None:
    async with FarEnd(BAKERY) as far_end, dial(far_end) as connection:
        await connection.session.update(session=SETTINGS)
        await speak(connection, 700)
        await listen(connection, "response.done")
        await speak(connection, 700)
        heard = await listen(connection, "response.done")

        call = one(heard, ResponseOutputItemDoneEvent).item
        assert isinstance(call, RealtimeConversationItemFunctionCall)
        assert call.call_id is not None
        arguments = one(heard, ResponseFunctionCallArgumentsDoneEvent)
        assert (arguments.call_id, arguments.name) == (call.call_id, call.name) == (call.call_id, "find_cake")
        assert json.loads(call.arguments) == json.loads(arguments.arguments) == {"kind": "plum"}
        assert (one(heard, ResponseDoneEvent).response.output or [])[0] == call

        await connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call.call_id, "output": '{"left": 3}'}
        )
        await connection.response.create()
        heard = await listen(connection, "response.done")
        assert one(heard, ResponseAudioTranscriptDoneEvent).transcript == "Yes, we have plum cake."
        assert chimes(heard) == 3

    assert [entry.item.type for entry in far_end.sessions[0].items][2:] == [
        "message",
        "function_call",
        "function_call_output",
        "message",
    ]


async def test_openais_client_interrupts_and_truncates() -> None:
    async with FarEnd(Script(replies=(LONG.replies[0], Reply("Goodbye.", duration_ms=400)), pace=10)) as far_end:
        async with dial(far_end) as connection:
            await connection.session.update(session=SETTINGS)
            await speak(connection, 700)
            item = one(await listen(connection, "response.output_item.added"), ResponseOutputItemAddedEvent).item
            assert item.id is not None
            for _ in range(3):
                await listen(connection, "response.output_audio.delta")

            await speak(connection, 200, then_quiet_ms=0)
            heard = await listen(connection, "response.done")
            one(heard, InputAudioBufferSpeechStartedEvent)
            cut = one(heard, ResponseDoneEvent).response
            assert cut.status == "cancelled"
            assert cut.status_details is not None
            assert cut.status_details.reason == "turn_detected"

            await connection.conversation.item.truncate(item_id=item.id, content_index=0, audio_end_ms=420)
            truncated = one(await listen(connection, "conversation.item.truncated"), ConversationItemTruncatedEvent)
            assert (truncated.item_id, truncated.audio_end_ms) == (item.id, 420)

            await connection.conversation.item.truncate(item_id=item.id, content_index=0, audio_end_ms=99_000)
            error = one(await listen(connection, "error"), RealtimeErrorEvent).error
            assert "Audio content of 420ms is already shorter than 99000ms" in error.message

            await speak(connection, 0)
            heard = await listen(connection, "response.done")
            assert one(heard, ResponseAudioTranscriptDoneEvent).transcript == "Goodbye."
            assert {delta.item_id for delta in only(heard, ResponseAudioDeltaEvent)}.isdisjoint({item.id})

        [truncation] = far_end.sessions[0].truncations
        assert (truncation.item_id, truncation.audio_end_ms) == (item.id, 420)
        assert truncation.audio_ms >= 600


async def test_openais_client_reads_errors_and_talks_on() -> None:
    async with FarEnd(BAKERY) as far_end, dial(far_end) as connection:
        await connection.send(
            {"type": "session.update", "event_id": "mine", "session": cast(Any, {"instructions": "x"})}
        )
        error = one(await listen(connection, "error"), RealtimeErrorEvent).error
        assert (error.code, error.param, error.event_id) == ("missing_required_parameter", "session.type", "mine")

        await connection.response.cancel(event_id="mine too")
        error = one(await listen(connection, "error"), RealtimeErrorEvent).error
        assert (error.code, error.event_id) == ("response_cancel_not_active", "mine too")

        await connection.response.create()
        assert chimes(await listen(connection, "response.done")) >= 0


async def test_openais_client_replays_a_history_and_looks_at_it() -> None:
    async with FarEnd(BAKERY) as far_end, dial(far_end) as connection:
        create = connection.conversation.item.create
        await create(
            item={"type": "message", "role": "user", "id": "u1", "content": [{"type": "input_text", "text": "Hi."}]},
            previous_item_id="root",
        )
        await create(
            item={"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]},
            previous_item_id="u1",
        )
        await create(item={"type": "function_call", "call_id": "c1", "name": "find_cake", "arguments": "{}"})
        await create(item={"type": "function_call_output", "call_id": "c1", "output": "none"})
        await connection.conversation.item.retrieve(item_id="u1")
        heard = await listen(connection, "conversation.item.retrieved")
        await connection.conversation.item.delete(item_id="u1")
        heard += await listen(connection, "conversation.item.deleted")
        await connection.input_audio_buffer.clear()
        heard += await listen(connection, "input_audio_buffer.cleared")
        await connection.response.create(response={"output_modalities": ["text"]})
        heard += await listen(connection, "response.done")

    assert not only(heard, RealtimeErrorEvent)
    assert "response.output_text.done" in [event.type for event in heard]
    assert [entry.item.type for entry in far_end.sessions[0].items][:3] == [
        "message",
        "function_call",
        "function_call_output",
    ]


async def test_many_callers_are_served_at_once() -> None:
    async def call() -> int:
        async with dial(far_end) as connection:
            await connection.session.update(session=SETTINGS)
            await speak(connection, 300)
            return chimes(await listen(connection, "response.done"))

    async with FarEnd(Script(replies=(Reply("One.", duration_ms=400),), pace=4, think_ms=20)) as far_end:
        assert await asyncio.gather(*(call() for _ in range(20))) == [1] * 20
