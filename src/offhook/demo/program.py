"""One ``offhook`` command in a process of its own: started, awaited and ended."""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import httpx

from offhook.demo.failure import DemoFailed

READY_WITHIN_S: Final = 60.0
"""It takes 2 to 3 s on a quiet machine."""
END_WITHIN_S: Final = 6.0
"""After it was told to end; then it is killed."""

LOG_LINES_KEPT: Final = 12
LOG_LINE_LIMIT_BYTES: Final = 1 << 20

_ASK_EVERY_S: Final = 0.05


class Log:
    """What the processes write: keeps the end of it, and passes each line on."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._last: deque[str] = deque(maxlen=LOG_LINES_KEPT)

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The end of it."""
        return tuple(self._last)

    async def read(self, stream: asyncio.StreamReader) -> None:
        """Until the stream ends."""
        while line := await stream.readline():
            text = line.decode("utf-8", "replace").rstrip()
            self._last.append(text)
            self._tell(text)


class Program:
    """A running process. ``name`` is what people call it."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Log, reading: "asyncio.Task[None]") -> None:
        self.name = name
        self._process = process
        self._log = log
        self._reading = reading

    @property
    def process_id(self) -> int:
        """Its number."""
        return self._process.pid

    async def until_ready(self, http: httpx.AsyncClient, path: str) -> None:
        """Ask until it answers well. DemoFailed, with the end of the log, if it ends, or takes too long."""
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while not await _is_ready(http, path):
                    if self._process.returncode is not None:
                        raise await self.failure("as it started")
                    await asyncio.sleep(_ASK_EVERY_S)
        except TimeoutError:
            reason = f"the {self.name} did not come up within {READY_WITHIN_S:.0f} s"
            raise DemoFailed(reason, self._log.last_lines) from None

    async def until_gone(self) -> None:
        """Wait for its end. DemoFailed then: nobody has told it to."""
        await self._process.wait()
        raise await self.failure("by itself")

    async def failure(self, when: str) -> DemoFailed:
        """The error for a process that has ended."""
        await self._reading
        return DemoFailed(f"the {self.name} ended {when} (exit code {self._process.returncode})", self._log.last_lines)


@asynccontextmanager
async def started(name: str, *arguments: str, environment: Mapping[str, str], log: Log) -> AsyncIterator[Program]:
    """Start ``offhook`` with these arguments, and do not wait for it; end it on the way out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "offhook.demo.leash", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,  # Ctrl-C in the terminal is for the demo alone
        limit=LOG_LINE_LIMIT_BYTES,
    )
    assert process.stderr is not None
    reading = asyncio.create_task(log.read(process.stderr))
    try:
        yield Program(name, process, log, reading)
    finally:
        await _end(process)
        await reading


async def _is_ready(http: httpx.AsyncClient, path: str) -> bool:
    try:
        return (await http.get(path)).is_success
    except httpx.TransportError:
        return False


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_WITHIN_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
