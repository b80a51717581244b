"""How a server is addressed: the URL of a session, the key that is shown, and TLS."""

import ssl
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit


def with_model(url: str, model: str) -> str:
    """Name the model in the URL, unless it names one already."""
    parts = urlsplit(url)
    if "model" in parse_qs(parts.query):
        return url
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode({"model": model}))))))


def bearer(api_key: str) -> dict[str, str]:
    """The header that shows the key; none if it is empty."""
    return {"Authorization": f"Bearer {api_key}"} if api_key else {}


def tls_for(url: str) -> ssl.SSLContext | None:
    """For ``wss``. Keep it: reading the certificate store takes milliseconds, and a context some hundred kilobytes."""
    return ssl.create_default_context() if url.startswith("wss:") else None
