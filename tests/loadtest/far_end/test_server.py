"""The far end over real sockets: who gets in, how connections end, and each fault once."""

import asyncio
import json
import socket
from typing import TypeVar

import pytest
import websockets
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus

from offhook.loadtest.far_end import FarEnd, Faults, Reply, Script
from offhook.loadtest.far_end.faults import BINARY, BROKEN_EVENT, GARBAGE, UNKNOWN_EVENT, Noise
from offhook.loadtest.far_end.rehearsal import PCMU_BOTH_WAYS
from offhook.loadtest.far_end.tones import tone
from offhook.wires.openai_realtime import client_events as client
from offhook.wires.openai_realtime import server_events as server

SHORT = Script(replies=(Reply("Hello.", duration_ms=1000),))
LONG = Script(replies=(Reply("On and on. " * 20, duration_ms=60_000),), pace=10)
Kind = TypeVar("Kind")
Connection = websockets.ClientConnection


def dial(far_end: FarEnd, *, api_key: str | None = None, query: str = "?model=m") -> websockets.connect:
    headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
    return websockets.connect(far_end.url + query, additional_headers=headers)


async def say(connection: Connection, *events: client.ClientEvent) -> None:
    for event in events:
        await connection.send(client.encode(event), text=True)


async def frames(connection: Connection, kind: str) -> list[bytes]:
    """All frames up to the first event of that kind."""
    heard: list[bytes] = []
    async with asyncio.timeout(5):
        while not heard or f'"type":"{kind}"'.encode() not in heard[-1]:
            heard.append(await connection.recv(decode=False))
    return heard


async def listen(connection: Connection, kind: str) -> list[server.ServerEvent]:
    """All events up to the first of that kind."""
    return [event for event in map(server.parse, await frames(connection, kind)) if event is not None]


def one(heard: list[server.ServerEvent], kind: type[Kind]) -> Kind:
    [event] = [event for event in heard if isinstance(event, kind)]
    return event


async def rest(connection: Connection, heard: list[bytes]) -> None:
    """Add all that comes to ``heard``; raises when the connection ends."""
    async with asyncio.timeout(5):
        while True:
            heard.append(await connection.recv(decode=False))


async def close_code(connection: Connection) -> int | None:
    """Listen until the connection ends, and say how; None: without a close frame."""
    with pytest.raises(ConnectionClosed) as caught:
        await rest(connection, [])
    return None if caught.value.rcvd is None else caught.value.rcvd.code


async def refusal(attempt: websockets.connect) -> tuple[int, str | None]:
    """HTTP status and error code of a connection that is not accepted."""
    with pytest.raises(InvalidStatus) as caught:
        await attempt
    response = caught.value.response
    assert response.headers["Content-Type"] == "application/json"
    return response.status_code, json.loads(response.body)["error"]["code"]


async def test_only_the_right_key_is_let_in() -> None:
    async with FarEnd(SHORT, api_key="right") as far_end:
        assert await refusal(dial(far_end, api_key="wrong")) == (401, "invalid_api_key")
        assert await refusal(dial(far_end)) == (401, "invalid_api_key")

        async with dial(far_end, api_key="right") as connection:
            await listen(connection, "session.created")


async def test_a_connection_without_model_is_refused_unless_allowed() -> None:
    async with FarEnd(SHORT) as far_end:
        assert await refusal(dial(far_end, query="")) == (400, "missing_model")

    async with FarEnd(SHORT, requires_model=False) as far_end, dial(far_end, query="") as connection:
        created = one(await listen(connection, "session.created"), server.SessionCreated)
        assert created.session["model"] == "gpt-realtime-2"


async def test_there_is_nothing_at_other_paths() -> None:
    async with FarEnd(SHORT) as far_end:
        assert await refusal(dial(far_end, query="/listen?model=m")) == (404, None)


async def test_each_session_can_have_a_script_and_faults_of_its_own() -> None:
    ends = []
    async with FarEnd(
        lambda number: Script(greeting=Reply(f"Session {number}.", duration_ms=200)),
        faults=lambda number: Faults(fail_response=1) if number == 1 else Faults(),
    ) as far_end:
        for _ in range(3):
            async with dial(far_end) as connection:
                await say(connection, client.ResponseCreate())
                ends.append(one(await listen(connection, "response.done"), server.ResponseDone).response.status)
        await far_end.until(lambda: all(session.is_over for session in far_end.sessions))

    assert ends == ["completed", "failed", "completed"]
    assert [session.responses[0].reply.text for session in far_end.sessions] == [f"Session {n}." for n in range(3)]


async def test_the_sound_of_a_caller_can_be_kept() -> None:
    sound = tone(500, 300)
    async with FarEnd(SHORT, keep_audio=True) as far_end, dial(far_end) as connection:
        await say(connection, client.SessionUpdate(PCMU_BOTH_WAYS), client.Append(sound), client.ClearInput())
        await frames(connection, "input_audio_buffer.cleared")

        assert far_end.sessions[0].appended.sound == bytearray(sound)


async def test_one_can_wait_for_what_a_session_hears_without_answering() -> None:
    async with FarEnd(SHORT) as far_end, dial(far_end) as connection:
        await say(connection, client.Append(bytes(480)))

        await far_end.until(lambda: bool(far_end.sessions) and far_end.sessions[0].appended.chunks == 1)


