"""Stands before routes: asks for a token, or for a visitor of this machine."""

import math
from collections.abc import Callable

from fastapi import HTTPException, Request

from offhook.door.access import Visitor
from offhook.door.strangers import MARK


class Guard:
    """A dependency of routes.

    ``token``: the API's; None: this machine may without. ``must_wait_s`` counts one request, and returns None or the
    seconds to wait. ``other_token``: one that opens these routes, too, for whoever is not to hold the API's.
    """

    def __init__(
        self, token: str | None, must_wait_s: Callable[[], float | None], other_token: str | None = None
    ) -> None:
        self._token = token
        self._must_wait_s = must_wait_s
        self._other_token = other_token

    async def __call__(self, request: Request) -> None:
        """Raises HTTPException: 401 for a stranger, 429 for who asks too often."""
        if not self._knows(Visitor(request.client.host if request.client else None, request.headers)):
            setattr(request.state, MARK, True)
            nothing_set = self._token is None and self._other_token is None
            reason = "OFFHOOK_API_TOKEN is not set" if nothing_set else "wrong or missing bearer token"
            raise HTTPException(401, reason, {"WWW-Authenticate": "Bearer"})
        wait_s = self._must_wait_s()
        if wait_s is not None:
            raise HTTPException(429, "too many requests", {"Retry-After": str(math.ceil(wait_s))})

    def _knows(self, visitor: Visitor) -> bool:
        if self._other_token is not None and visitor.holds(self._other_token):
            return True
        return visitor.holds(self._token) if self._token is not None else visitor.is_local
