"""The speech engine: can it be reached, and does it take the key."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from picows import WSCloseCode, WSFrame, WSHandshakeError, WSListener, WSMsgType, WSTransport, ws_connect

from offhook.doctor.finding import Finding, failed, ok, warning
from offhook.doctor.trouble import trouble
from offhook.settings import Settings

NAME = "engine"
FIRST_EVENT_BYTES = 1_000_000
"""More than this before the first event ends is no realtime engine."""

_KEY = "put a valid key into OFFHOOK_OPENAI_API_KEY"
_ADDRESS = "check OFFHOOK_OPENAI_URL"
_REFUSALS = {
    401: ("does not accept the key (401)", _KEY),
    403: ("does not let this key use this model from here (403)", "check the key's project, model and region"),
    404: ("knows no such address or model (404)", f"{_ADDRESS} and OFFHOOK_OPENAI_MODEL"),
    429: ("has too many requests from this key, or its credit is used up (429)", "check the account's limits"),
}


async def engine_reachable(settings: Settings, limit_s: float) -> Finding:
    """Open a session as a call would, wait for its first event, and close it. No sound is sent."""
    url = with_model(settings.openai_url, settings.openai_model)
    key = settings.openai_api_key
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    host = urlsplit(url).netloc
    listener = _FirstEvent()
    deadline = asyncio.get_running_loop().time() + limit_s
    try:
        async with asyncio.timeout_at(deadline):
            transport, _ = await ws_connect(
                lambda: listener,
                url,
                extra_headers=headers,
                max_redirects=0,  # the key is for this host only
                # Earlier than the limit: cancelled in the middle of the handshake, picows leaves the socket open.
                websocket_handshake_timeout=limit_s / 2,
            )
    except WSHandshakeError as error:
        status = error.response.status if error.response is not None else None
        return refused(host, status, has_key=key is not None)
    except Exception as error:
        why = trouble(error, url, limit_s)
        return failed(NAME, why.detail, why.remedy)
    try:
        async with asyncio.timeout_at(deadline):
            text = await listener.text
    except TimeoutError:
        return warning(NAME, f"{host} took the connection, but said nothing within {limit_s:g} s", _ADDRESS)
    finally:
        transport.send_close(WSCloseCode.OK)
        transport.disconnect()
    if text is None:
        return failed(NAME, f"{host} took the connection and closed it at once", _ADDRESS)
    return greeted(host, text)


def with_model(url: str, model: str) -> str:
    """Name the model in the URL, unless it names one already."""
    parts = urlsplit(url)
    if "model" in parse_qs(parts.query):
        return url
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode({"model": model}))))))


def refused(host: str, status: int | None, *, has_key: bool) -> Finding:
    """What the HTTP status of a refused upgrade says; None when the answer was not HTTP."""
    if status == 401 and not has_key:
        return ok(NAME, f"{host} is reachable; it asks for a key")
    if status in _REFUSALS:
        detail, remedy = _REFUSALS[status]
        return failed(NAME, f"{host} {detail}", remedy)
    if status is not None and status >= 500:
        return failed(NAME, f"{host} answers HTTP {status}", "try again; status.openai.com tells of failures")
    said = "HTTP" if status is None else f"HTTP {int(status)}"
    return failed(NAME, f"{host} answers, but not as a realtime engine ({said})", _ADDRESS)


def greeted(host: str, text: str) -> Finding:
    """What the first event says. Some refusals come only here: an engine may open the socket for any key."""
    try:
        event: Any = json.loads(text)
    except ValueError:
        event = None
    match event:
        case {"type": "session.created"}:
            return ok(NAME, f"{host} opened a session")
        case {"type": "error", "error": {"code": "invalid_api_key"}}:
            return failed(NAME, f"{host} does not accept the key", _KEY)
        case {"type": "error", "error": dict(error)}:
            said = str(error.get("message") or error.get("code") or error.get("type"))[:200]
            return failed(NAME, f"{host} refused the session: {said}", "check the account, and OFFHOOK_OPENAI_MODEL")
        case _:
            return failed(NAME, f"{host} answers, but not as a realtime engine", _ADDRESS)


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
