"""Uvicorn's ``ws`` slot: media upgrades go to picows, all others to uvicorn's own WebSocket implementation.

Uvicorn makes one object of the class in its ``ws`` slot for each upgrade, calls ``connection_made``, feeds it the
upgrade request again, and then makes it the transport's protocol. ``Slot`` looks at the path, builds the protocol that
will really speak, and takes itself out of the way; from then on a frame costs nothing that is ours.

What this leans on, and tests hold fast: ``WSProtocol`` is not one of picows' public names (so picows is pinned
exactly); it is a BufferedProtocol, so that bytes which arrive before the swap go in through ``get_buffer``; and the
swap has to come after uvicorn's own ``set_protocol``, hence ``call_soon``.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any, Final, cast

from picows import WSAutoPingStrategy, WSListener, WSUpgradeRequest, WSUpgradeResponseWithListener
from picows.picows import WSProtocol  # type: ignore[attr-defined]
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from offhook.carriers.twilio.addresses import MEDIA_PREFIX

HANDSHAKE_WITHIN_S: Final = 5
PING_EVERY_S: Final = 20
"""When a peer is silent for so long it is asked if it is there; one that does not answer for as long is gone."""

READ_BUFFER_BYTES: Final = 4096
"""To begin with; about a dozen media messages."""

Answer = WSListener | WSUpgradeResponseWithListener
MediaUpgrade = Callable[[WSUpgradeRequest, str | None], Answer]
"""Answers a media upgrade, given the request and the peer's address."""


def make_slot(
    media_upgrade: MediaUpgrade, *, message_limit_bytes: int, prefix: str = MEDIA_PREFIX
) -> type[asyncio.Protocol]:
    """The class for uvicorn's ``ws`` slot. Paths that begin with ``prefix`` carry media."""
    logger = logging.getLogger("picows.server")

    def picows_protocol(peer: str | None) -> Any:
        return WSProtocol(
            None,  # host and port: of a client
            None,  # path: of a client
            False,  # is_client_side
            lambda request: media_upgrade(request, peer),
            logger,
            True,  # disconnect_on_exception: one bad call hurts one call
            HANDSHAKE_WITHIN_S,
            True,  # enable_auto_ping
            PING_EVERY_S,
            PING_EVERY_S,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            True,  # enable_auto_pong
            message_limit_bytes,
            None,  # extra_headers
            READ_BUFFER_BYTES,
        )

    class Slot(asyncio.Protocol):
        """Stands in until the path is known."""

        def __init__(self, config: Any, server_state: Any, app_state: dict[str, Any]) -> None:
            self._uvicorn_parts = {"config": config, "server_state": server_state, "app_state": app_state}
            self._transport: asyncio.Transport | None = None
            self._real: Any = None
            self._is_media = False

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            # uvloop's transports are not asyncio.Transport by class, only by what they do.
            self._transport = cast(asyncio.Transport, transport)

        def data_received(self, data: bytes) -> None:
            if self._real is None:
                data = self._choose(data)
            if not self._is_media:
                self._real.data_received(data)
                return
            while data:
                room = self._real.get_buffer(len(data))
                size = min(len(room), len(data))
                room[:size] = data[:size]
                self._real.buffer_updated(size)
                data = data[size:]

        def eof_received(self) -> bool | None:
            return bool(self._real.eof_received()) if self._real is not None else None

        def connection_lost(self, exc: Exception | None) -> None:
            if self._real is not None:
                self._real.connection_lost(exc)

        def _choose(self, request: bytes) -> bytes:
            """Build the protocol that the path asks for; return the request as it is to be told to it."""
            transport = self._transport
            assert transport is not None
            path = request.split(b" ", 2)[1]
            self._is_media = path.startswith(prefix.encode())
            if self._is_media:
                peer = transport.get_extra_info("peername")
                self._real = picows_protocol(peer[0] if isinstance(peer, tuple) else None)
            else:
                self._real = WebSocketsSansIOProtocol(**self._uvicorn_parts)
            self._real.connection_made(transport)
            asyncio.get_running_loop().call_soon(transport.set_protocol, self._real)
            return _for_picows(request) if self._is_media else request

    return Slot


_CONNECTION: Final = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)


def _for_picows(request: bytes) -> bytes:
    """The request with ``Connection: Upgrade`` and nothing else in that header.

    It is a list in which upgrade has to stand, such as ``keep-alive, Upgrade`` (RFC 6455 section 4.2.1), and uvicorn
    has seen that it does; picows takes the one word only.
    """
    line, _, headers = _CONNECTION.sub(b"", request).partition(b"\r\n")
    return line + b"\r\nConnection: Upgrade\r\n" + headers
