"""Who may come in.

A door with a key (Twilio's auth token, the API's bearer token) asks for it. A door without one is open to this machine
alone: the peer's address is loopback, it asked for a loopback host, and nothing says that it was forwarded, because
behind a tunnel or proxy the whole world has a loopback address. A page of somebody else's, open in a browser on this
machine, is not this machine either.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from offhook.settings import is_loopback

FORWARDING_HEADERS: Final = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-original-forwarded-for",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-real-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "cf-ray",
    "fly-client-ip",
    "ngrok-trace-id",
    "x-amzn-trace-id",
    "x-envoy-external-address",
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the door. ``address`` is the peer's, ``headers`` are looked up without regard to case."""

    address: str | None
    headers: Mapping[str, str]

    @property
    def is_local(self) -> bool:
        """On this machine, and not speaking for somebody elsewhere."""
        if self.address is None or not is_loopback(self.address):
            return False
        if any(name in self.headers for name in FORWARDING_HEADERS):
            return False
        return is_loopback(host_name(self.headers.get("host", ""))) and not self._is_a_strange_page

    @property
    def _is_a_strange_page(self) -> bool:
        """Browsers name the page that asks (Fetch standard, ``Origin``; W3C "Fetch Metadata Request Headers")."""
        if self.headers.get("sec-fetch-site", "").lower() == "cross-site":
            return True
        origin = self.headers.get("origin")
        return origin is not None and not is_loopback(host_name(origin.partition("://")[2]))

    def holds(self, token: str) -> bool:
        """Shows the bearer token."""
        scheme, _, shown = self.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())


def host_name(host: str) -> str:
    """The host of a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
