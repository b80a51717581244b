"""The socket of one session: messages in, events out."""

import asyncio
from collections.abc import Callable
from typing import Final

from offhook.realtime_server.socket import Connection
from offhook.speech.faculties import Faculties
from offhook.speech.lessons import Lesson
from offhook.speech.session import Event, Session
from offhook.wires.messages import CloseCode
from offhook.wires.openai_realtime.asides import encode

MESSAGE_LIMIT_BYTES: Final = 3 * 1024 * 1024
"""Longest message of a client: half a minute of linear sound at 24 kHz is 1.9 MB in it."""

UNSENT_LIMIT_BYTES: Final = 8 * 1024 * 1024
"""A client that leaves more unread is cut off: it is twelve minutes of µ-law, and more than any event."""

EXPIRED: Final = "The session has reached its longest time."


class SpeechConnection(Connection):
    """Holds a session for as long as the socket stands, and ``limit_s`` at most."""

    def __init__(
        self,
        faculties: Faculties,
        lesson: Lesson,
        *,
        number: int,
        model: str,
        expires_at: int,
        limit_s: float,
        left: Callable[["SpeechConnection"], None],
    ) -> None:
        super().__init__(limit_bytes=MESSAGE_LIMIT_BYTES, unsent_limit_bytes=UNSENT_LIMIT_BYTES)
        self.session = Session(
            faculties,
            lesson,
            number=number,
            model=model,
            expires_at=expires_at,
            say=self._say,
            hang_up=self.hang_up,
        )
        self._left = left
        self._limit = asyncio.get_running_loop().call_later(limit_s, self.session.expire, EXPIRED)

    def on_open(self) -> None:
        """See ``Connection``."""
        self.session.open()

    def on_message(self, message: bytes) -> None:
        """See ``Connection``."""
        self.session.receive(message)

    def on_lost(self) -> None:
        """See ``Connection``."""
        self._limit.cancel()
        self.session.close()
        self._left(self)

    def dismiss(self, reason: str) -> None:
        """The server stops."""
        self.session.close()
        self.hang_up(CloseCode.GOING_AWAY, reason)

    def _say(self, event: Event) -> None:
        self.send(encode(event))
