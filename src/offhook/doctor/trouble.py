"""What kept us from reaching a peer, in words: name lookup, refusal, silence and bad certificates told apart."""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

_NO_ROUTE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
_HUNG_UP = {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a peer was not reached, and what to do."""

    detail: str
    remedy: str
    nobody_there: bool = False
    """True when a server that is not running explains it."""


def trouble(error: BaseException, url: str, limit_s: float) -> Trouble:
    """Tell what an error from connecting to ``url`` within ``limit_s`` seconds means. Shows no query of the URL."""
    parts = urlsplit(url)
    host = parts.hostname or url
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    chain = list(_chain(error))
    numbers = {number for link in chain for number in _numbers(link)}

    if any(isinstance(link, socket.gaierror) for link in chain):
        return Trouble(f"the name {host} was not found (DNS)", "check its spelling, and this machine's DNS")
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return Trouble(
                f"the certificate of {host} is not trusted: {link.verify_message}",
                "check the host name, this machine's clock and its CA certificates",
            )
    for link in chain:
        if isinstance(link, ssl.SSLError):
            reason = (getattr(link, "reason", None) or str(link)).lower().replace("_", " ")
            return Trouble(f"TLS with {host} failed: {reason}", f"check that {host}:{port} speaks TLS")
    if errno.ECONNREFUSED in numbers:
        return Trouble(f"{host}:{port} refused the connection", "check the port, and that a server runs there", True)
    if any(isinstance(link, TimeoutError | httpx.TimeoutException) for link in chain) or errno.ETIMEDOUT in numbers:
        return Trouble(
            f"no answer from {host}:{port} within {limit_s:g} s", "check firewalls and proxies on the way", True
        )
    if numbers & _NO_ROUTE:
        return Trouble(f"there is no route to {host}", "check this machine's network")
    if numbers & _HUNG_UP or any(isinstance(link, EOFError | httpx.RemoteProtocolError) for link in chain):
        return Trouble(f"{host}:{port} closed the connection", f"check that {host}:{port} is the right server", True)
    return Trouble(f"{host}:{port}: {type(error).__name__}: {error}"[:200], "check the address")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it; libraries wrap what the socket said."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from _chain(member)
        error = error.__cause__ or error.__context__


def _numbers(error: BaseException) -> Iterator[int]:
    if isinstance(error, OSError):
        if error.errno is not None:
            yield error.errno
        # With several addresses asyncio joins the reasons into one text: "Multiple exceptions: [Errno 111] ...".
        yield from (int(number) for number in re.findall(r"\[Errno (\d+)\]", str(error)))
