"""``/healthz``: alive. ``/readyz``: here for its calls, and whether it takes new ones.

Who obeys a 503 of ``/readyz`` sends this worker nothing any more: neither new calls nor what belongs to its own, such
as status callbacks, media streams of calls just taken, and lines that resume. So only a worker that goes says it. One
that is full or overloaded refuses new calls itself, and says so in the body, and in ``/api/capacity``.
"""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from offhook.calls.admission import Obstacle
from offhook.calls.switchboard import Switchboard


def health_routes(switchboard: Switchboard, version: str) -> APIRouter:
    """Open to everyone: they tell nothing that a caller does not know."""
    router = APIRouter(tags=["health"])

    @router.get("/", include_in_schema=False)
    async def root() -> dict[str, str]:
        """For whoever opens the address in a browser."""
        return {"service": "offhook", "version": version, "api": "/docs", "health": "/healthz", "ready": "/readyz"}

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """This process answers."""
        return {"status": "ok", "service": "offhook", "version": version}

    @router.get("/readyz")
    async def readyz() -> Response:
        """If new calls are taken: ``ready``, ``full``, ``overloaded`` or ``draining``. 503 for the last alone."""
        reason = switchboard.obstacle
        return JSONResponse({"status": reason or "ready"}, status_code=503 if reason == Obstacle.DRAINING else 200)

    return router
