"""The WebSocket underneath a session: who is let in, whole messages in and out, and how a connection ends."""

import asyncio
from abc import abstractmethod
from http import HTTPStatus
from typing import Final, cast

import msgspec
from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)

from offhook.wires.messages import FramingError, TextAssembler
from offhook.wires.openai_realtime.server_events import MESSAGE_LIMIT_BYTES

CLOSE_LINGER_S: Final = 2.0
"""So long the peer may take to answer a close frame, or to read what was still to be sent, before the socket ends."""

REASON_LIMIT_BYTES: Final = 123
"""Of a close frame's reason: a control frame holds 125, with the code (RFC 6455 section 5.5)."""


def refused(status: HTTPStatus, message: str, code: str | None) -> WSUpgradeResponseWithListener:
    """No upgrade: an HTTP answer with the body that OpenAI's errors have."""
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    headers = {"Content-Type": "application/json"}
    response = WSUpgradeResponse.create_error_response(status, msgspec.json.encode(body), headers)
    return WSUpgradeResponseWithListener(response, None)


class Connection(WSListener):
    """One socket of a server. Nothing waits here: a message in, messages out.

    A message is text of at most ``limit_bytes``; whoever sends another is hung up on. ``unsent_limit_bytes``: a peer
    that leaves more than that unread is cut off; None, nobody is, and what is unread piles up.
    """

    def __init__(self, *, limit_bytes: int = MESSAGE_LIMIT_BYTES, unsent_limit_bytes: int | None = None) -> None:
        self.is_ending = False
        """Hung up on, by either side, or lost: nothing more is taken in or sent."""
        self._loop = asyncio.get_running_loop()
        self._assembler = TextAssembler(limit_bytes)
        self._unsent_limit_bytes = unsent_limit_bytes
        self._transport: WSTransport | None = None
        self._linger: asyncio.TimerHandle | None = None

    @abstractmethod
    def on_open(self) -> None:
        """The upgrade is done: messages can be sent from here on."""

    @abstractmethod
    def on_message(self, message: bytes) -> None:
        """The client sent this, whole."""

    @abstractmethod
    def on_lost(self) -> None:
        """The socket is gone, however that came. Told once, after ``on_open``."""

    def on_refused_frame(self, error: FramingError) -> None:
        """The client sent what is no message, and is hung up on next. Does nothing unless overridden."""

    def send(self, message: bytes, *, is_binary: bool = False) -> None:
        """Send a message; nothing once the connection is ending."""
        if self._transport is not None and not self.is_ending:
            self._transport.send(WSMsgType.BINARY if is_binary else WSMsgType.TEXT, message)

    def hang_up(self, close_code: int, reason: str = "") -> None:
        """Close, and cut the socket when the peer has not done so after CLOSE_LINGER_S. A long reason is cut."""
        if self._transport is None or self.is_ending:
            return
        short = reason.encode()[:REASON_LIMIT_BYTES].decode(errors="ignore")
        self._transport.send_close(cast(WSCloseCode, close_code), short.encode())
        self._end()

    def cut(self) -> None:
        """End the socket at once, without a close frame; what was not sent yet is lost."""
        if self._transport is not None:
            self.is_ending = True
            self._transport.disconnect(graceful=False)

    # ---- the socket ------------------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Called by picows."""
        self._transport = transport
        if self._unsent_limit_bytes is not None:
            transport.underlying_transport.set_write_buffer_limits(high=self._unsent_limit_bytes)
        self.on_open()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Called by picows."""
        kind = frame.msg_type
        if kind == WSMsgType.CLOSE:
            code = frame.get_close_code()
            # A close frame may be empty; its answer must not carry the 0 that stands for that.
            transport.send_close(WSCloseCode.OK if code == WSCloseCode.NO_INFO else code)
            transport.disconnect()
            self._end()
            return
        if self.is_ending or kind in (WSMsgType.PING, WSMsgType.PONG):
            return
        try:
            message = self._assembler.add(kind.value, frame.get_payload_as_bytes(), final=bool(frame.fin))
        except FramingError as error:
            self.on_refused_frame(error)
            self.hang_up(error.close_code, error.reason)
            return
        if message is not None:
            self.on_message(message)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Called by picows."""
        self.is_ending = True
        self._transport = None
        if self._linger is not None:
            self._linger.cancel()
        self.on_lost()

    def pause_writing(self) -> None:
        """Called by picows: more is unread than the limit (or than the loop's own, when there is none)."""
        if self._unsent_limit_bytes is not None:
            # This comes out of the middle of send(), whose caller is not done with it.
            self._loop.call_soon(self.cut)

    def resume_writing(self) -> None:
        """Called by picows. Nothing to do: whoever was too slow is cut off."""

    def _end(self) -> None:
        self.is_ending = True
        if self._linger is None:
            self._linger = self._loop.call_later(CLOSE_LINGER_S, self.cut)
