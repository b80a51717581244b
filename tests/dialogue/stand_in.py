"""A real HTTP server that answers as chat endpoints do, on a good day and on a bad one."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

Answer = Callable[[], Response]


def event(value: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def words(*texts: str, finish: str | None = "stop") -> list[bytes]:
    """A reply of these words, as events."""
    events = [event({"choices": [{"index": 0, "delta": {"content": text}}]}) for text in texts]
    if finish is not None:
        events.append(event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}))
        events.append(event({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}))
        events.append(event(b"[DONE]"))
    return events


def call(name: str, *arguments: str) -> list[bytes]:
    """A reply that calls a tool, its arguments in pieces."""
    first = {"index": 0, "id": "call_7", "type": "function", "function": {"name": name, "arguments": ""}}
    pieces = [{"index": 0, "function": {"arguments": piece}} for piece in arguments]
    events = [event({"choices": [{"delta": {"tool_calls": [piece]}}]}) for piece in (first, *pieces)]
    return [*events, event({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}), event(b"[DONE]")]


def streamed(pieces: list[bytes], *, stall: bool = False, size: int | None = None) -> Answer:
    """An answer in these pieces, or cut anew to ``size`` bytes each; ``stall`` waits for ever at its end."""
    whole = b"".join(pieces)
    cut = pieces if size is None else [whole[at : at + size] for at in range(0, len(whole), size)]

    async def body() -> AsyncIterator[bytes]:
        for piece in cut:
            yield piece
            await asyncio.sleep(0)
        if stall:
            await asyncio.Event().wait()

    return lambda: StreamingResponse(body(), media_type="text/event-stream")


class StandIn:
    """The endpoint. Answers in the order of ``answers``, the last one again and again."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.forget()

    def forget(self) -> None:
        """Begin anew, with nothing to answer."""
        self.answers: list[Answer] = []
        self.asked: list[dict[str, Any]] = []
        """The bodies of the requests."""
        self.keys: list[str] = []
        """Their authorization."""
        self.left = asyncio.Event()
        """A client has gone before the end of its answer."""

    async def answer(self, request: Request) -> Response:
        """One request."""
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("authorization", ""))
        response = (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])()
        if isinstance(response, StreamingResponse):
            response.body_iterator = self._watched(response.body_iterator)
        return response

    async def _watched(self, body: Any) -> AsyncIterator[bytes]:
        try:
            async for piece in body:
                yield piece
        except (asyncio.CancelledError, GeneratorExit):
            self.left.set()
            raise


class _Server(uvicorn.Server):
    """Tells when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def serve() -> AsyncIterator[StandIn]:
    """The endpoint on a free port of this machine."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    stand_in = StandIn(listener.getsockname()[1])
    app = Starlette(routes=[Route("/v1/chat/completions", stand_in.answer, methods=["POST"])])
    server = _Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await server.ready.wait()
    try:
        yield stand_in
    finally:
        server.should_exit = True
        await serving
        listener.close()
