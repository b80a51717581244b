"""Opening a session of a realtime engine as a call would, and what came of it. No sound is sent.

What it means, and what to do about it, is for each engine to say: ``engine`` and ``speech_server``.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from picows import WSCloseCode, WSFrame, WSHandshakeError, WSListener, WSMsgType, WSTransport, ws_connect

from offhook.doctor.trouble import Trouble, trouble

FIRST_EVENT_BYTES: Final = 1_000_000
"""More than this before the first event ends is no realtime engine."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """No connection came about."""

    why: Trouble


@dataclass(frozen=True, slots=True)
class Refused:
    """The upgrade was answered with this HTTP status; None when the answer was not HTTP."""

    status: int | None


@dataclass(frozen=True, slots=True)
class Silent:
    """The connection stands, and nothing was said on it."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The connection was closed at once."""


@dataclass(frozen=True, slots=True)
class Created:
    """A session is open."""


@dataclass(frozen=True, slots=True)
class Complained:
    """The first event is an error. Some refusals come only here: an engine may open the socket for any key."""

    code: str
    said: str
    """At most 200 characters."""


@dataclass(frozen=True, slots=True)
class Strange:
    """The first event is none that a realtime engine begins with."""


Opening = Unreached | Refused | Silent | HungUp | Created | Complained | Strange


async def open_session(url: str, headers: Mapping[str, str], limit_s: float) -> Opening:
    """Open a session, wait for its first event, and close it."""
    listener = _FirstEvent()
    deadline = asyncio.get_running_loop().time() + limit_s
    try:
        async with asyncio.timeout_at(deadline):
            transport, _ = await ws_connect(
                lambda: listener,
                url,
                extra_headers=dict(headers),
                max_redirects=0,  # the key is for this host only
                # Earlier than the limit: cancelled in the middle of the handshake, picows leaves the socket open.
                websocket_handshake_timeout=limit_s / 2,
            )
    except WSHandshakeError as error:
        return Refused(int(error.response.status) if error.response is not None else None)
    except Exception as error:
        return Unreached(trouble(error, url, limit_s))
    try:
        async with asyncio.timeout_at(deadline):
            text = await listener.text
    except TimeoutError:
        return Silent()
    finally:
        transport.send_close(WSCloseCode.OK)
        transport.disconnect()
    return HungUp() if text is None else greeted(text)


def greeted(text: str) -> Opening:
    """What the first event says."""
    try:
        event: Any = json.loads(text)
    except ValueError:
        event = None
    match event:
        case {"type": "session.created"}:
            return Created()
        case {"type": "error", "error": dict(error)}:
            said = error.get("message") or error.get("code") or error.get("type")
            return Complained(str(error.get("code") or ""), str(said)[:200])
        case _:
            return Strange()


class _FirstEvent(WSListener):
    """Waits for one text message, which may come in fragments; None when the peer hangs up before."""

    def __init__(self) -> None:
        self.text: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._parts = b""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()
        if frame.msg_type not in (WSMsgType.TEXT, WSMsgType.CONTINUATION) or self.text.done():
            return
        self._parts += frame.get_payload_as_bytes()
        if frame.fin or len(self._parts) > FIRST_EVENT_BYTES:
            self.text.set_result(self._parts.decode("utf-8", "replace"))

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.text.done():
            self.text.set_result(None)
