"""Whole messages out of WebSocket frames (RFC 6455 section 5.4).

The sockets underneath deliver frames, not messages. Twilio and the vendors send unfragmented text, so the common case
is one comparison and no copy; a proxy on the way may fragment, so that has to work too.
"""

from enum import IntEnum
from typing import Final

from offhook.errors import WireError


class Opcode(IntEnum):
    """The data opcodes of RFC 6455 section 5.2."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2


TEXT_OPCODE: Final = Opcode.TEXT.value
"""For the media path, which spares itself the enum's lookup."""


class CloseCode(IntEnum):
    """The close codes that we send (RFC 6455 section 7.4.1)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    INVALID_DATA = 1007
    POLICY_VIOLATION = 1008
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    TRY_AGAIN_LATER = 1013


class FramingError(WireError):
    """Frames that make no message. ``close_code`` says what the peer is told."""

    def __init__(self, reason: str, close_code: CloseCode) -> None:
        self.close_code = close_code
        super().__init__(reason)


class TextAssembler:
    """Puts the frames of one connection together to whole text messages of at most ``limit_bytes``."""

    __slots__ = ("_parts", "_size_bytes", "limit_bytes")

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._parts: list[bytes] | None = None
        self._size_bytes = 0

    def add(self, opcode: int, payload: bytes, *, final: bool) -> bytes | None:
        """Return the message that this frame completes, or None if more must come.

        Raises FramingError: binary data (1003), a message over the limit (1009), fragments out of order (1002).
        """
        if opcode == TEXT_OPCODE and final and self._parts is None:
            if len(payload) > self.limit_bytes:
                raise self._too_big()
            return payload
        if opcode == Opcode.BINARY:
            raise FramingError("binary frame where text was promised", CloseCode.UNSUPPORTED_DATA)
        if (opcode == Opcode.CONTINUATION) is (self._parts is None):
            raise FramingError("fragments out of order", CloseCode.PROTOCOL_ERROR)
        parts = self._parts = self._parts or []
        parts.append(payload)
        # Empty fragments cost memory too: each counts as one byte at least.
        self._size_bytes += max(1, len(payload))
        if self._size_bytes > self.limit_bytes:
            raise self._too_big()
        if not final:
            return None
        self._parts, self._size_bytes = None, 0
        return b"".join(parts)

    def _too_big(self) -> FramingError:
        self._parts, self._size_bytes = None, 0
        return FramingError(f"message over {self.limit_bytes} bytes", CloseCode.TOO_BIG)
