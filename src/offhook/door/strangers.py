"""Holds up who asks again and again without what they should show.

The doors say in the request's state that somebody is a stranger; who looks for paths that do not exist is one, too.
Over the limit they are answered 429, and what shows nothing at all is not even read.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offhook.door.proxies import Proxies
from offhook.door.rates import Rates
from offhook.telemetry.logs import get_logger

MARK: Final = "stranger"
"""In the state of a request: it showed no valid signature or token."""

log = get_logger("offhook.door.strangers")


class StrangersLimit:
    """ASGI middleware. ``shown``: the header without which nobody gets in, by the beginning of the path."""

    def __init__(self, app: ASGIApp, rates: Rates, proxies: Proxies, shown: Mapping[str, str]) -> None:
        self._app = app
        self._rates = rates
        self._proxies = proxies
        self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        source = self._proxies.source(scope["client"][0] if scope.get("client") else None, headers)
        if scope["type"] == "websocket":  # media streams do not come this way, and there are no others yet
            if self._count(scope, source, 403) is None:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        must_wait_s = self._rates.stranger_must_wait(source)
        if must_wait_s is not None and self._shows_nothing(scope["path"], headers):
            await too_many(must_wait_s)(scope, receive, send)
            return
        await self._app(scope, receive, self._watching(scope, receive, send, source))

    def _shows_nothing(self, path: str, headers: Headers) -> bool:
        return any(path.startswith(beginning) and name not in headers for beginning, name in self._shown.items())

    def _watching(self, scope: Scope, receive: Receive, send: Send, source: str) -> Send:
        refused = False

        async def watched(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and _is_strange(scope, message["status"]):
                wait_s = self._count(scope, source, message["status"])
                if wait_s is not None:
                    refused = True
                    await too_many(wait_s)(scope, receive, send)
            if not refused:
                await send(message)

        return watched

    def _count(self, scope: Scope, source: str, status: int) -> float | None:
        wait_s = self._rates.stranger(source)
        if wait_s is None:  # over the limit nothing is logged, or they would fill the log
            log.warning("a stranger is refused", path=scope["path"], status=status, source=source)
        return wait_s


def too_many(wait_s: float) -> JSONResponse:
    """The answer to who asks too often."""
    response = JSONResponse({"error": "too many requests"}, status_code=429)
    MutableHeaders(raw=response.raw_headers)["Retry-After"] = str(math.ceil(wait_s))
    return response


def _is_strange(scope: Scope, status: int) -> bool:
    state: Any = scope.get("state", {})
    return MARK in state or (status == 404 and "endpoint" not in scope)
