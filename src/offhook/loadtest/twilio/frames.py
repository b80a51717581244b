"""The caller's sound as Twilio writes it, joined from ready pieces: sound that many lines share is encoded once."""

from typing import Final

import msgspec

FRAME_BYTES: Final = 160
"""20 ms of µ-law, as Twilio sends in practice."""

_PLAY_TAIL: Final = b'"}}'


class FrameWriter:
    """Writes the ``media`` messages of one stream."""

    __slots__ = ("_format", "_mark_format")

    def __init__(self, stream_sid: str) -> None:
        sid = msgspec.json.encode(stream_sid).replace(b"%", b"%%")
        self._format = (
            b'{"event":"media","media":{"payload":"%b","timestamp":"%d","chunk":"%d","track":"inbound"},'
            b'"streamSid":' + sid + b',"sequenceNumber":"%d"}'
        )
        self._mark_format = b'{"event":"mark","mark":{"name":%b},"streamSid":' + sid + b',"sequenceNumber":"%d"}'

    def media(self, payload: bytes, timestamp_ms: int, chunk: int, sequence: int) -> bytes:
        """One frame; ``payload`` is its µ-law in base64."""
        return self._format % (payload, timestamp_ms, chunk, sequence)

    def mark(self, name: str, sequence: int) -> bytes:
        """The echo of a mark."""
        return self._mark_format % (msgspec.json.encode(name), sequence)


class PlayReader:
    """Recognises a server's ``media`` and ``mark`` messages by their beginning, if they are written the usual way.

    Of sound it tells the length, which is all that the account of playback needs. Whatever looks different is for the
    full parser.
    """

    __slots__ = ("_head", "_mark_head", "_overhead")

    def __init__(self, stream_sid: str) -> None:
        sid = msgspec.json.encode(stream_sid)
        self._head = b'{"event":"media","streamSid":' + sid + b',"media":{"payload":"'
        self._mark_head = b'{"event":"mark","streamSid":' + sid + b',"mark":{"name":"'
        self._overhead = len(self._head) + len(_PLAY_TAIL)

    def size_bytes(self, message: bytes) -> int:
        """How much µ-law the message carries; 0 if it is not such a message, or carries nothing."""
        if not message.startswith(self._head) or not message.endswith(_PLAY_TAIL):
            return 0
        letters = len(message) - self._overhead
        if letters <= 0 or letters & 3:
            return 0
        size = letters // 4 * 3
        if message[-4] == 61:  # "="
            size -= 2 if message[-5] == 61 else 1
        return size

    def mark(self, message: bytes) -> str | None:
        """The name of the mark, if it is one of digits alone; None if the message is something else."""
        if not message.startswith(self._mark_head) or not message.endswith(_PLAY_TAIL):
            return None
        name = message[len(self._mark_head) : -len(_PLAY_TAIL)]
        return name.decode("ascii") if name.isdigit() else None
