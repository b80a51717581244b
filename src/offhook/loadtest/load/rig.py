"""A gateway and a far end of our own, each in a process, for as long as a load test takes.

Nothing here knows the gateway but by its command line, its settings and its health page.
"""

import asyncio
import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import httpx

from offhook.errors import OffhookError
from offhook.loadtest.load.plan import Pattern
from offhook.loadtest.load.target import USUAL_ACCOUNT_SID, VOICE_PATH, Target

READY_WITHIN_S: Final = 30.0
STOP_WITHIN_S: Final = 5.0
"""After SIGTERM a process has so long; then it is killed."""

LOG_TAIL_BYTES: Final = 2000
HOST: Final = "127.0.0.1"

OPEN_WIDE: Final = 10_000
"""OFFHOOK_MAX_CALLS_PER_WORKER of a gateway of ours, if nothing else is asked for."""

NEVER_FULL: Final = {"OFFHOOK_OVERLOAD_LAG_MS": "60000", "OFFHOOK_ACCOUNT_CALLS_PER_SECOND": "10000"}
"""For a gateway that shall bend before it refuses."""


class RigError(OffhookError):
    """A process that the load test needs did not start, or has ended."""


class Process:
    """A program of ours, and the end of what it said on stderr."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.process = process
        self._log = log

    @property
    def pid(self) -> int:
        """Of the process."""
        return self.process.pid

    def failure(self, what: str) -> RigError:
        """What happened to it, and what it said last."""
        said = ""
        with suppress(OSError):
            said = self._log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").strip()
        last = said.splitlines()[-1] if said else "it said nothing"
        return RigError(f"the {self.name} {what}: {last}")


@asynccontextmanager
async def running(
    name: str, arguments: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """Run ``python -m …`` in a session of its own, so that Ctrl-C reaches us alone; stop it at the end, in any case."""
    log = folder / f"{name.replace(' ', '-')}.log"
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
    try:
        yield Process(name, process, log)
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
    except (TimeoutError, asyncio.CancelledError):
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@asynccontextmanager
async def far_end(
    pattern: Pattern, *, port: int = 0, think_ms: float | None = None
) -> AsyncIterator[tuple[Process, str, str]]:
    """A scripted far end: its process, the address for OFFHOOK_OPENAI_URL, and that of its stats. Raises RigError."""
    arguments = ["offhook.loadtest.far_end", "--paced", pattern.value, "--port", str(port)]
    if think_ms is not None:
        arguments += ["--think-ms", str(think_ms)]
    with tempfile.TemporaryDirectory(prefix="offhook-load-") as folder:
        async with running("far end", arguments, Path(folder)) as process:
            assert process.process.stdout is not None
            try:
                line = await asyncio.wait_for(process.process.stdout.readline(), READY_WITHIN_S)
                said = json.loads(line)
            except (TimeoutError, ValueError):
                raise process.failure("did not start") from None
            yield process, said["url"], said["stats_url"]


@asynccontextmanager
async def own_gateway(pattern: Pattern, *, max_calls: int = OPEN_WIDE, refuses: bool = True) -> AsyncIterator[Target]:
    """``offhook serve`` with a scripted far end. Raises RigError.

    Above ``max_calls`` it refuses; unless ``refuses`` is False, it does so too when it is overloaded.
    """
    async with far_end(pattern) as (far, far_url, stats_url):
        token, port = secrets.token_hex(16), _free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OFFHOOK_")}
        environment = kept | {
            "OFFHOOK_HOST": HOST,
            "OFFHOOK_PORT": str(port),
            "OFFHOOK_ENGINE": "openai",
            "OFFHOOK_OPENAI_URL": far_url,
            "OFFHOOK_OPENAI_API_KEY": secrets.token_hex(8),
            "OFFHOOK_TWILIO_AUTH_TOKEN": token,
            "OFFHOOK_TWILIO_ACCOUNT_SID": USUAL_ACCOUNT_SID,
            "OFFHOOK_MAX_CALLS_PER_WORKER": str(max_calls),
            "OFFHOOK_LOG_LEVEL": "warning",
            "OFFHOOK_DRAIN_SECONDS": "0",
        }
        if not refuses:
            environment |= NEVER_FULL
        with tempfile.TemporaryDirectory(prefix="offhook-load-") as folder:
            async with running("gateway", ["offhook", "serve"], Path(folder), environment) as gateway:
                await _until_healthy(gateway, f"http://{HOST}:{port}/healthz")
                yield Target(
                    f"http://{HOST}:{port}{VOICE_PATH}",
                    auth_token=token,
                    pid=gateway.pid,
                    stats_url=stats_url,
                    far_end_pid=far.pid,
                )


async def _until_healthy(gateway: Process, url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while True:
                    if gateway.process.returncode is not None:
                        raise gateway.failure("did not start")
                    with suppress(httpx.TransportError):
                        if (await http.get(url)).is_success:
                            return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise gateway.failure(f"did not answer within {READY_WITHIN_S:g} s") from None


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
