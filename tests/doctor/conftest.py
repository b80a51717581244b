import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest


class Server:
    """An HTTP server that answers everything alike, and keeps what it was asked."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
async def serve(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    """``await serve("200 OK", {"a": 1})`` starts a server on a free port; it stops with the test.

    A body that is not text is sent as JSON. Without a status the server accepts and stays silent; ``raw`` is sent as it
    is instead.
    """
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    over = asyncio.Event()

    async with AsyncExitStack() as stack:

        async def start(status: str | None = None, body: Any = "", *, headers: str = "", raw: bytes = b"") -> Server:
            server = Server()
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{headers}Connection: close\r\n\r\n"
            answer = raw or head.encode() + content

            async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    server.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
                    if status is None and not raw:
                        await over.wait()
                    else:
                        writer.write(answer)
                        await writer.drain()
                except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
                    pass
                finally:
                    writer.close()

            listener = await asyncio.start_server(handle, "127.0.0.1", 0)
            server.port = listener.sockets[0].getsockname()[1]
            stack.push_async_callback(listener.wait_closed)
            stack.callback(listener.close)
            return server

        yield start
        over.set()


@pytest.fixture
async def closed_port() -> int:
    """A port that nobody listens on."""
    listener = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port: int = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    return port
