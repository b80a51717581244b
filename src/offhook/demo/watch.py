"""The gateway's live feed, ``GET /api/events``, read back into the values it was made of."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import httpx
import msgspec

from offhook.calls.events import CallEvent
from offhook.telemetry.feed import Occurrence

_DATA = "data: "


class _Stamp(msgspec.Struct):
    at: datetime
    call_id: str


_STAMP: msgspec.json.Decoder[_Stamp] = msgspec.json.Decoder(_Stamp)
_EVENT: msgspec.json.Decoder[CallEvent] = msgspec.json.Decoder(CallEvent)


@asynccontextmanager
async def watching(http: httpx.AsyncClient, tell: Callable[[Occurrence[CallEvent]], None]) -> AsyncIterator[None]:
    """Call ``tell`` with everything that happens on calls; nothing is missed once this is entered.

    Raises httpx.HTTPError if the gateway does not let us watch.
    """
    async with http.stream("GET", "/api/events", timeout=None) as answer:
        answer.raise_for_status()
        lines = answer.aiter_lines()
        await anext(lines)
        reading = asyncio.create_task(_read(lines, tell))
        try:
            yield
        finally:
            reading.cancel()
            with suppress(asyncio.CancelledError, httpx.TransportError):
                await reading


async def _read(lines: AsyncIterator[str], tell: Callable[[Occurrence[CallEvent]], None]) -> None:
    async for line in lines:
        if line.startswith(_DATA) and (occurrence := parse_event(line.removeprefix(_DATA))) is not None:
            tell(occurrence)


def parse_event(data: str) -> Occurrence[CallEvent] | None:
    """Read the data of one event; None for what is none of a call, such as ``lost``."""
    try:
        stamp = _STAMP.decode(data)
        return Occurrence(stamp.at.timestamp(), stamp.call_id, _EVENT.decode(data))
    except msgspec.ValidationError:
        return None
