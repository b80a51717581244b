from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, VoiceResponse

from offhook.loadtest.twilio import StreamEnd, TwilioStandIn
from offhook.loadtest.twilio.debugger import (
    STREAM_BROKEN_PIPE,
    STREAM_CLOSED,
    STREAM_HANDSHAKE,
    STREAM_INVALID,
    STREAM_MALFORMED,
    STREAM_OVERFLOW,
    STREAM_PROTOCOL,
    STREAM_UNREACHABLE,
)

if TYPE_CHECKING:
    from tests.loadtest.twilio.conftest import Gateway, MakeTwilio, Peer

    from offhook.loadtest.twilio import Line

SILENT_FRAME = b"\xff" * 160


def connect(url: str, **parameters: str) -> str:
    response = VoiceResponse()
    verb = Connect()
    stream = verb.stream(url=url, status_callback="/stream-status")
    for name, value in parameters.items():
        stream.parameter(name=name, value=value)
    response.append(verb)
    return str(response)


@pytest.fixture
async def call(twilio: TwilioStandIn, gateway: Gateway) -> tuple[Line, Peer]:
    gateway.answer("/voice", connect(gateway.stream_url, ticket="t"))
    gateway.answer("/stream-status", "")
    line = await twilio.ring("+15550001111", "+15550002222")
    return line, await gateway.stream()


def frames(peer: Peer) -> list[bytes]:
    return [b64decode(message["media"]["payload"]) for message in peer.events("media")]


async def test_it_introduces_itself_as_twilio_does(call: tuple[Line, Peer]) -> None:
    line, peer = call

    assert peer.messages[0] == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert peer.messages[1] == {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": peer.sid,
        "start": {
            "streamSid": peer.sid,
            "accountSid": line.facts.account_sid,
            "callSid": line.sid,
            "tracks": ["inbound"],
            "customParameters": {"ticket": "t"},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        },
    }


