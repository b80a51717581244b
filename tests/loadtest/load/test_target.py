import pytest

from offhook.loadtest.load.callers import kind_of
from offhook.loadtest.load.target import is_loopback, voice_url_of


@pytest.mark.parametrize(
    ("url", "rung"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/twilio/voice"),
        ("https://voice.example.com/", "https://voice.example.com/twilio/voice"),
        ("http://localhost:8000/my/hook?tenant=1", "http://localhost:8000/my/hook?tenant=1"),
    ],
)
def test_a_base_is_rung_at_the_usual_path(url: str, rung: str) -> None:
    assert voice_url_of(url) == rung


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x/", "http://", "ws://127.0.0.1/"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="no http or https address"):
        voice_url_of(url)


def test_loopback_is_known_by_its_name() -> None:
    assert is_loopback("http://127.0.0.1:1/x")
    assert is_loopback("http://[::1]:1/x")
    assert is_loopback("http://localhost/")
    assert not is_loopback("http://10.0.0.1/")
    assert not is_loopback("http://127.0.0.1.example.com/")


def test_errors_are_told_by_their_kind() -> None:
    first = kind_of(f"error 31920 Handshake: ws://127.0.0.1:8000/ws/media/w/{'a' * 40}: HTTP 503 for CA{'0' * 32}")
    second = kind_of(f"error 31920 Handshake: ws://127.0.0.1:8000/ws/media/w/{'b' * 40}: HTTP 503 for CA{'1' * 32}")

    assert first == second
    assert "HTTP 503" in first
    assert "127.0.0.1" not in first
