"""The URL of a ``<Stream>``, as Twilio reads it (Twilio docs: "TwiML Voice: <Stream>")."""

from urllib.parse import urljoin, urlsplit

_SOCKET = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


def stream_url(base_url: str, url: str) -> str:
    """The absolute WebSocket URL. Raises ValueError if Twilio would not open it.

    Twilio takes wss only; ws is let through here, for a gateway on this machine.
    """
    absolute = urlsplit(urljoin(base_url, url) if "://" not in url else url)
    if absolute.scheme not in _SOCKET or not absolute.hostname:
        raise ValueError(f"{url!r} is no WebSocket URL")
    if absolute.query:
        raise ValueError("query strings are not supported in <Stream url>")
    return absolute._replace(scheme=_SOCKET[absolute.scheme], fragment="").geturl()
