"""The address that the carrier uses: does it lead here."""

import asyncio

import httpx

from offhook.doctor.finding import Finding, failed, ok, warning
from offhook.doctor.health import health_url, is_ours
from offhook.doctor.trouble import trouble

NAME = "public URL"


async def public_address(public_url: str | None, limit_s: float, *, running: bool) -> Finding:
    """Ask the public URL for our health. ``running`` says that a gateway answers on this machine."""
    if public_url is None:
        return ok(NAME, "not set; the host that each request names is used")
    try:
        async with asyncio.timeout(limit_s), httpx.AsyncClient(timeout=limit_s) as client:
            answer = await client.get(health_url(public_url))
    except Exception as error:
        why = trouble(error, public_url, limit_s)
        if why.nobody_there and not running:
            return _not_running(why.detail)
        return failed(NAME, why.detail, why.remedy)
    if is_ours(answer):
        return ok(NAME, f"{public_url} leads to Offhook")
    seen = f"{public_url} answers HTTP {answer.status_code}, but not as Offhook"
    if not running:
        return _not_running(seen)
    return failed(NAME, seen, "point the tunnel or proxy at the gateway's host and port")


def _not_running(seen: str) -> Finding:
    return warning(NAME, f"{seen}; no gateway is running here", "start `offhook serve`, then run this again")
