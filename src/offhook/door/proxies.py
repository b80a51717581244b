"""Whose address a request comes from, for counting. Never for deciding who may come in: ``access`` does that.

A connection through a proxy has the proxy's address, so that all who come through it share one count. A proxy whose
address is among the trusted ones may say for whom it asks, in ``X-Forwarded-For``: each proxy appends who connected
to it, so the list is read from its end, past the trusted, up to the first who is not. What stands before that is what
this one says of itself, which may be anything. (``Forwarded``, RFC 7239, is not read.)
"""

import ipaddress
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

UNKNOWN: Final = "unknown"
HOPS_LIMIT: Final = 16
"""So many addresses of the list are looked at."""

IPV6_BLOCK_BITS: Final = 64
"""The smallest network that a customer is given (RFC 6177): counted as one, because each has 2^64 addresses."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """The proxies that are trusted. ``networks``: addresses, or networks in CIDR form."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)

    def source(self, peer: str | None, headers: Mapping[str, str]) -> str:
        """The address that a request is counted for, or its network; ``unknown`` without one."""
        address = _address(peer or "")
        if address is None:
            return UNKNOWN
        if self._trusts(address):
            for hop in islice(_forwarded_for(headers), HOPS_LIMIT):
                address = hop
                if not self._trusts(hop):
                    break
        return _block(address)

    def _trusts(self, address: _Address) -> bool:
        return any(address in network for network in self._networks)


def _forwarded_for(headers: Mapping[str, str]) -> Iterable[_Address]:
    """The addresses from the last to the first, up to one that is none."""
    # A proxy may append a line of its own to the lines that were there; all of them are one list (RFC 9110 5.3).
    lines = [value for name, value in headers.items() if name.lower() == "x-forwarded-for"]
    for text in reversed(",".join(lines).split(",")):
        address = _address(text.strip())
        if address is None:
            return
        yield address


def _address(text: str) -> _Address | None:
    """An address, also with a port behind it, or mapped into IPv6 (RFC 4291 section 2.5.5.2)."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _block(address: _Address) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        network = int(address) >> (128 - IPV6_BLOCK_BITS) << (128 - IPV6_BLOCK_BITS)
        return f"{ipaddress.IPv6Address(network)}/{IPV6_BLOCK_BITS}"
    return str(address)
