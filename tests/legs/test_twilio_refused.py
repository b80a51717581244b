"""Bad input on media streams: each on a real stream to a real gateway, with a caller beside it who notices nothing."""

import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.by_hand import (
    BINARY as BINARY_FRAME,
)
from tests.by_hand import (
    CONTINUATION,
    PING,
    TEXT,
    Ringing,
    Stream,
    connected,
    frame,
    media,
    sign,
    start,
)
from tests.gateway import logged
from tests.legs.street import START_WITHIN_S, UNKNOWN, Street, pressing
from tests.waiting import eventually

from offhook.calls.tokens import VALID_S
from offhook.legs import twilio as leg
from offhook.loadtest.far_end import Faults, Reply, Script
from offhook.loadtest.far_end.faults import BINARY, BROKEN_EVENT, GARBAGE, NOT_AN_OBJECT
from offhook.wires.twilio_media import MESSAGE_LIMIT_BYTES

pytestmark = pytest.mark.asyncio(loop_scope="module")

# ---- refused at the upgrade ----------------------------------------------------------------------------------------


async def upgrade(street: Street, caplog: pytest.LogCaptureFixture, url: str, status: int, **headers: Any) -> None:
    """Ask for a stream that is refused with that status; it is logged, and nobody else notices."""
    async with await Stream.to(url, **headers) as stream:
        assert stream.answer.status == status
    [line] = logged(caplog, "stream refused at the upgrade")
    assert line["status"] == status
    caplog.clear()
    await street.goes_on(40)


@pytest.mark.parametrize("signature", ["", "x" * 28, sign("wss://elsewhere.example/ws/media/w0/a/b")])
async def test_a_wrong_signature_opens_nothing(
    street: Street, caplog: pytest.LogCaptureFixture, signature: str
) -> None:
    call = await street.twilio.ring()
    await upgrade(street, caplog, call.url, 403, X_Twilio_Signature=signature)

    async with await Stream.to(call.url) as stream:  # and has not used the token up
        assert stream.answer.status == 101
    await street.over(call)


async def test_an_unknown_call_opens_nothing(street: Street, caplog: pytest.LogCaptureFixture) -> None:
    call = await street.twilio.ring()
    await upgrade(street, caplog, call.url.replace(call.call_id, "call_none"), 404)
    await street.over(call)


async def test_a_forged_token_opens_nothing(street: Street, caplog: pytest.LogCaptureFixture) -> None:
    call = await street.twilio.ring()
    fence, expires, signed = call.token.split(".")
    changed = signed[:-1] + ("A" if signed[-1] != "A" else "B")
    for token in (
        f"{fence}.{expires}.{changed}",
        f"{int(fence) + 1}.{expires}.{signed}",
        f"{fence}.{int(expires) + 1}.{signed}",
        f"{fence}.{expires}.",
        "nonsense",
    ):
        await upgrade(street, caplog, call.url.replace(call.token, token), 403)
    await street.over(call)


async def test_another_calls_token_opens_nothing(street: Street, caplog: pytest.LogCaptureFixture) -> None:
    call, other = await street.twilio.ring(), await street.twilio.ring()
    await upgrade(street, caplog, call.url.replace(call.token, other.token), 403)
    await upgrade(street, caplog, call.url.replace(call.call_id, street.net.of(street.bystander).id), 403)
    await street.over(call)
    await street.over(other)


async def test_a_token_opens_one_stream_only(street: Street, caplog: pytest.LogCaptureFixture) -> None:
    call, stream = await street.started()
    await upgrade(street, caplog, call.url, 403)
    assert street.state(call) == "talking"
    stream.writer.close()
    await eventually(lambda: street.state(call) == "resuming")
    await upgrade(street, caplog, call.url, 403)  # nor when that is gone
    await street.over(call)


