"""``/healthz``: alive. ``/readyz``: taking calls, or why not."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

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
        """This worker takes calls; 503 while it does not, and why: ``draining``, ``full`` or ``overloaded``."""
        reason = switchboard.obstacle
        return JSONResponse({"status": reason or "ready"}, status_code=200 if reason is None else 503)

    return router
