import pytest

from offhook.loadtest.twilio.stream_url import stream_url


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("wss://gw.example/media/x", "wss://gw.example/media/x"),
        ("/media/x", "wss://gw.example/media/x"),
        ("media", "wss://gw.example/twilio/media"),
        ("ws://127.0.0.1:8000/media", "ws://127.0.0.1:8000/media"),
    ],
)
def test_relative_urls_are_those_of_the_document(url: str, opened: str) -> None:
    assert stream_url("https://gw.example/twilio/voice?a=b", url) == opened


@pytest.mark.parametrize("url", ["wss://gw.example/media?ticket=1", "ftp://gw.example/media", "wss:///media"])
def test_what_twilio_would_not_open_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"query string|no WebSocket URL"):
        stream_url("https://gw.example/voice", url)


def test_a_document_without_a_url_has_no_relative_ones() -> None:
    with pytest.raises(ValueError, match="no WebSocket URL"):
        stream_url("", "/media")
