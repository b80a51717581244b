"""An HTTP server inside the running loop: uvicorn, without its hand on the process's signals."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, Self

import uvicorn
from fastapi import FastAPI

BACKLOG: Final = 1024
"""Connections that wait to be accepted."""


class _QuietServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Whoever runs the loop decides about signals."""
        yield


class ApiServer:
    """Serves an application while it is entered. ``port`` 0 takes a free one."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._server = _QuietServer(
            uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", loop="none")
        )
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        if self._socket is None:
            raise RuntimeError("the server has not been started")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._socket.getsockname()[1]}"

    async def __aenter__(self) -> Self:
        """Listen. OSError if the port is taken."""
        self._socket = _listen(self._host, self._port)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("the server ended before it began")
            await asyncio.sleep(0)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop listening, and drop who still asks."""
        if self._task is not None and self._socket is not None:
            # uvicorn's own way out waits for tenths of seconds, for requests that nobody here waits for.
            self._task.cancel()
            for server in self._server.servers:
                server.close()
            self._socket.close()
            state = self._server.server_state
            for connection in tuple(state.connections):
                connection.shutdown()
            unfinished = tuple(state.tasks)
            for task in unfinished:
                task.cancel()
            await asyncio.wait([self._task, *unfinished])
            await asyncio.sleep(0)  # for the transports to close


def _listen(host: str, port: int) -> socket.socket:
    # The protocol is named because asyncio turns Nagle's algorithm off only where it reads TCP; with it on, each
    # answer takes 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
