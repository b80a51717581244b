"""What a scripted far end tells of itself, read from its stats page."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from offhook.errors import OffhookError
from offhook.loadtest.figures.distribution import Distribution

ANSWER_LIMIT_BYTES: Final = 4 * 1024 * 1024
WITHIN_S: Final = 5.0


class NoReadingError(OffhookError):
    """The far end does not tell."""


@dataclass(frozen=True, slots=True)
class FarReading:
    """As ``Gauges`` counts; all since the far end began."""

    sessions: int
    turns: int
    complaints: int
    received_ms: float
    sent_ms: float
    missing_ms: float
    heard: int
    quiet_ms: float
    """At this moment."""
    lost: Distribution
    lateness: Distribution
    sending: Distribution
    reply_time: Distribution
    cpu_s: float

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "FarReading":
        """KeyError, TypeError, ValueError if it is none."""
        return cls(
            sessions=int(value["sessions"]),
            turns=int(value["turns"]),
            complaints=int(value["complaints"]),
            received_ms=float(value["received_ms"]),
            sent_ms=float(value["sent_ms"]),
            missing_ms=float(value["missing_ms"]),
            heard=int(value["heard"]),
            quiet_ms=float(value["quiet_ms"]),
            lost=Distribution.from_json(value["lost"]),
            lateness=Distribution.from_json(value["lateness"]),
            sending=Distribution.from_json(value["sending"]),
            reply_time=Distribution.from_json(value["reply_time"]),
            cpu_s=float(value["cpu_s"]),
        )


async def read_far_end(stats_url: str) -> FarReading:
    """Ask for it. By hand, because it is asked every second, and an HTTP client would cost more than the callers.

    Raises NoReadingError.
    """
    parts = urlsplit(stats_url)
    try:
        async with asyncio.timeout(WITHIN_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
                answer = await reader.read(ANSWER_LIMIT_BYTES)
                while more := await reader.read(ANSWER_LIMIT_BYTES - len(answer)):
                    answer += more
            finally:
                writer.close()
        return FarReading.from_json(json.loads(answer.partition(b"\r\n\r\n")[2]))
    except (OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
        raise NoReadingError(f"the far end at {stats_url} does not tell: {error or type(error).__name__}") from None
