import pytest
from starlette.datastructures import Headers

from offhook.door.proxies import Proxies

TRUSTED = Proxies(("10.0.0.0/8", "fd00::/8", "192.0.2.7"))


def source(peer: str | None, *lines: str, proxies: Proxies = TRUSTED) -> str:
    headers = Headers(raw=[(b"x-forwarded-for", line.encode("latin-1")) for line in lines])
    return proxies.source(peer, headers)


@pytest.mark.parametrize("lines", [(), ("1.2.3.4",), ("1.2.3.4, 10.0.0.9",), ("nonsense",)])
def test_who_is_no_trusted_proxy_speaks_for_nobody_else(lines: tuple[str, ...]) -> None:
    assert source("198.51.100.1", *lines) == "198.51.100.1"
    assert source("10.0.0.1", *lines, proxies=Proxies()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("198.51.100.9",), "198.51.100.9"),
        (("198.51.100.9, 10.0.0.2, 192.0.2.7",), "198.51.100.9"),
        (("198.51.100.9:5060",), "198.51.100.9"),
        (("[2001:db8::1]:5060",), "2001:db8::/64"),
        (("::ffff:198.51.100.9",), "198.51.100.9"),
        # What the caller has made up stands before what the proxy has appended, in the same line or in another.
        (("1.1.1.1, 198.51.100.9",), "198.51.100.9"),
        (("1.1.1.1", "198.51.100.9"), "198.51.100.9"),
        (("10.0.0.3, 198.51.100.9",), "198.51.100.9"),
        (("nonsense, 198.51.100.9",), "198.51.100.9"),
        # Nobody but proxies, or no address: it is counted for the last that is known.
        (("10.0.0.3, 10.0.0.2",), "10.0.0.3"),
        (("nonsense",), "10.0.0.1"),
        (("198.51.100.9, nonsense, 10.0.0.2",), "10.0.0.2"),
        (("",), "10.0.0.1"),
        (("198.51.100.9,",), "10.0.0.1"),
        ((), "10.0.0.1"),
    ],
)
def test_a_trusted_proxy_says_who_asks(lines: tuple[str, ...], found: str) -> None:
    assert source("10.0.0.1", *lines) == found


def test_a_list_without_end_is_not_read_to_its_end() -> None:
    assert source("10.0.0.1", "1.1.1.1" + ", 10.0.0.2" * 5000) == "10.0.0.2"


def test_all_addresses_of_one_ipv6_network_are_one() -> None:
    assert source("2001:db8:0:1::1") == source("2001:db8:0:1:ffff::2") == "2001:db8:0:1::/64"
    assert source("2001:db8:0:2::1") != source("2001:db8:0:1::1")
    assert source("fe80::1%eth0") == "fe80::/64"


@pytest.mark.parametrize("peer", [None, "", "unix:", "testclient"])
def test_a_peer_without_an_address_is_counted_as_unknown(peer: str | None) -> None:
    assert source(peer, "1.1.1.1") == "unknown"
