"""Uvicorn's HTTP protocol, with what it lacks for a door to the world.

* The head of a request has a limit, and a request has to be complete within a time; uvicorn would take in heads without
  end, and keep who connects and says nothing for ever.
* Connections from which a request is awaited are so many and no more (``lobby``), requests that wait on one connection
  while another is answered as well, and an answer that nobody takes is not kept for ever.
* What came in one piece with an upgrade request is handed on to who speaks on it then; uvicorn drops it.
"""

import asyncio
import sys
from functools import partial
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from offhook.door.lobby import Lobby

HEAD_LIMIT_BYTES: Final = 16 * 1024
"""Request line and headers. Twilio's are about 1 kB."""

REQUEST_WITHIN_S: Final = 15.0
"""From the connection, or the answer before, until all of a request is here."""

TAKEN_WITHIN_S: Final = 5.0
"""What is still to be sent when a connection is closed has to be taken by then."""

PIPELINED_LIMIT: Final = 16
"""Requests that wait while another is answered. Proxies and browsers send one at a time; each is about 3 kB here."""

_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _Refused(Exception):
    """Raised in the parser, which passes it on as an error in the request."""


class GatewayHttp(HttpToolsProtocol):
    """One connection, until it is upgraded."""

    def __init__(self, *args: Any, lobby: Lobby, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lobby = lobby
        self._in_head = True
        self._head_bytes = 0
        self._fields_bytes = 0
        self._latest = b""
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody came; a request has to follow."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """They went."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some more of a request, or the beginning of the next."""
        self._latest = data
        super().data_received(data)
        self._latest = b""
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self._say_too_large()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head = True
        self._fields_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Some of its address."""
        self._count_field(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers."""
        self._count_field(len(name) + len(value) + 4)
        super().on_header(name, value)

    def _count_field(self, size: int) -> None:
        # A head that comes in one piece with its end is over before it is known how long it is.
        self._fields_bytes += size
        if self._fields_bytes > HEAD_LIMIT_BYTES:
            self._say_too_large()
            raise _Refused

    def _say_too_large(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self._close()

    def on_headers_complete(self) -> None:
        """Its head is here."""
        self._in_head, self._head_bytes = False, 0
        if len(self.pipeline) >= PIPELINED_LIMIT:
            raise _Refused
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What came is no request; unless that was said already in other words."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def on_message_complete(self) -> None:
        """All of it is."""
        self._wait_no_more()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It is answered; unless another one is being worked on already, one may follow."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._wait()

    def handle_websocket_upgrade(self) -> None:
        """Another protocol takes over, with what it was sent already."""
        self._wait_no_more()
        self._in_head = False
        reached = sys.exception()  # tells how much of the latest data was the request
        super().handle_websocket_upgrade()
        rest = self._latest[reached.args[0] :] if isinstance(reached, httptools.HttpParserUpgrade) else b""
        successor: Any = self.transport.get_protocol()
        if rest and not self.transport.is_closing():
            successor.data_received(rest)

    def show_out(self) -> None:
        """They have waited longest, and there is no room."""
        self._wait_no_more()
        self.transport.abort()

    def _wait(self) -> None:
        self._wait_no_more()
        self._lobby.enter(self)
        self._patience = self.loop.call_later(REQUEST_WITHIN_S, self._waited_enough)

    def _wait_no_more(self) -> None:
        self._lobby.leave(self)
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _waited_enough(self) -> None:
        # A request that is being answered already, while the rest of it is still awaited, goes with it.
        self._close()

    def _close(self) -> None:
        """Close, and do not keep what the peer does not take."""
        self._wait_no_more()
        self.transport.close()
        self._patience = self.loop.call_later(TAKEN_WITHIN_S, self.transport.abort)


def http_with(lobby: Lobby) -> type[asyncio.Protocol]:
    """For the ``http`` slot of a uvicorn configuration: connections that wait in this lobby."""
    # Uvicorn only calls it; a class of its own for each server would say the same with more words.
    return cast(type[asyncio.Protocol], partial(GatewayHttp, lobby=lobby))
