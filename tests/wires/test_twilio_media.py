import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wires.rubbish import DEEP, rubbish

from offhook.errors import WireError
from offhook.wires import twilio_media as twilio
from offhook.wires.twilio_media import ReplyWriter, UnknownEvent, encode, parse, parse_reply

CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
START = (
    '{"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{"streamSid":"MZ1","accountSid":"AC1",'
    '"callSid":"CA1","tracks":["inbound"],"customParameters":{"ticket":"t"},'
    '"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}'
)
MEDIA = (
    '{"event":"media","sequenceNumber":"2","streamSid":"MZ1",'
    '"media":{"track":"inbound","chunk":"1","timestamp":"20","payload":"//8="}}'
)
DTMF = '{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"#"}}'
MARK = '{"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"1200"}}'
STOP = '{"event":"stop","sequenceNumber":"9","streamSid":"MZ1","stop":{"accountSid":"AC1","callSid":"CA1"}}'
FROM_TWILIO = [CONNECTED, START, MEDIA, DTMF, MARK, STOP]

PLAY = '{"event":"media","streamSid":"MZ1","media":{"payload":"//8="}}'
SEND_MARK = '{"event":"mark","streamSid":"MZ1","mark":{"name":"1200"}}'
CLEAR = '{"event":"clear","streamSid":"MZ1"}'
TO_TWILIO = [PLAY, SEND_MARK, CLEAR]


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (CONNECTED, twilio.Connected()),
        (
            START,
            twilio.Start(
                twilio.StartBody("MZ1", "CA1", "AC1", ["inbound"], {"ticket": "t"}, twilio.MediaFormat()), "MZ1", "1"
            ),
        ),
        (MEDIA, twilio.Media(twilio.Sound(b"\xff\xff", "20", "1", "inbound"), "MZ1", "2")),
        (DTMF, twilio.Dtmf(twilio.Digit("#"), "MZ1", "5")),
        (MARK, twilio.Mark(twilio.MarkBody("1200"), "MZ1", "4")),
        (STOP, twilio.Stop(twilio.StopBody("CA1", "AC1"), "MZ1", "9")),
    ],
    ids=["connected", "start", "media", "dtmf", "mark", "stop"],
)
def test_a_message_of_twilio_is_read_and_written_back(message: str, event: twilio.FromTwilio) -> None:
    assert parse(message.encode()) == event
    assert json.loads(encode(event)) == json.loads(message)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (PLAY, twilio.Play(twilio.PlayBody(b"\xff\xff"), "MZ1")),
        (SEND_MARK, twilio.Mark(twilio.MarkBody("1200"), "MZ1")),
        (CLEAR, twilio.Clear("MZ1")),
    ],
    ids=["media", "mark", "clear"],
)
def test_a_message_to_twilio_is_read_as_twilio_would(message: str, event: twilio.ToTwilio) -> None:
    assert parse_reply(message.encode()) == event


def test_the_writer_writes_what_twilio_documents() -> None:
    writer = ReplyWriter("MZ1")

    assert json.loads(writer.media(b"\xff\xff")) == json.loads(PLAY)
    assert json.loads(writer.mark("1200")) == json.loads(SEND_MARK)
    assert json.loads(writer.clear()) == json.loads(CLEAR)


@settings(deadline=None)
@given(sound=st.binary(max_size=400), sid=st.text(max_size=20), name=st.text(max_size=20))
def test_what_the_writer_writes_is_read_back(sound: bytes, sid: str, name: str) -> None:
    writer = ReplyWriter(sid)

    assert parse_reply(writer.media(sound)) == twilio.Play(twilio.PlayBody(sound), sid)
    assert parse_reply(writer.mark(name)) == twilio.Mark(twilio.MarkBody(name), sid)
    assert parse_reply(writer.clear()) == twilio.Clear(sid)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_sound_of_any_length_comes_through(sound: bytes) -> None:
    event = parse(encode(twilio.Media(twilio.Sound(sound), "MZ1")))

    assert isinstance(event, twilio.Media)
    assert event.media.payload == sound


def test_the_largest_messages_twilio_may_send_are_within_the_limit() -> None:
    one_second = encode(twilio.Media(twilio.Sound(b"\xff" * twilio.RATE_HZ), "MZ" + "0" * 32))

    assert len(one_second) < twilio.MESSAGE_LIMIT_BYTES


def test_fields_that_are_not_known_are_passed_over() -> None:
    message = {**json.loads(MEDIA), "region": "us1", "media": {"payload": "//8=", "presentation": "x"}}

    event = parse(json.dumps(message).encode())

    assert event == twilio.Media(twilio.Sound(b"\xff\xff"), "MZ1", "2")


def test_sound_of_the_other_track_is_told_apart() -> None:
    event = parse(MEDIA.replace('"inbound"', '"outbound"').encode())

    assert isinstance(event, twilio.Media)
    assert event.media.track == "outbound"


def test_an_event_that_is_not_known_is_named() -> None:
    assert parse(b'{"event":"whisper","streamSid":"MZ1","whisper":{}}') == UnknownEvent("whisper", "MZ1")
    assert parse_reply(b'{"event":"whisper"}') == UnknownEvent("whisper", "")


def test_what_only_the_other_side_says_is_not_known() -> None:
    assert parse(CLEAR.encode()) == UnknownEvent("clear", "MZ1")
    assert parse_reply(START.encode()) == UnknownEvent("start", "MZ1")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        '{"event":7}',
        '{"event":"media"}',
        '{"event":"media","media":{}}',
        '{"event":"media","media":{"payload":"***"}}',
        '{"event":"media","media":{"payload":"//8"}}',
        '{"event":"media","media":{"payload":8}}',
        '{"event":"mark","mark":{"name":1200}}',
        '{"event":"start","streamSid":"MZ1"}',
        '{"event":"start","streamSid":"MZ1","start":{"streamSid":"MZ1"}}',
        '{"event":"dtmf","dtmf":{"digit":null}}',
        CONNECTED[:-1],
        CONNECTED + CONNECTED,
    ],
)
def test_a_broken_message_is_refused(message: str) -> None:
    with pytest.raises(WireError):
        parse(message.encode())


def test_a_refusal_shows_how_the_message_began() -> None:
    message = '{"event":"media","media":{"payload":"***"},"padding":"' + "x" * 1000 + '"}'

    with pytest.raises(WireError, match="broken media message") as caught:
        parse(message.encode())

    assert caught.value.excerpt == message[:80]


def test_text_that_is_not_utf_8_is_refused() -> None:
    for message in (
        b'{"event":"\xff"}',
        MARK.encode().replace(b"1200", b"\xff\xfe"),
        b'{"event":"new","streamSid":"\xff"}',
    ):
        with pytest.raises(WireError):
            parse(message)
        with pytest.raises(WireError):
            parse_reply(message)


def test_a_message_nested_without_end_is_refused() -> None:
    for message in (DEEP, b'{"event":"media","x":' + DEEP, b'{"event":"new","x":' + DEEP):
        with pytest.raises(WireError):
            parse(message)
        with pytest.raises(WireError):
            parse_reply(message)


@settings(deadline=None)
@given(rubbish(FROM_TWILIO))
def test_rubbish_from_twilio_is_an_event_or_a_wire_error(message: bytes) -> None:
    with suppress(WireError):
        parse(message)


@settings(deadline=None)
@given(rubbish(TO_TWILIO))
def test_rubbish_to_twilio_is_an_event_or_a_wire_error(message: bytes) -> None:
    with suppress(WireError):
        parse_reply(message)
