import pytest
from multidict import CIMultiDict
from starlette.datastructures import Headers

from offhook.door.access import FORWARDING_HEADERS, Visitor, host_name

LOCAL = {"host": "127.0.0.1:8000"}


def visitor(address: str | None = "127.0.0.1", **headers: str) -> Visitor:
    return Visitor(address, Headers({name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:8000", "[::1]", "[::1]:8000"])
def test_this_machine_that_asks_for_this_machine_is_local(address: str, host: str) -> None:
    assert visitor(address, host=host).is_local


@pytest.mark.parametrize("address", [None, "", "10.0.0.5", "::", "2001:db8::1", "::ffff:10.0.0.5", "unix:", "0.0.0.0"])
def test_another_machine_is_not(address: str | None) -> None:
    assert not visitor(address, host="127.0.0.1").is_local


@pytest.mark.parametrize(
    "host",
    ["", "gw.example", "127.0.0.1.gw.example", "localhost.gw.example", "10.0.0.5", "[2001:db8::1]:8000", "[", "0"],
)
def test_who_asks_for_another_host_is_not(host: str) -> None:
    assert not visitor(host=host).is_local


@pytest.mark.parametrize("name", FORWARDING_HEADERS)
def test_who_was_forwarded_is_not(name: str) -> None:
    assert not Visitor("127.0.0.1", Headers(LOCAL | {name: ""})).is_local
    assert not Visitor("127.0.0.1", CIMultiDict({"Host": "127.0.0.1", name.upper(): "127.0.0.1"})).is_local


@pytest.mark.parametrize("origin", ["https://gw.example", "null", "", "http://127.0.0.1.gw.example", "file://"])
def test_a_page_of_somebody_elses_in_a_browser_here_is_not(origin: str) -> None:
    assert not visitor(**LOCAL, origin=origin).is_local


def test_a_request_that_a_page_of_somebody_elses_makes_without_saying_so_is_not() -> None:
    assert not visitor(**LOCAL, sec_fetch_site="cross-site").is_local


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost:3000", "http://[::1]:8000"])
def test_a_page_of_this_machine_is(origin: str) -> None:
    assert visitor(**LOCAL, origin=origin, sec_fetch_site="same-origin").is_local


def test_the_bearer_token_is_asked_for_word_by_word() -> None:
    assert visitor(authorization="Bearer right").holds("right")
    assert visitor(authorization="bearer  right ").holds("right")
    for wrong in ("", "Bearer", "Bearer ", "Bearer righ", "Bearer rightx", "Bearer RIGHT", "Basic right", "right", "é"):
        assert not visitor(authorization=wrong).holds("right")
    assert not visitor().holds("right")


def test_a_host_is_read_without_its_port() -> None:
    assert host_name("gw.example:8000") == host_name("gw.example") == "gw.example"
    assert host_name("[::1]:8000") == host_name("[::1]") == "::1"
