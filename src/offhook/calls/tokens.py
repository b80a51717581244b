"""Tokens that open one media stream of one call, once.

They travel in the path of the stream's URL, because Twilio drops query strings. A token is
``{fence}.{expires}.{signature}``: an HMAC over the call, the fence and the expiry, so that any worker with the secret
can check it and none needs to look it up. That it was used is known by the fence: a call takes each only once.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

VALID_S: Final = 120.0
"""From the TwiML that names the URL to the stream that opens it: a second or two, more when a document pauses first."""

SIGNATURE_BYTES: Final = 18


class TokenFault(StrEnum):
    """Why a token does not open anything."""

    MALFORMED = "malformed"
    FORGED = "forged"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class StreamTokens:
    """Makes and checks them."""

    secret: bytes

    def issue(self, call_id: str, fence: int, now: float) -> str:
        """A token for one stream. ``now`` in seconds since the epoch."""
        expires = int(now + VALID_S)
        return f"{fence}.{expires}.{self._sign(call_id, fence, expires)}"

    def check(self, call_id: str, token: str, now: float) -> int | TokenFault:
        """Return the fence that the token was issued with, or what is wrong with it."""
        parts = token.split(".")
        if len(parts) != 3 or not all(p.isascii() and p.isdigit() and len(p) <= 20 for p in parts[:2]):
            return TokenFault.MALFORMED
        fence, expires = int(parts[0]), int(parts[1])
        if not hmac.compare_digest(parts[2].encode(), self._sign(call_id, fence, expires).encode()):
            return TokenFault.FORGED
        return fence if now <= expires else TokenFault.EXPIRED

    def _sign(self, call_id: str, fence: int, expires: int) -> str:
        digest = hmac.digest(self.secret, f"{call_id}\n{fence}\n{expires}".encode(), sha256)
        return urlsafe_b64encode(digest[:SIGNATURE_BYTES]).decode()
