"""OpenAI's own client holds a spoken conversation with the server, and reads all it says as its own types."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import pytest
import pytest_asyncio
from openai import AsyncOpenAI, BadRequestError
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from openai.types.realtime import (
    ConversationItemInputAudioTranscriptionCompletedEvent,
    ConversationItemTruncatedEvent,
    InputAudioBufferSpeechStartedEvent,
    RealtimeConversationItemAssistantMessage,
    RealtimeErrorEvent,
    RealtimeServerEvent,
    ResponseAudioDeltaEvent,
    ResponseAudioTranscriptDoneEvent,
    ResponseDoneEvent,
    ResponseFunctionCallArgumentsDoneEvent,
)
from openai.types.realtime.realtime_session_create_request_param import RealtimeSessionCreateRequestParam

from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import pcmu_to_pcm16
from offhook.speech.server import SpeechServer
from offhook.voices.leveling import speech_level_dbfs

pytestmark = pytest.mark.asyncio(loop_scope="module")

Kind = TypeVar("Kind")
CALLERS_VOICE = "en-us+klatt4"
QUIET_MS = 700
BAKERY = cast(
    RealtimeSessionCreateRequestParam,
    {
        "type": "realtime",
        "instructions": "You answer the telephone of a bakery.",
        "audio": {
            "input": {
                "format": {"type": "audio/pcmu"},
                "transcription": {"model": "whisper-1"},
                "turn_detection": {"type": "server_vad", "silence_duration_ms": 400},
            },
            "output": {"format": {"type": "audio/pcmu"}, "voice": "marin"},
        },
        "tools": [
            {
                "type": "function",
                "name": "order_cake",
                "description": "Order a cake.",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "kind": {"type": "string", "enum": ["plum", "cherry", "chocolate"]},
                        "people": {"type": "integer", "minimum": 1, "maximum": 20},
                    },
                    "required": ["kind", "people"],
                },
            }
        ],
    },
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[SpeechServer]:
    async with SpeechServer() as serving:
        yield serving


def client_of(server: SpeechServer) -> AsyncOpenAI:
    url = server.url.removesuffix("/realtime")
    return AsyncOpenAI(api_key="x", websocket_base_url=url, base_url=url.replace("ws://", "http://"))


@asynccontextmanager
async def dial(server: SpeechServer) -> AsyncIterator[AsyncRealtimeConnection]:
    async with client_of(server) as client, client.realtime.connect(model="local") as connection:
        yield connection


async def listen(connection: AsyncRealtimeConnection, kind: str) -> list[RealtimeServerEvent]:
    """All events up to the first of that kind, each checked in full against OpenAI's own type for it."""
    heard: list[RealtimeServerEvent] = []
    async with asyncio.timeout(10):
        while not heard or heard[-1].type != kind:
            event = await connection.recv()
            type(event).model_validate(event.to_dict())
            assert not isinstance(event, RealtimeErrorEvent), event
            heard.append(event)
    return heard


def one(heard: list[RealtimeServerEvent], kind: type[Kind]) -> Kind:
    [event] = [event for event in heard if isinstance(event, kind)]
    return event


async def say(server: SpeechServer, connection: AsyncRealtimeConnection, line: str) -> None:
    """As fast as it goes, with the silence that ends a turn."""
    request: dict[str, Any] = {"model": "local", "voice": CALLERS_VOICE, "input": line, "response_format": "pcmu"}
    async with client_of(server) as client:
        spoken = await client.audio.speech.create(**request)
    sound = spoken.content + PCMU_8K.silence(QUIET_MS)
    for at in range(0, len(sound), 160):
        await connection.input_audio_buffer.append(audio=b64encode(sound[at : at + 160]).decode())


async def test_openais_client_orders_a_cake_by_voice(server: SpeechServer) -> None:
    async with dial(server) as connection:
        await listen(connection, "session.created")
        await connection.session.update(session=BAKERY)
        await listen(connection, "session.updated")

        await connection.response.create(response={"instructions": 'Say exactly: "Good morning, the bakery."'})
        heard = await listen(connection, "response.done")
        assert one(heard, ResponseAudioTranscriptDoneEvent).transcript == "Good morning, the bakery."
        greeting = b"".join(b64decode(each.delta) for each in heard if isinstance(each, ResponseAudioDeltaEvent))
        assert speech_level_dbfs(pcmu_to_pcm16(greeting), PCMU_8K.rate_hz) > -35

        await say(server, connection, "i would like to order a plum cake")
        heard = await listen(connection, "response.done")
        assert one(heard, InputAudioBufferSpeechStartedEvent).audio_start_ms >= 0
        words = one(heard, ConversationItemInputAudioTranscriptionCompletedEvent)
        assert words.transcript == "i would like to order a plum cake"
        assert "how many people" in one(heard, ResponseAudioTranscriptDoneEvent).transcript.lower()

        await say(server, connection, "for six people please")
        heard = await listen(connection, "response.done")
        assert one(heard, ConversationItemInputAudioTranscriptionCompletedEvent).transcript == "for six people please"
        call = one(heard, ResponseFunctionCallArgumentsDoneEvent)
        assert (call.name, json.loads(call.arguments)) == ("order_cake", {"kind": "plum", "people": 6})
        usage = one(heard, ResponseDoneEvent).response.usage
        assert usage is not None
        assert usage.input_token_details is not None
        assert (usage.input_token_details.audio_tokens or 0) > 0

        answer = "The plum cake will be ready tomorrow."
        await connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call.call_id, "output": answer}
        )
        await connection.response.create()
        heard = await listen(connection, "response.done")
        assert one(heard, ResponseAudioTranscriptDoneEvent).transcript == answer


async def test_openais_client_cuts_a_reply_and_what_was_heard_of_it_is_kept(server: SpeechServer) -> None:
    async with dial(server) as connection:
        await listen(connection, "session.created")
        await connection.session.update(session=BAKERY)
        await connection.response.create(
            response={"instructions": 'Say exactly: "We have plum cake, and cherry cake, and chocolate cake today."'}
        )
        heard = await listen(connection, "response.done")
        [item] = one(heard, ResponseDoneEvent).response.output or []
        assert isinstance(item, RealtimeConversationItemAssistantMessage)
        assert item.id is not None
        await connection.conversation.item.truncate(item_id=item.id, content_index=0, audio_end_ms=1300)
        one(await listen(connection, "conversation.item.truncated"), ConversationItemTruncatedEvent)
        await connection.conversation.item.retrieve(item_id=item.id)
        [kept] = await listen(connection, "conversation.item.retrieved")
        transcript = json.loads(kept.to_json())["item"]["content"][0]["transcript"]
        assert transcript.startswith("We have plum cake")
        assert "chocolate" not in transcript


async def test_openais_client_has_a_text_spoken(server: SpeechServer) -> None:
    async with client_of(server) as client:
        wav = await client.audio.speech.create(
            model="tts-1", voice="alloy", input="Good morning.", response_format="wav"
        )
        assert wav.content[:4] == b"RIFF"
        async with client.audio.speech.with_streaming_response.create(
            model="tts-1", voice="cedar", input="Good morning.", response_format="pcm", speed=1.5
        ) as response:
            assert len(await response.read()) % 2 == 0
        with pytest.raises(BadRequestError, match="mp3 is not made here"):
            await client.audio.speech.create(model="tts-1", voice="alloy", input="Good morning.", response_format="mp3")
        with pytest.raises(BadRequestError, match="no voice 'nobody'") as refused:
            await client.audio.speech.create(
                model="tts-1", voice="nobody", input="Good morning.", response_format="wav"
            )
        assert refused.value.param == "voice"
