from binascii import b2a_base64

import pytest

from offhook.loadtest.twilio.frames import FrameWriter, PlayReader
from offhook.wires.twilio_media import Mark, MarkBody, Media, ReplyWriter, Sound, encode

SID = "MZ" + "0" * 32


@pytest.mark.parametrize("sid", [SID, 'odd " % sid'])
def test_what_is_joined_from_pieces_is_what_the_wire_writes(sid: str) -> None:
    frame = bytes(range(160))
    writer = FrameWriter(sid)

    assert writer.media(b2a_base64(frame, newline=False), 1240, 62, 70) == encode(
        Media(Sound(frame, "1240", "62"), sid, "70")
    )
    assert writer.mark('a "name" %d', 9) == encode(Mark(MarkBody('a "name" %d'), sid, "9"))


@pytest.mark.parametrize("size_bytes", [1, 2, 3, 158, 159, 160, 161, 1600])
def test_the_length_of_sound_is_read_without_decoding_it(size_bytes: int) -> None:
    assert PlayReader(SID).size_bytes(ReplyWriter(SID).media(b"\x00" * size_bytes)) == size_bytes


def test_a_mark_of_the_gateway_is_read_by_its_name() -> None:
    assert PlayReader(SID).mark(ReplyWriter(SID).mark("1200")) == "1200"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{}",
        ReplyWriter(SID).clear(),
        ReplyWriter("MZ" + "1" * 32).media(b"\x00" * 160),
        ReplyWriter(SID).media(b""),
        ReplyWriter(SID).media(b"\x00" * 160)[:-1],
        ReplyWriter(SID).media(b"\x00" * 160).replace(b"AAAA", b"AAA", 1),
        b' {"event":"media","streamSid":"x","media":{"payload":"AAAA"}}',
    ],
)
def test_everything_else_is_left_to_the_full_parser(message: bytes) -> None:
    assert PlayReader(SID).size_bytes(message) == 0
    assert PlayReader(SID).mark(message) is None


@pytest.mark.parametrize("name", ["", "a", '1"},"x":{"y":"', "1 2"])
def test_so_is_a_mark_with_another_kind_of_name(name: str) -> None:
    assert PlayReader(SID).mark(ReplyWriter(SID).mark(name)) is None
