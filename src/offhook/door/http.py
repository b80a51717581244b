"""Uvicorn's HTTP protocol, with what it lacks for a door to the world.

* The head of a request has a limit, and a request has to be complete within a time; uvicorn would take in heads without
  end, and keep who connects and says nothing for ever.
* What came in one piece with an upgrade request is handed on to who speaks on it then; uvicorn drops it.
"""

import asyncio
import sys
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT_BYTES: Final = 16 * 1024
"""Request line and headers. Twilio's are about 1 kB."""

REQUEST_WITHIN_S: Final = 15.0
"""From the connection, or the answer before, until all of a request is here."""

_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class GatewayHttp(HttpToolsProtocol):
    """One connection, until it is upgraded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
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
            if self._head_bytes > HEAD_LIMIT_BYTES and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Its head is here."""
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

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

    def _wait(self) -> None:
        self._wait_no_more()
        self._patience = self.loop.call_later(REQUEST_WITHIN_S, self._waited_enough)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _waited_enough(self) -> None:
        # A request that is being answered already, while the rest of it is still awaited, goes with it.
        self.transport.close()
