"""Knowing an Offhook by what it answers at ``/healthz``: JSON in which ``service`` is ``offhook``."""

import httpx

SERVICE = "offhook"


def health_url(origin: str) -> str:
    """Where to ask: ``http://127.0.0.1:8000`` becomes ``http://127.0.0.1:8000/healthz``."""
    return f"{origin}/healthz"


def is_ours(answer: httpx.Response) -> bool:
    """True for an Offhook's answer, well or ailing."""
    try:
        body = answer.json()
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("service") == SERVICE
