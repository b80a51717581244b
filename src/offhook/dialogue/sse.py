"""Server-sent events, read from bytes as they come.

Only what chat endpoints use of https://html.spec.whatwg.org/multipage/server-sent-events.html: ``data`` lines, joined
until an empty line; comments and other fields are skipped. Lines end with LF, CRLF or CR.
"""

from typing import Final

from offhook.errors import WireError

EVENT_LIMIT_BYTES: Final = 256 * 1024
"""A longer event is none that a chat endpoint sends; half-read ones are kept in memory."""


class Events:
    """Bytes in, data of events out."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0
        self._after_cr = False

    def feed(self, piece: bytes) -> list[str]:
        """The events that are complete with this piece. Raises WireError for one that is too long."""
        if self._after_cr and piece:
            piece, self._after_cr = piece.removeprefix(b"\n"), False
        text = self._rest + piece
        self._after_cr = text.endswith(b"\r")  # a LF may follow in the next piece; the line is over in any case
        lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop()
        events = [event for line in lines if (event := self._line(line)) is not None]
        if len(self._rest) + self._size > EVENT_LIMIT_BYTES:
            raise WireError(f"an event has more than {EVENT_LIMIT_BYTES} bytes", self._rest[:80])
        return events

    def end(self) -> list[str]:
        """The stream has ended. What was complete but for its empty line counts: some servers leave it out."""
        events = self.feed(b"\n\n") if self._rest or self._data else []
        self._rest = b""
        return events

    def _line(self, line: bytes) -> str | None:
        if not line:
            data, self._data, self._size = self._data, [], 0
            return b"\n".join(data).decode("utf-8", "replace") if data else None
        if line.startswith(b"data:"):
            value = line[5:].removeprefix(b" ")
            self._data.append(value)
            self._size += len(value)
        return None
