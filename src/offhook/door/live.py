"""``GET /api/events``: what happens on calls, as it happens, as server-sent events.

Each is ``event: {kind}`` with ``data: {"at": …, "call_id": …, "kind": …, …}``. ``?call=ID`` narrows it to one call. A
subscriber that falls behind is sent ``event: lost`` with how many it missed.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

import msgspec
from fastapi import APIRouter, HTTPException
from starlette.responses import StreamingResponse

from offhook.calls.events import CallEvent
from offhook.telemetry.feed import Feed, FeedFull, Occurrence

KEEP_ALIVE_EVERY_S: Final = 15.0
"""A comment line when nothing happens, so that proxies keep the connection, and a dead peer is noticed."""


def live_routes(feed: Feed[CallEvent]) -> APIRouter:
    """The live feed."""
    router = APIRouter(prefix="/api", tags=["calls"])

    @router.get("/events")
    async def events(call: str | None = None) -> StreamingResponse:
        """Watch calls."""
        lines = _lines(feed, call)
        try:
            first = await anext(lines)
        except FeedFull:
            raise HTTPException(503, "too many watch already", {"Retry-After": "10"}) from None

        async def body() -> AsyncIterator[bytes]:
            yield first
            async for line in lines:
                yield line

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(body(), media_type="text/event-stream", headers=headers)

    return router


async def _lines(feed: Feed[CallEvent], call_id: str | None) -> AsyncIterator[bytes]:
    with feed.subscribe(call_id) as subscription:
        yield b": watching\n\n"
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_EVERY_S):
                    occurrence = await subscription.next()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if lost := subscription.take_lost():
                yield b'event: lost\ndata: {"count":%d}\n\n' % lost
            yield as_line(occurrence)


def as_line(occurrence: Occurrence[CallEvent]) -> bytes:
    """One event as it is sent."""
    at = datetime.fromtimestamp(occurrence.at, UTC).isoformat(timespec="milliseconds")
    fields = {"at": at, "call_id": occurrence.call_id, **msgspec.to_builtins(occurrence.event)}
    # ASCII only: some clients take other separators of Unicode for the end of a line, too.
    return f"event: {fields['kind']}\ndata: {json.dumps(fields, separators=(',', ':'))}\n\n".encode()
