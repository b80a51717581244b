"""Where a public URL is really reached: directly, or through something that stands in front of the gateway."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Requests for ``public_url`` go to ``connect_to``, with the public Host; all others where they say.

    Both are an origin, such as ``https://gw.example`` and ``http://127.0.0.1:8000``. ``headers`` are those that a
    proxy on the way would add, such as ``X-Forwarded-Proto``.
    """

    public_url: str = ""
    connect_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def reach(self, url: str) -> tuple[str, dict[str, str]]:
        """The URL to connect to, and the headers that the request needs for it."""
        if not self.public_url or not self.connect_to or _endpoint(url) != _endpoint(self.public_url):
            return url, {}
        asked, target = urlsplit(url), urlsplit(self.connect_to)
        secure = target.scheme in ("https", "wss")
        plain, tls = ("ws", "wss") if asked.scheme in ("ws", "wss") else ("http", "https")
        reached = asked._replace(scheme=tls if secure else plain, netloc=target.netloc)
        return urlunsplit(reached), {"Host": asked.netloc, **self.headers}


def _endpoint(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return (parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0))
