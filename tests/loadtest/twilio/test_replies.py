import json

import pytest

from offhook.errors import WireError
from offhook.loadtest.twilio.replies import read_reply
from offhook.wires.twilio_media import Clear, Mark, Play, ReplyWriter

SID = "MZ1"


def test_what_a_server_should_send_is_read() -> None:
    writer = ReplyWriter(SID)

    media, mark = read_reply(writer.media(b"\x01\x02"), SID), read_reply(writer.mark("a"), SID)

    assert isinstance(media, Play)
    assert media.media.payload == b"\x01\x02"
    assert isinstance(mark, Mark)
    assert mark.mark.name == "a"
    assert isinstance(read_reply(writer.clear(), SID), Clear)


@pytest.mark.parametrize(
    "message",
    [
        {"event": "media", "streamSid": SID, "media": {"payload": "AA==", "track": "outbound"}},
        {"event": "media", "streamSid": SID, "media": {"payload": "AA=="}, "sequenceNumber": "1"},
        {"event": "media", "streamSid": SID, "media": {}},
        {"event": "media", "streamSid": SID, "media": {"payload": "not base64!"}},
        {"event": "media", "streamSid": "MZ2", "media": {"payload": "AA=="}},
        {"event": "media", "media": {"payload": "AA=="}},
        {"event": "mark", "mark": {"name": "a"}},
        {"event": "mark", "streamSid": SID, "mark": {"name": 7}},
        {"event": "mark", "streamSid": SID},
        {"event": "clear", "streamSid": SID, "now": True},
        {"event": "start", "streamSid": SID},
        {"event": "hello", "streamSid": SID},
        {"streamSid": SID},
        ["event", "clear"],
    ],
)
def test_anything_else_is_refused(message: object) -> None:
    with pytest.raises(WireError):
        read_reply(json.dumps(message).encode(), SID)


@pytest.mark.parametrize("message", [b"", b"clear", b"\xff\xfe", b'{"event":"clear"'])
def test_what_is_not_json_is_refused(message: bytes) -> None:
    with pytest.raises(WireError):
        read_reply(message, SID)
