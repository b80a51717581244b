"""Media streams that are unusual, and work; and how streams end."""

import asyncio
import json

import pytest
from tests.by_hand import (
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Ringing,
    Stream,
    connected,
    media,
    start,
)
from tests.gateway import logged
from tests.legs.street import UNKNOWN, Street, pressing
from tests.waiting import eventually

from offhook.legs import twilio as leg

pytestmark = pytest.mark.asyncio(loop_scope="module")

# ---- what is unusual, and works ------------------------------------------------------------------------------------


async def works(street: Street, call: Ringing, stream: Stream) -> None:
    """Sound goes through, and the stream is open still."""
    session = await street.session_of(call)
    heard_ms = session.appended.duration_ms
    stream.say(media(b"\xff" * 800))
    await eventually(lambda: session.appended.duration_ms >= heard_ms + 100)
    stream.frame(PING, b"still there?")
    while (await asyncio.wait_for(stream.next(), 5))[0] != PONG:
        pass
    assert street.state(call) == "talking"
    stream.writer.close()
    await street.over(call)


async def test_messages_in_fragments_work(street: Street) -> None:
    call = await street.twilio.ring()
    stream = await Stream.to(call.url)
    for message in (connected(), start(call.call_sid), media(), media()):
        text = json.dumps(message).encode()
        third = len(text) // 3
        stream.frame(TEXT, text[:third], final=False)
        stream.frame(PING, b"in between")  # control frames may come between fragments
        stream.frame(CONTINUATION, text[third : 2 * third], final=False)
        stream.frame(CONTINUATION, b"", final=False)
        stream.frame(CONTINUATION, text[2 * third :])
    await eventually(lambda: street.state(call) == "talking")
    await works(street, call, stream)


async def test_unknown_events_of_the_stream_are_skipped_and_logged_once(
    street: Street, caplog: pytest.LogCaptureFixture
) -> None:
    call, stream = await street.started()
    stream.say(*[UNKNOWN] * leg.UNKNOWN_EVENTS_LIMIT)
    await works(street, call, stream)

    assert len(logged(caplog, "skipped an unknown kind of message", call_id=call.call_id)) == 1


async def test_unknown_fields_and_marks_of_others_mean_nothing(street: Street) -> None:
    call, stream = await street.started()
    stream.say(
        media() | {"more": {"x": [1]}},
        {"event": "mark", "streamSid": "MZ1", "mark": {"name": "somebody else's"}},
        {"event": "mark", "streamSid": "MZ1", "mark": {"name": "9" * 40}},
        {"event": "mark", "streamSid": "MZ1", "mark": {"name": "²"}},
        {"event": "mark", "streamSid": "MZ1", "mark": {"name": "99999999"}},
        connected(),
    )
    await works(street, call, stream)


async def test_sound_of_any_length_is_taken_and_that_of_the_other_track_is_not(street: Street) -> None:
    call, stream = await street.started()
    session = await street.session_of(call)
    other = media()
    other["media"]["track"] = "outbound"
    stream.say(media(b""), media(b"\xff"), media(b"\xff" * 7), media(b"\xff" * 30_000), other)
    await eventually(lambda: session.appended.size_bytes >= 30_008)

    assert session.appended.size_bytes == 30_008
    await works(street, call, stream)


async def test_keys_are_told_in_order(street: Street) -> None:
    call, stream = await street.started()
    stream.say(*(pressing(digit) for digit in "0123456789*ABCD#"))
    await eventually(lambda: "0123456789*ABCD#" in str(street.shown(call).transcript))
    await works(street, call, stream)


async def test_a_stream_that_stops_in_order_is_a_caller_who_hung_up(street: Street) -> None:
    call, stream = await street.started()
    async with stream:
        stream.say({"event": "stop", "streamSid": "MZ1", "sequenceNumber": "9", "stop": {"callSid": call.call_sid}})
        assert (await stream.closed())[0] == 1000
        await stream.gone()

    assert street.shown(call).end_reason == "caller_hung_up"


@pytest.mark.parametrize("how", ["close frame", "end of file", "reset"])
async def test_a_stream_that_ends_without_a_word_may_come_back(street: Street, how: str) -> None:
    call, stream = await street.started()
    if how == "close frame":
        stream.frame(0x8, b"\x03\xe8")
        assert (await stream.closed())[0] == 1000
    elif how == "end of file":
        stream.writer.close()
    else:
        stream.writer.transport.abort()
    await eventually(lambda: street.state(call) == "resuming")
    again = await street.twilio.ring(call.call_sid)
    back = await Stream.to(again.url)
    await back.start(call.call_sid)
    await eventually(lambda: street.state(call) == "talking")
    await works(street, call, back)
    stream.writer.close()
