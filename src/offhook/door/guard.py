"""Stands before the API, and before its description: asks for the token, or for a visitor of this machine."""

import math

from fastapi import HTTPException, Request

from offhook.door.access import Visitor
from offhook.door.rates import Rates
from offhook.door.strangers import MARK


class Guard:
    """A dependency of routes. ``token`` None: only this machine may."""

    def __init__(self, token: str | None, rates: Rates) -> None:
        self._token = token
        self._rates = rates

    async def __call__(self, request: Request) -> None:
        """Raises HTTPException: 401 for a stranger, 429 for who asks too often."""
        visitor = Visitor(request.client.host if request.client else None, request.headers)
        if not (visitor.holds(self._token) if self._token is not None else visitor.is_local):
            setattr(request.state, MARK, True)
            reason = "wrong or missing bearer token" if self._token is not None else "OFFHOOK_API_TOKEN is not set"
            raise HTTPException(401, reason, {"WWW-Authenticate": "Bearer"})
        wait_s = self._rates.api()
        if wait_s is not None:
            raise HTTPException(429, "too many requests", {"Retry-After": str(math.ceil(wait_s))})
