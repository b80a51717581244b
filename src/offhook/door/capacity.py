"""``GET /api/capacity``: how full this worker is, for balancers, autoscalers and people."""

import msgspec
from fastapi import APIRouter, Response

from offhook.calls.switchboard import Switchboard


class CapacityShown(msgspec.Struct, frozen=True):
    """How full a worker is."""

    worker: str
    active_calls: int
    max_concurrent_calls: int
    free_calls: int
    utilization_percent: float
    """Active calls of those that may be; 100 at most, with one digit after the point."""
    accepting: bool
    """A new call would be taken now."""
    reason: str | None
    """If not: ``draining``, ``full`` or ``overloaded``."""


def capacity_routes(switchboard: Switchboard, worker: str) -> APIRouter:
    """The route; who may use it is the app's business."""
    router = APIRouter(prefix="/api", tags=["capacity"])

    @router.get("/capacity")
    async def capacity() -> Response:
        """How full this worker is, and whether it takes calls."""
        shown = msgspec.json.encode(capacity_of(switchboard, worker))
        return Response(shown, media_type="application/json", headers={"Cache-Control": "no-store"})

    return router


def capacity_of(switchboard: Switchboard, worker: str) -> CapacityShown:
    """What is shown."""
    active, most = switchboard.active, switchboard.max_calls
    reason = switchboard.obstacle
    return CapacityShown(
        worker,
        active,
        most,
        max(most - active, 0),
        min(round(100 * active / most, 1), 100.0) if most else 100.0,
        reason is None,
        reason,
    )
