import pytest

from offhook.loadtest.twilio.address import AddressBook

BOOK = AddressBook("https://gw.example", "http://127.0.0.1:8123", {"X-Forwarded-Proto": "https"})


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("https://gw.example/voice?a=b", "http://127.0.0.1:8123/voice?a=b"),
        ("https://gw.example:443/voice", "http://127.0.0.1:8123/voice"),
        ("wss://gw.example/media/x", "ws://127.0.0.1:8123/media/x"),
    ],
)
def test_the_public_address_is_reached_through_the_other(url: str, reached: str) -> None:
    address, headers = BOOK.reach(url)

    assert address == reached
    assert headers["Host"].split(":")[0] == "gw.example"
    assert headers["X-Forwarded-Proto"] == "https"


@pytest.mark.parametrize("url", ["https://other.example/voice", "https://gw.example:8443/voice", "http://gw.example/"])
def test_other_addresses_are_reached_as_they_are(url: str) -> None:
    assert BOOK.reach(url) == (url, {})


def test_a_proxy_with_tls_is_reached_with_tls() -> None:
    book = AddressBook("https://gw.example", "https://127.0.0.1:8443")

    assert book.reach("wss://gw.example/media")[0] == "wss://127.0.0.1:8443/media"
    assert book.reach("https://gw.example/voice")[0] == "https://127.0.0.1:8443/voice"


def test_without_a_book_everything_is_reached_as_it_is() -> None:
    assert AddressBook().reach("https://gw.example/voice") == ("https://gw.example/voice", {})
