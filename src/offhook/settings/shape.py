"""What a right value looks like, each with the words that errors and docs say about it."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

Value = TypeVar("Value")

MIN_SECRET_CHARS = 16
"""The shortest signing secret; shorter ones can be guessed. An API token that short is warned of."""


class ShapeError(ValueError):
    """A value, or one item of it, has not the shape it must have. ``culprit`` is that value or item."""

    def __init__(self, must: str, culprit: object) -> None:
        self.culprit = culprit
        super().__init__(f"must be {must}")


@dataclass(frozen=True, slots=True)
class Shape:
    """A test, and what passes it in words that follow "must be". None passes: it means not set."""

    must: str
    fits: Callable[[Any], object]

    def __call__(self, value: Value) -> Value:
        """Return ``value`` as it is. Raises ShapeError, a ValueError, as pydantic's validators do."""
        bare = value.get_secret_value() if isinstance(value, SecretStr) else value
        if bare is not None and not self.fits(bare):
            raise ShapeError(self.must, bare)
        return value


@dataclass(frozen=True, slots=True)
class Each:
    """A shape for every item of a tuple, or every ``(key, value)`` of a dict."""

    must: str
    fits: Callable[[Any], object]

    def __call__(self, values: Value) -> Value:
        """Return ``values`` as they are. Raises ShapeError with the first wrong item."""
        items: Any = values.items() if isinstance(values, dict) else values
        for item in items:
            if not self.fits(item):
                raise ShapeError(self.must, dict([item]) if isinstance(values, dict) else item)
        return values


def one_of(words: tuple[str, ...]) -> Shape:
    """A word out of a few."""
    return Shape(" or ".join(filter(None, (", ".join(words[:-1]), words[-1]))), words.__contains__)


def _address(text: str, schemes: tuple[str, ...]) -> bool:
    """True for a URL with one of the schemes and a host, and without user, password or fragment."""
    if any(c.isspace() or not c.isprintable() for c in text):
        return False
    try:
        url = urlsplit(text)
        port = url.port  # raises ValueError when it is not a port
    except ValueError:
        return False
    plain = "@" not in url.netloc and "#" not in text
    return url.scheme in schemes and bool(url.hostname) and plain and port != 0


def _origin(text: str) -> bool:
    return _address(text, ("http", "https")) and text.count("/") == 2 and "?" not in text


def _base(text: str) -> bool:
    return _address(text, ("http", "https")) and "?" not in text


def _host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        # RFC 1123 section 2.1: letters, digits and hyphens, in labels of up to 63.
        return re.fullmatch(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?", text) is not None
    return True


def _network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _matches(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern).fullmatch


def _route(item: tuple[str, str]) -> bool:
    dialled, agent = item
    return bool(_DIALLED(dialled) and _AGENT(agent))


# E.164 section 6: a plus, a country code that does not begin with 0, at most 15 digits in all.
_NUMBER = r"\+[1-9][0-9]{0,14}"
# As agents/routes.py has it: a number, an extension or a SIP address, or the beginning of one.
_DIALLED = _matches(rf"({_NUMBER}|[0-9]{{1,15}}|sips?:\S+?)\*?")
_AGENT = _matches(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")

HOST = Shape("a host name or an address, without scheme or port", _host)
WEB_ORIGIN = Shape("https:// or http:// with a host and no path, query or trailing slash", _origin)
WEB_BASE = Shape("an https:// or http:// address without a query", _base)
WEBSOCKET_URL = Shape("a wss:// or ws:// address", lambda text: _address(text, ("wss", "ws")))
MODEL = Shape("a model's name", _matches(r"[!-~]{1,200}"))
MODEL_OR_OFF = Shape("a model's name, or empty for none", _matches(r"[!-~]{0,200}"))
# A key travels in an HTTP header, where a blank or a line break would end it.
KEY = Shape("printable ASCII without blanks", _matches(r"[!-~]+"))
SECRET = Shape(f"at least {MIN_SECRET_CHARS} characters", lambda text: len(text) >= MIN_SECRET_CHARS)
TWILIO_ACCOUNT = Shape("AC and 32 hexadecimal digits", _matches(r"AC[0-9a-fA-F]{32}"))
E164 = Shape("a number in E.164 form: a plus and up to 15 digits", _matches(r"\+[1-9][0-9]{1,14}"))
PREFIXES = Each("prefixes that begin with a plus, separated by commas, or * for anywhere", _matches(rf"{_NUMBER}|\*"))
NETWORKS = Each("addresses or networks in CIDR form, separated by commas", _network)
FILE = Shape("the path of a file", lambda text: text.isprintable() and 0 < len(text) <= 4096)
ROUTES = Each("numbers, or prefixes that end in *, each with the module:agent that answers", _route)