async def test_an_expired_token_opens_nothing(
    street: Street, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await street.twilio.ring()
    door = street.net.running.gateway.media
    now = door._clock
    monkeypatch.setattr(door, "_clock", lambda: now() + VALID_S + 2)
    await upgrade(street, caplog, call.url, 403)
    await street.over(call)


async def test_a_refusal_is_logged_with_the_call_it_was_for(street: Street, caplog: pytest.LogCaptureFixture) -> None:
    call = await street.twilio.ring()
    async with await Stream.to(call.url + "x"):
        [line] = logged(caplog, "stream refused at the upgrade", call_id=call.call_id)
    assert line["peer"] == "127.0.0.1"
    assert call.token not in json.dumps(line)
    await street.over(call)


# ---- bad messages, after start and before --------------------------------------------------------------------------

Act = Callable[[Stream, Ringing], Awaitable[None] | None]


@dataclass
class Case:
    """Something bad that a stream does, and the code it is closed with."""

    name: str
    code: int
    act: Act
    started: bool = True
    """It does so after ``start``; else as the very first thing."""


def says(name: str, code: int, *messages: Any, started: bool = True) -> Case:
    return Case(name, code, lambda stream, call: stream.say(*messages), started)


def sends(name: str, code: int, *frames: bytes, started: bool = True) -> Case:
    return Case(name, code, lambda stream, call: stream.writer.write(b"".join(frames)), started)


def with_payload(payload: Any) -> dict[str, Any]:
    return media() | {"media": {"payload": payload}}


BIG = json.dumps(media(b"\xff" * 750_000)).encode()
PIECE = b"x" * 1000

CASES = [
    says("not JSON", 1007, "nonsense"),
    says("half of JSON", 1007, json.dumps(media())[:-1]),
    says("nothing at all", 1007, ""),
    says("a list", 1007, "[]"),
    says("null", 1007, "null"),
    says("a number", 1007, "5"),
    says("no event", 1007, {"streamSid": "MZ1"}),
    says("an event that is no text", 1007, {"event": 5}),
    says("not UTF-8", 1007, b"\xff\xfe\xfd"),
    says("not UTF-8 inside", 1007, b'{"event":"mark","mark":{"name":"\xff"}}'),
    says("deeper than anyone reads", 1007, "[" * 50_000),
    says("not JSON, before start", 1007, "nonsense", started=False),
    says("an unknown event before start", 1008, UNKNOWN, started=False),
    says("an unknown event of another stream", 1008, UNKNOWN | {"streamSid": "MZ2"}),
    says("an unknown event of no stream", 1008, {"event": "weather"}),
    says("unknown events without end", 1008, *[UNKNOWN] * (leg.UNKNOWN_EVENTS_LIMIT + 1)),
    says("wrong base64", 1007, with_payload("@@@@")),
    says("base64 that is cut short", 1007, with_payload("//8")),
    says("sound that is a number", 1007, with_payload(5)),
    says("media without sound", 1007, media() | {"media": {}}),
    says("media without a body", 1007, {"event": "media", "streamSid": "MZ1"}),
    says("media before start", 1008, media(), started=False),
    says("media before start, after connected", 1008, connected(), media(), started=False),
    Case("a second start", 1008, lambda stream, call: stream.say(start(call.call_sid))),
    Case("a start for another call", 1008, lambda stream, call: stream.say(start("CA" + "f" * 32)), started=False),
    Case(
        "no call in start", 1007, lambda stream, call: stream.say({"event": "start", "streamSid": "M"}), started=False
    ),
    Case("linear sound", 1003, lambda s, call: s.say(start(call.call_sid, encoding="audio/x-l16")), started=False),
    Case("another rate", 1003, lambda s, call: s.say(start(call.call_sid, sampleRate=16000)), started=False),
    Case("two channels", 1003, lambda s, call: s.say(start(call.call_sid, channels=2)), started=False),
    Case("a strange rate", 1007, lambda s, call: s.say(start(call.call_sid, sampleRate="8k")), started=False),
    says("a mark without a name", 1007, {"event": "mark", "streamSid": "MZ1", "mark": {}}),
    says("two digits at once", 1007, pressing("55")),
    says("no digit", 1007, pressing("")),
    says("a digit of no telephone", 1007, pressing("x")),
    says("a digit of another script", 1007, pressing("٣")),
    says("a digit that is a number", 1007, pressing(5)),
    says("a wrong digit before start", 1007, pressing("x"), started=False),
    sends("a binary frame", 1003, frame(BINARY_FRAME, json.dumps(media()).encode())),
    sends("a binary frame before start", 1003, frame(BINARY_FRAME, b"\x00"), started=False),
    sends("a continuation of nothing", 1002, frame(CONTINUATION, b"x")),
    sends("a message inside another", 1002, frame(TEXT, b"{", final=False), frame(TEXT, b"{}")),
    sends("a fragmented ping", 1002, frame(PING, b"x", final=False)),
    sends("a ping that is too long", 1002, frame(PING, b"x" * 126)),
    sends("a reserved opcode", 1002, frame(0x3, b"x")),
    sends("a frame without a mask", 1002, frame(TEXT, json.dumps(media()).encode(), masked=False)),
    sends("a frame without a mask before start", 1002, frame(TEXT, b"{}", masked=False), started=False),
    sends("a frame of 1 MB", 1009, frame(TEXT, BIG)),
    sends("a frame of 1 MB before start", 1009, frame(TEXT, BIG), started=False),
    sends("a frame that says it has a terabyte", 1009, frame(TEXT, b"x" * 100, claims=2**40)),
    sends("a frame that is a little too long", 1009, frame(TEXT, b" " * (MESSAGE_LIMIT_BYTES + 1))),
    sends(
        "a message of too many fragments",
        1009,
        frame(TEXT, PIECE, final=False),
        *[frame(CONTINUATION, PIECE, final=False)] * (MESSAGE_LIMIT_BYTES // len(PIECE)),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_a_bad_stream_is_closed_with_the_right_code_and_logged_and_nobody_else_notices(
    street: Street, caplog: pytest.LogCaptureFixture, case: Case
) -> None:
    if case.started:
        call, stream = await street.started()
    else:
        call = await street.twilio.ring()
        stream = await Stream.to(call.url)
    async with stream:
        result = case.act(stream, call)
        if result is not None:
            await result
        code, reason = await stream.closed()
        await stream.gone()

        assert code == case.code
        assert reason
        await eventually(lambda: logged(caplog, "stream refused", call_id=call.call_id))
        [line] = logged(caplog, "stream refused", call_id=call.call_id)
        assert line["close_code"] == case.code
        assert line["reason"]
        await eventually(lambda: street.state(call) == ("resuming" if case.started else "ringing"))
    await street.goes_on(40)
    await street.over(call)


@pytest.mark.parametrize("said", [[], [connected()], "pings"], ids=["nothing", "connected", "pings"])
async def test_a_stream_that_does_not_start_in_time_is_closed(
    street: Street, caplog: pytest.LogCaptureFixture, said: Any
) -> None:
    call = await street.twilio.ring()
    async with await Stream.to(call.url) as stream:
        if said == "pings":
            stream.frame(PING, b"are you there")
        else:
            stream.say(*said)
        code, reason = await stream.closed()

        assert (code, reason) == (1008, f"no start message within {START_WITHIN_S:g} s")
        [line] = logged(caplog, "stream refused", call_id=call.call_id)
        assert line["close_code"] == 1008
        await stream.gone()
    await street.goes_on()
    assert street.state(call) == "ringing"  # Twilio asks next, and is given another stream
    await street.over(call)


async def test_a_stream_that_does_not_read_is_cut_and_logged(
    street: Street, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leg, "SLOW_LIMIT_S", 0.5)
    street.script = Script(greeting=Reply("A very long reply.", audio=b"\x55" * 8 * 900_000), delta_ms=1000)
    call = await street.twilio.ring()
    stream = await Stream.to(call.url)
    stream.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await stream.start(call.call_sid)
    await eventually(lambda: street.state(call) == "resuming")

    too_slow = "the stream does not take what is played; closing it"
    assert len(logged(caplog, too_slow, call_id=call.call_id)) == 1
    stream.writer.transport.abort()
    await street.goes_on()
    await eventually(lambda: len(street.net.running.gateway.media.open) == 1)  # that of the bystander
    await street.over(call)


async def test_a_stream_that_takes_more_than_it_plays_is_not_cut_however_much_there_is_to_take(
    street: Street, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leg, "SLOW_LIMIT_S", 1.0)
    minute = b"\x55" * 8 * 60_000
    street.script = Script(greeting=Reply("A minute of a reply.", audio=minute), delta_ms=60_000)
    call = await street.twilio.ring()
    stream = await Stream.to(call.url)
    stream.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    await stream.start(call.call_sid)
    began, taken_bytes = time.monotonic(), 0
    while taken_bytes < len(minute) * 4 / 3:
        async with asyncio.timeout(5):
            taken = await stream.reader.read(8 * 1024)
        assert taken
        taken_bytes += len(taken)
        await asyncio.sleep(0.04)

    assert time.monotonic() - began > 2 * leg.SLOW_LIMIT_S
    assert not logged(caplog, "the stream does not take what is played; closing it", call_id=call.call_id)
    assert street.state(call) == "talking"
    stream.writer.transport.abort()
    await street.over(call)


async def test_a_stream_that_does_not_answer_our_close_is_cut(street: Street) -> None:
    call, stream = await street.started()
    async with street.net.running.http() as http:
        await http.delete(f"/api/calls/{call.call_id}")
    assert (await stream.closed(politely=False))[0] == 1000
    await stream.gone(leg.CLOSE_WITHIN_S + 2)
    stream.writer.close()
    await street.over(call)


async def test_malformed_events_of_one_engine_are_skipped_and_nobody_else_notices(
    street: Street, caplog: pytest.LogCaptureFixture
) -> None:
    street.faults = Faults(noise=(GARBAGE, BINARY, NOT_AN_OBJECT, BROKEN_EVENT))
    call, stream = await street.started()
    async with stream:
        await stream.heard("media")
        assert logged(caplog, "skipped a broken message of the engine", call_id=call.call_id)
        assert street.state(call) == "talking"
        await street.goes_on()
    await street.over(call)