async def test_the_upgrade_is_signed_over_the_wss_url_of_the_twiml(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    gateway.answer("/voice", connect("wss://gw.example/media/x"))
    twilio = await make_twilio(
        public_url="https://gw.example",
        connect_to=gateway.stream_url.removesuffix("/media"),
        proxy_headers={"X-Forwarded-Proto": "https"},
    )
    await twilio.ring("+15550001111", "+15550002222")
    peer = await gateway.stream()

    signature = peer.headers["X-Twilio-Signature"]
    assert RequestValidator("testtoken123").validate("wss://gw.example/media/x", {}, signature)
    assert not RequestValidator("testtoken123").validate("https://gw.example/media/x", {}, signature)
    assert peer.headers["Host"] == "gw.example"
    assert peer.headers["X-Forwarded-Proto"] == "https"
    assert peer.path == "/media/x"


async def test_the_caller_is_sent_in_numbered_frames_of_20_ms(call: tuple[Line, Peer]) -> None:
    line, peer = call
    line.say(bytes(range(100)) * 4)
    await peer.until("media", 6)

    media = peer.events("media")
    assert [message["media"]["chunk"] for message in media] == [str(n) for n in range(1, len(media) + 1)]
    assert [message["media"]["timestamp"] for message in media] == [str(20 * n) for n in range(1, len(media) + 1)]
    assert [message["sequenceNumber"] for message in media] == [str(n) for n in range(2, len(media) + 2)]
    assert {message["media"]["track"] for message in media} == {"inbound"}
    spoken = b"".join(frame for frame in frames(peer) if frame != SILENT_FRAME)
    assert spoken == bytes(range(100)) * 4 + b"\xff" * 80


async def test_frames_come_in_real_time(call: tuple[Line, Peer]) -> None:
    _, peer = call
    await peer.until("media")
    loop = asyncio.get_running_loop()
    began_at, before = loop.time(), len(peer.events("media"))

    await peer.until("media", before + 50)

    assert loop.time() - began_at == pytest.approx(1.0, abs=0.9)


async def test_keys_are_sent(call: tuple[Line, Peer]) -> None:
    line, peer = call
    line.press("5")
    line.press("#")
    await peer.until("dtmf", 2)

    assert [message["dtmf"] for message in peer.events("dtmf")] == [
        {"digit": "5", "track": "inbound_track"},
        {"digit": "#", "track": "inbound_track"},
    ]
    with pytest.raises(ValueError, match="no key"):
        line.press("E")


async def test_marks_are_echoed_after_the_sound_before_them(call: tuple[Line, Peer]) -> None:
    line, peer = call
    await peer.mark("at once")
    await peer.play(200)
    await peer.mark("later")
    await peer.until("mark")
    assert peer.events("mark")[0]["mark"] == {"name": "at once"}
    assert peer.events("mark")[0]["streamSid"] == peer.sid

    await peer.until("mark", 2)

    assert [message["mark"]["name"] for message in peer.events("mark")] == ["at once", "later"]
    assert line.played_ms == 200
    sequence = [int(message["sequenceNumber"]) for message in peer.messages[1:]]
    assert sequence == list(range(1, len(sequence) + 1))


async def test_clear_echoes_all_pending_marks_at_once(call: tuple[Line, Peer]) -> None:
    line, peer = call
    await peer.play(60_000)
    await peer.mark("a")
    await peer.play(60_000)
    await peer.mark("b")
    await peer.clear()
    await peer.until("mark", 2)

    assert [message["mark"]["name"] for message in peer.events("mark")] == ["a", "b"]
    assert line.played_ms < 10_000
    heard = line.heard()
    assert heard.count(0x55) == line.played_ms * 8


async def test_both_sides_are_recorded_from_the_answer_on(call: tuple[Line, Peer]) -> None:
    line, peer = call
    line.say(b"\x01" * 1600)
    await line.spoken()
    await peer.play(100, 0x02)
    await peer.mark("heard")
    await peer.until("mark")
    line.hang_up()

    caller, agent = line.stereo()
    assert len(caller) == len(agent)
    assert caller.count(0x01) == 1600
    assert agent.count(0x02) == 800
    assert agent.index(0x02) >= caller.rindex(0x01) - 160
    assert set(caller + agent) == {0x01, 0x02, 0xFF}
    assert line.heard() == agent


async def test_rubbish_is_refused_with_one_warning_and_the_stream_goes_on(call: tuple[Line, Peer]) -> None:
    line, peer = call
    await peer.connection.send(b"\x00\x01")
    await peer.connection.send(json.dumps({"event": "clear", "streamSid": peer.sid}).encode())
    await peer.connection.send("rubbish")
    await peer.send("media", media={"payload": "AA==", "track": "outbound"})
    await peer.send("dance")
    await peer.mark("still there")
    await peer.until("mark")

    assert line.debugger.codes == (STREAM_MALFORMED, STREAM_INVALID)
    assert line.stream is not None


async def test_a_message_in_fragments_is_read(call: tuple[Line, Peer]) -> None:
    line, peer = call
    text = json.dumps({"event": "mark", "streamSid": peer.sid, "mark": {"name": "in pieces"}})
    await peer.connection.send([text[:10], text[10:30], text[30:]])
    await peer.until("mark")

    assert line.debugger.codes == ()


async def test_a_message_that_is_too_long_ends_the_stream(call: tuple[Line, Peer]) -> None:
    line, peer = call
    stream = line.streams[0]
    await peer.connection.send("x" * 1_100_000)

    assert await stream.ended is StreamEnd.BROKEN_RULES
    assert line.debugger.codes == (STREAM_PROTOCOL,)


async def test_fragments_that_are_too_long_together_end_the_stream(call: tuple[Line, Peer]) -> None:
    line, peer = call
    stream = line.streams[0]
    await peer.connection.send(["x" * 600_000, "x" * 600_000])

    assert await stream.ended is StreamEnd.BROKEN_RULES
    assert line.debugger.codes == (STREAM_PROTOCOL,)


async def test_a_frame_that_no_websocket_may_send_ends_the_stream(call: tuple[Line, Peer]) -> None:
    line, peer = call
    stream = line.streams[0]
    peer.connection.transport.write(b"\x83\x00")  # opcode 3 is reserved

    assert await stream.ended is StreamEnd.BROKEN_RULES
    assert line.debugger.codes == (STREAM_PROTOCOL,)


async def test_when_the_server_closes_it_is_noted_though_meant(call: tuple[Line, Peer], gateway: Gateway) -> None:
    line, peer = call
    stream = line.streams[0]
    await peer.connection.close(1000, "done")

    assert await stream.ended is StreamEnd.SERVER_CLOSED
    assert line.debugger.codes == (STREAM_CLOSED,)
    assert "1000 done" in line.debugger.alerts[0].text
    await line.callbacks_sent()
    events = [asked.form for asked in gateway.asked_for("/stream-status")]
    assert [form["StreamEvent"] for form in events] == ["stream-started", "stream-stopped"]
    assert {form["StreamSid"] for form in events} == {peer.sid}
    assert {form["CallSid"] for form in events} == {line.sid}


async def test_a_broken_connection_is_told_as_an_error(call: tuple[Line, Peer], gateway: Gateway) -> None:
    line, peer = call
    stream = line.streams[0]
    peer.connection.transport.abort()

    assert await stream.ended is StreamEnd.LOST
    assert line.debugger.codes == (STREAM_BROKEN_PIPE,)
    await line.callbacks_sent()
    events = [asked.form for asked in gateway.asked_for("/stream-status")]
    assert [form["StreamEvent"] for form in events] == ["stream-started", "stream-error"]
    assert events[1]["StreamError"].startswith("31903")


async def test_the_caller_side_can_break_the_connection_too(call: tuple[Line, Peer]) -> None:
    line, peer = call
    stream = line.streams[0]
    line.drop()

    assert await stream.ended is StreamEnd.LOST
    async with asyncio.timeout(5):
        await peer.closed.wait()
    assert peer.events("stop") == []


async def test_when_the_caller_hangs_up_stop_is_said_before_the_close(call: tuple[Line, Peer]) -> None:
    line, peer = call
    line.hang_up()
    async with asyncio.timeout(5):
        await peer.closed.wait()

    assert peer.messages[-1]["event"] == "stop"
    assert peer.messages[-1]["stop"] == {"callSid": line.sid, "accountSid": line.facts.account_sid}
    assert peer.connection.close_code == 1000


async def test_a_refused_upgrade_is_31920(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.refuse_streams = True
    gateway.answer("/voice", connect(gateway.stream_url))
    gateway.answer("/stream-status", "")
    line = await twilio.ring("+15550001111", "+15550002222")
    await line.until_ended()

    assert line.debugger.codes == (STREAM_HANDSHAKE,)
    await line.callbacks_sent()
    assert [asked.form["StreamEvent"] for asked in gateway.asked_for("/stream-status")] == ["stream-error"]


async def test_a_query_string_is_not_even_tried(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.answer("/voice", connect(gateway.stream_url + "?ticket=1"))
    line = await twilio.ring("+15550001111", "+15550002222")
    await line.until_ended()

    assert line.debugger.codes[0] == STREAM_HANDSHAKE
    assert line.streams == []


async def test_nobody_there_is_31902(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.answer("/voice", connect("ws://127.0.0.1:9/media"))
    line = await twilio.ring("+15550001111", "+15550002222")
    await line.until_ended()

    assert line.debugger.codes[0] == STREAM_UNREACHABLE


async def test_a_caller_who_stalls_hears_everything_later(call: tuple[Line, Peer]) -> None:
    line, peer = call
    line.stall(0.3)
    await peer.mark("late")
    await asyncio.sleep(0.1)
    assert peer.events("mark") == []

    await peer.until("mark")

    assert line.stream is not None


async def test_a_server_that_does_not_read_loses_sound(call: tuple[Line, Peer]) -> None:
    line, peer = call
    stream = line.streams[0]
    await peer.until("media")
    stream.pause_writing()  # what the transport calls when 64 kB wait
    sent, now = stream.chunks_sent, asyncio.get_running_loop().time()
    for _ in range(3):
        stream.send_frame(SILENT_FRAME, now, now)
    stream.resume_writing()
    await peer.until("media", sent + 1)

    assert line.debugger.codes == (STREAM_OVERFLOW,)
    assert stream.chunks_discarded == 3
    assert peer.events("media")[-1]["media"]["chunk"] == str(sent + 4)


async def test_rubbish_can_be_sent(call: tuple[Line, Peer]) -> None:
    line, peer = call
    line.send_raw('{"event": "dtmf", ', final=False)
    line.send_raw('"dtmf": {"digit": "Z"}}', continuation=True)
    message = await peer.until("dtmf")

    assert message["dtmf"] == {"digit": "Z"}
