"""An HTTP server that answers what a test tells it to, and keeps what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs


class Office:
    """Answers each request with the next of ``answers``, the last one for ever; None: not at all."""

    def __init__(self, *answers: tuple[int, str] | None) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, str]] = []
        """Method and path."""
        self.forms: list[dict[str, list[str]]] = []
        self.url = ""
        self._over = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                lines = head.split("\r\n")
                method, path, _ = lines[0].split(" ")
                length = next((int(x.split(":")[1]) for x in lines if x.lower().startswith("content-length:")), 0)
                self.forms.append(parse_qs((await reader.readexactly(length)).decode(), keep_blank_values=True))
                self.requests.append((method, path))
                answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
                if answer is None:
                    await self._over.wait()
                    return
                status, body = answer
                kind = "application/json" if body[:1] in "{[" else "text/xml" if "<Response" in body else "text/html"
                content = body.encode()
                writer.write(
                    f"HTTP/1.1 {status} So\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n".encode()
                )
                writer.write(content)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def close(self) -> None:
        self._over.set()


@asynccontextmanager
async def office(*answers: tuple[int, str] | None) -> AsyncIterator[Office]:
    desk = Office(*answers)
    server = await asyncio.start_server(desk.serve, "127.0.0.1", 0)
    desk.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield desk
    finally:
        desk.close()
        server.close()
        await server.wait_closed()
