"""An event loop whose name lookups do not outlive their caller's patience.

``getaddrinfo`` cannot be interrupted. asyncio runs it in a pool of threads that Python waits for at exit, so a silent
DNS server would hold up a command for half a minute after it has said all it has to say. Here each lookup has a thread
that nobody waits for.
"""

import asyncio
import contextlib
import socket
import threading
from typing import Any


class LookupLoop(asyncio.SelectorEventLoop):
    """A plain loop with lookups in daemon threads. For short commands, not for serving."""

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """As ``socket.getaddrinfo``."""
        found: asyncio.Future[list[Any]] = self.create_future()

        def settle(answer: list[Any] | OSError | UnicodeError) -> None:
            if found.done():
                return
            if isinstance(answer, list):
                found.set_result(answer)
            else:
                found.set_exception(answer)

        def look_up() -> None:
            answer: list[Any] | OSError | UnicodeError
            try:
                answer = socket.getaddrinfo(host, port, family, type, proto, flags)
            except (OSError, UnicodeError) as error:
                answer = error
            with contextlib.suppress(RuntimeError):  # the loop is closed: the answer came too late
                self.call_soon_threadsafe(settle, answer)

        threading.Thread(target=look_up, name="lookup", daemon=True).start()
        return await found
