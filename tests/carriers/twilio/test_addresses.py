import pytest
from multidict import CIMultiDict
from starlette.datastructures import Headers

from offhook.carriers.twilio.addresses import Addresses


def test_the_public_url_goes_before_all_that_a_request_says() -> None:
    headers = Headers({"host": "10.0.0.5:8000", "x-forwarded-host": "elsewhere.example"})

    assert Addresses.of("https://voice.example.com", "http", headers).origin == "https://voice.example.com"


@pytest.mark.parametrize(
    ("scheme", "headers", "origin"),
    [
        ("http", {"host": "127.0.0.1:8000"}, "http://127.0.0.1:8000"),
        ("http", {"host": "[::1]:8000"}, "http://[::1]:8000"),
        ("https", {"host": "gw.example"}, "https://gw.example"),
        ("http", {"host": "gw.example", "x-forwarded-proto": "https"}, "https://gw.example"),
        ("http", {"host": "gw.example", "x-forwarded-proto": "wss"}, "https://gw.example"),
        ("http", {"host": "gw.example", "x-forwarded-proto": "https, http"}, "https://gw.example"),
        (
            "http",
            {"host": "10.0.0.5", "x-forwarded-host": "gw.example", "x-forwarded-proto": "https"},
            "https://gw.example",
        ),
        ("http", {"host": "10.0.0.5", "x-forwarded-host": "gw.example, proxy.local"}, "http://gw.example"),
        ("http", {"host": "gw.example", "x-forwarded-proto": "javascript"}, "http://gw.example"),
        ("http", {}, "http://"),
    ],
)
def test_without_it_the_request_and_its_proxies_are_believed(scheme: str, headers: dict[str, str], origin: str) -> None:
    assert Addresses.of(None, scheme, Headers(headers)).origin == origin
    assert Addresses.of(None, scheme, CIMultiDict(headers)).origin == origin


def test_streams_are_wss_where_webhooks_are_https() -> None:
    assert Addresses("https://gw.example:8443").media("w0", "call_1", "1.2.x") == (
        "wss://gw.example:8443/ws/media/w0/call_1/1.2.x"
    )
    assert Addresses("http://127.0.0.1:8000").stream("/ws/media/a") == "ws://127.0.0.1:8000/ws/media/a"


def test_every_webhook_names_its_call() -> None:
    addresses = Addresses("https://gw.example")

    assert addresses.voice("call_1") == "https://gw.example/twilio/voice?call=call_1"
    assert addresses.resume("call_1") == "https://gw.example/twilio/resume?call=call_1"
    assert addresses.transferred("call_1") == "https://gw.example/twilio/transferred?call=call_1"
    assert addresses.status("call_1") == "https://gw.example/twilio/status?call=call_1"