async def test_a_broken_condition_is_told_to_who_waits_and_not_to_the_session() -> None:
    def breaks_once_something_was_asked() -> bool:
        return bool(far_end.sessions[0].received) and not far_end.sessions[99]

    async with FarEnd(SHORT) as far_end, dial(far_end) as connection:
        await frames(connection, "conversation.created")
        waiting = asyncio.ensure_future(far_end.until(breaks_once_something_was_asked))
        await asyncio.sleep(0)
        await say(connection, client.ResponseCreate())

        with pytest.raises(IndexError):
            await waiting
        await listen(connection, "response.done")


async def test_waiting_for_what_never_happens_ends() -> None:
    async with FarEnd(SHORT) as far_end:
        with pytest.raises(TimeoutError):
            await far_end.until(lambda: bool(far_end.sessions), timeout_s=0.05)


async def test_closing_the_far_end_ends_its_connections_and_pending_ones() -> None:
    async with FarEnd(LONG) as far_end:
        connection = await dial(far_end)
        host, _, port = far_end.url.removeprefix("ws://").partition("/")[0].partition(":")
        silent = socket.create_connection((host, int(port)))

    assert await close_code(connection) is None
    silent.close()
    assert far_end.sessions[0].is_over


async def test_a_caller_who_leaves_leaves_nothing_running() -> None:
    async with FarEnd(LONG) as far_end:
        async with dial(far_end) as connection:
            await say(connection, client.ResponseCreate())
            await listen(connection, "response.output_audio.delta")
        await far_end.until(lambda: far_end.sessions[0].is_over)

        said = far_end.sessions[0].responses[0].sent_ms
        async with dial(far_end) as witness:
            await say(witness, client.ResponseCreate())
            for _ in range(5):
                await listen(witness, "response.output_audio.delta")
        assert far_end.sessions[0].responses[0].sent_ms == said


async def test_a_message_in_fragments_is_one_message() -> None:
    async with FarEnd(SHORT) as far_end, dial(far_end) as connection:
        await connection.send(['{"type":"response', ".cre", 'ate"}'])

        await listen(connection, "response.done")


async def test_a_binary_message_ends_the_session() -> None:
    async with FarEnd(SHORT) as far_end, dial(far_end) as connection:
        await connection.send(b"\x00\x01")

        assert await close_code(connection) == 1003


async def test_fault_refused_at_the_upgrade() -> None:
    async with FarEnd(SHORT, faults=Faults(refuse_status=429)) as far_end:
        assert await refusal(dial(far_end)) == (429, None)

    assert far_end.sessions == []


async def test_fault_no_session_updated() -> None:
    async with FarEnd(SHORT, faults=Faults(withhold_updated=True)) as far_end, dial(far_end) as connection:
        await say(connection, client.SessionUpdate(PCMU_BOTH_WAYS), client.ResponseCreate())
        heard = await listen(connection, "response.done")

    assert not [event for event in heard if isinstance(event, server.SessionUpdated)]


@pytest.mark.parametrize("code", [1011, 1013, 4000, None])
async def test_fault_closed_after_a_reply(code: int | None) -> None:
    faults = Faults(close_after_replies=1, close_code=code)
    async with FarEnd(SHORT, faults=faults) as far_end, dial(far_end) as connection:
        await say(connection, client.ResponseCreate())
        await listen(connection, "response.done")

        assert await close_code(connection) == code


async def test_fault_closed_in_the_middle_of_a_reply() -> None:
    heard: list[bytes] = []
    async with FarEnd(SHORT, faults=Faults(close_in_reply=1, close_code=None)) as far_end:
        async with dial(far_end) as connection:
            await say(connection, client.ResponseCreate())
            with pytest.raises(ConnectionClosedError):
                await rest(connection, heard)
        await far_end.until(lambda: far_end.sessions[0].is_over)

    kinds = [type(server.parse(frame)) for frame in heard]
    assert kinds.count(server.AudioDelta) == 3
    assert kinds[-1] is server.AudioDelta


async def test_fault_a_response_fails() -> None:
    faults = Faults(fail_response=1, fail_code="insufficient_quota")
    async with FarEnd(SHORT, faults=faults) as far_end, dial(far_end) as connection:
        await say(connection, client.ResponseCreate())
        heard = await listen(connection, "response.done")

    assert one(heard, server.Failure).error.code == "insufficient_quota"
    assert one(heard, server.ResponseDone).response.status == "failed"


@pytest.mark.parametrize("noise", [GARBAGE, BINARY, UNKNOWN_EVENT, BROKEN_EVENT])
async def test_fault_noise_between_the_events(noise: Noise) -> None:
    async with FarEnd(SHORT, faults=Faults(noise=(noise,))) as far_end, dial(far_end) as connection:
        await say(connection, client.ResponseCreate())
        heard = await frames(connection, "response.done")

    assert heard.count(noise.payload) == len(heard) // 2 > 10


async def test_fault_late_deltas_of_a_cut_reply() -> None:
    async with FarEnd(LONG, faults=Faults(late_deltas=3)) as far_end, dial(far_end) as connection:
        await say(connection, client.ResponseCreate())
        first = one(await listen(connection, "response.output_audio.delta"), server.AudioDelta)
        await say(connection, client.ResponseCancel())
        await listen(connection, "response.done")
        late = [one(await listen(connection, "response.output_audio.delta"), server.AudioDelta) for _ in range(3)]

    assert {delta.item_id for delta in late} == {first.item_id}


async def test_fault_the_session_expires() -> None:
    async with FarEnd(LONG, faults=Faults(expire_after_s=0.05)) as far_end, dial(far_end) as connection:
        assert one(await listen(connection, "error"), server.Failure).error.code == "session_expired"

        assert await close_code(connection) == 1001
