"""The server's doors: who comes in, and what rubbish is answered with."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import pytest_asyncio
import websockets
from tests.waiting import eventually
from websockets.asyncio.client import ClientConnection, connect

from offhook.speech.address import health_of
from offhook.speech.faculties import Faculties
from offhook.speech.hearing import RECORDINGS_AT_ONCE
from offhook.speech.http import AT_ONCE
from offhook.speech.server import SpeechServer
from offhook.voices.port import MAX_TEXT_CHARS

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEY = "a key that is long enough"
GREET = {"type": "response.create", "response": {"instructions": 'Say exactly: "Hello."'}}


@pytest_asyncio.fixture(loop_scope="session")
async def server(faculties: Faculties) -> AsyncIterator[SpeechServer]:
    async with SpeechServer(faculties=faculties, sessions=3) as serving:
        yield serving


def http(server: SpeechServer, **headers: str) -> httpx.AsyncClient:
    base = health_of(server.url).removesuffix("/healthz")
    return httpx.AsyncClient(base_url=base, headers=headers, trust_env=False)


async def status_of(url: str, **headers: str) -> int:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await connect(url, additional_headers=headers)
    return refused.value.response.status_code


async def until(connection: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while (event := json.loads(await connection.recv()))["type"] != kind:
            pass
    assert isinstance(event, dict)
    return event


async def close_code_of(connection: ClientConnection) -> int | None:
    with suppress(websockets.ConnectionClosed):
        async for _ in connection:
            pass
    return connection.close_code


async def test_a_session_is_greeted(server: SpeechServer) -> None:
    async with connect(f"{server.url}?model=any") as connection:
        created = await until(connection, "session.created")
        assert created["session"]["model"] == "any"
        await connection.send(json.dumps(GREET))
        assert (await until(connection, "response.output_audio_transcript.done"))["transcript"] == "Hello."


async def test_a_page_in_somebodys_browser_is_not_this_machine(server: SpeechServer) -> None:
    assert await status_of(server.url, Origin="https://evil.example") == 401
    assert await status_of(server.url, **{"X-Forwarded-For": "203.0.113.7"}) == 401
    async with http(server, Origin="https://evil.example") as client:
        asked = await client.post("/v1/audio/speech", json={"input": "Hello.", "voice": "marin"})
    assert asked.status_code == 401


async def test_with_a_key_only_who_shows_it_comes_in(faculties: Faculties) -> None:
    async with SpeechServer(faculties=faculties, api_key=KEY) as server:
        assert await status_of(server.url) == 401
        assert await status_of(server.url, Authorization="Bearer wrong") == 401
        async with connect(server.url, additional_headers={"Authorization": f"Bearer {KEY}"}) as connection:
            await until(connection, "session.created")
        speech = {"input": "Hello.", "voice": "marin", "response_format": "pcmu"}
        async with http(server) as client:
            assert (await client.post("/v1/audio/speech", json=speech)).status_code == 401
        async with http(server, Authorization=f"Bearer {KEY}") as client:
            assert (await client.post("/v1/audio/speech", json=speech)).status_code == 200


async def test_a_full_server_says_so_and_has_room_again_when_one_leaves(server: SpeechServer) -> None:
    held = [await connect(server.url) for _ in range(3)]
    assert await status_of(server.url) == 503
    async with http(server) as client:
        assert (await client.get("/healthz")).json()["sessions"] == 3
    await held.pop().close()
    await eventually(lambda: len(server.connections) == 2)
    async with connect(server.url) as connection:
        await until(connection, "session.created")
    for each in held:
        await each.close()


async def test_other_addresses_are_not_found(server: SpeechServer) -> None:
    assert await status_of(f"{server.url}/more") == 404
    async with http(server) as client:
        assert (await client.get("/v1/audio/speech")).status_code == 405
        assert (await client.get("/elsewhere")).status_code == 404


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        '{"type": 7}',
        '{"type": "session.update"}',
        '{"type": "session.update", "session": 7}',
        '{"type": "session.update", "session": {"type": "realtime", "hints": 7}}',
        '{"type": "session.update", "session": {"type": "realtime", "hints": {"examples": [7]}}}',
        '{"type": "session.update", "session": {"type": "realtime", "tools": "all"}}',
        '{"type": "input_audio_buffer.append", "audio": "not base64!"}',
        '{"type": "input_audio_buffer.append"}',
        '{"type": "input_audio_buffer.commit"}',
        '{"type": "conversation.item.truncate", "item_id": "none", "content_index": 0, "audio_end_ms": 9}',
        '{"type": "conversation.item.create", "item": {"type": "message", "role": "caller"}}',
        '{"type": "response.create", "response": {"tools": []}}',
        '{"type": "response.cancel"}',
        '{"type": "of.our.own"}',
    ],
)
async def test_rubbish_is_answered_with_an_error_and_the_session_goes_on(server: SpeechServer, rubbish: str) -> None:
    async with connect(server.url) as connection:
        await connection.send(rubbish)
        assert (await until(connection, "error"))["error"]["type"] == "invalid_request_error"
        await connection.send(json.dumps(GREET))
        assert (await until(connection, "response.done"))["response"]["status"] == "completed"


async def test_binary_messages_end_the_session_and_no_other(server: SpeechServer) -> None:
    async with connect(server.url) as bystander, connect(server.url) as connection:
        await connection.send(b"\x00\x01")
        assert await close_code_of(connection) == 1003
        await bystander.send(json.dumps(GREET))
        await until(bystander, "response.done")


async def test_a_session_that_has_lasted_long_enough_is_told_so(faculties: Faculties) -> None:
    async with SpeechServer(faculties=faculties, session_limit_s=0.2) as server, connect(server.url) as connection:
        assert (await until(connection, "error"))["error"]["code"] == "session_expired"
        with pytest.raises(websockets.ConnectionClosed):
            await connection.recv()


async def test_a_server_that_stops_says_goodbye(faculties: Faculties) -> None:
    async with SpeechServer(faculties=faculties) as server:
        connection = await connect(server.url)
        await until(connection, "session.created")
    assert await close_code_of(connection) == 1001


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"voice": "marin"}, "input"),
        ({"input": "", "voice": "marin"}, "input"),
        ({"input": "x" * (MAX_TEXT_CHARS + 1), "voice": "marin"}, "input"),
        ({"input": "Hello."}, "voice"),
        ({"input": "Hello.", "voice": "nobody"}, "voice"),
        ({"input": "Hello.", "voice": 7}, "voice"),
        ({"input": "Hello.", "voice": "marin", "speed": 9}, "speed"),
        ({"input": "Hello.", "voice": "marin", "speed": "nan"}, "speed"),
        ({"input": "Hello.", "voice": "marin", "response_format": "mp3"}, "response_format"),
        ({"input": "Hello.", "voice": "marin", "stream_format": "sse"}, "stream_format"),
        ({"input": "Hello.", "voice": "marin", "colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_spoken_is_told_with_the_field(
    server: SpeechServer, body: dict[str, Any], param: str
) -> None:
    async with http(server) as client:
        answer = await client.post("/v1/audio/speech", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize("body", [b"", b"zz", b"[]", b"\xff\xfe", b"[" * 60_000])
async def test_a_body_that_is_no_request_is_told(server: SpeechServer, body: bytes) -> None:
    async with http(server) as client:
        answer = await client.post("/v1/audio/speech", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_a_text_of_the_longest_kind_is_spoken(server: SpeechServer) -> None:
    async with http(server) as client:
        text = ("word " * MAX_TEXT_CHARS)[:MAX_TEXT_CHARS]
        answer = await client.post(
            "/v1/audio/speech", json={"input": text, "voice": "marin", "response_format": "pcmu"}, timeout=20
        )
    assert answer.status_code == 200
    assert len(answer.content) > 60 * 8000


async def test_the_voices_are_listed(server: SpeechServer) -> None:
    async with http(server) as client:
        voices = (await client.get("/v1/audio/voices")).json()["voices"]
    assert {"marin", "de"} <= {voice["id"] for voice in voices}


async def test_who_does_not_read_what_was_spoken_is_cut_and_makes_room(
    server: SpeechServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offhook.speech.http.SEND_WITHIN_S", 0.3)
    host, port = server.url.removeprefix("ws://").partition("/")[0].split(":")
    body = json.dumps({"input": ("word " * MAX_TEXT_CHARS)[:MAX_TEXT_CHARS], "voice": "marin"}).encode()
    head = f"POST /v1/audio/speech HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
    lazy = []
    for _ in range(AT_ONCE):
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        lazy.append((reader, writer))
    async with http(server) as client:
        short = {"input": "Hello.", "voice": "marin"}
        assert (await client.post("/v1/audio/speech", json=short, timeout=20)).status_code == 200
    for _, writer in lazy:
        writer.close()


async def test_recordings_of_one_session_do_not_deafen_the_others(server: SpeechServer) -> None:
    sound = b64encode(b"\x7f\xff" * 24_000).decode()
    item = {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": sound}]}
    async with connect(server.url) as greedy, connect(server.url) as bystander:
        update = {"type": "realtime", "audio": {"input": {"transcription": {"model": "local"}}}}
        await greedy.send(json.dumps({"type": "session.update", "session": update}))
        for _ in range(RECORDINGS_AT_ONCE + 1):
            await greedy.send(json.dumps({"type": "conversation.item.create", "item": item}))
        failed = await until(greedy, "conversation.item.input_audio_transcription.failed")
        assert failed["error"]["code"] == "overloaded"
        await bystander.send(json.dumps(GREET))
        assert (await until(bystander, "response.done"))["response"]["status"] == "completed"
