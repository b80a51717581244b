"""How much a request may bring. A webhook of Twilio is about 1 kB."""

from contextlib import suppress
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT_BYTES: Final = 64 * 1024


class _TooLarge(Exception):
    pass


class BodyLimit:
    """Answers 413 to a request whose body is over BODY_LIMIT_BYTES, whatever its headers say."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        left = BODY_LIMIT_BYTES
        answered = False

        async def limited() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            if left < 0 and not answered:
                return  # what the application made of the exception; ours is the better answer
            answered = True
            await send(message)

        with suppress(_TooLarge):
            await self._app(scope, limited, noted)
        if left < 0 and not answered:
            too_large = JSONResponse({"error": f"the body is over {BODY_LIMIT_BYTES} bytes"}, status_code=413)
            await too_large(scope, receive, send)
