"""``GET /stats``: what the far end has seen so far, as JSON. On a port of its own: the other one speaks WebSocket."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

PATH: Final = "/stats"
REQUEST_LIMIT_BYTES: Final = 8192
REQUEST_WITHIN_S: Final = 5.0


class StatsPage:
    """Serves one page while its block is entered. ``port`` 0 takes a free one; OSError if it is taken."""

    def __init__(self, read: Callable[[], dict[str, Any]], host: str = "127.0.0.1", port: int = 0) -> None:
        self._read = read
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Of the page."""
        return f"http://{self._host}:{self._port}{PATH}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, self._port, limit=REQUEST_LIMIT_BYTES)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_WITHIN_S):
                request = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0].split()
            known = len(request) == 3 and request[0] == b"GET" and request[1] == PATH.encode()
            status = "200 OK" if known else "404 Not Found"
            body = json.dumps(self._read() if known else {"error": f"there is only GET {PATH}"}).encode()
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)
            await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
