"""Twilio's HTTP requests to the gateway: form encoded, signed over the public URL, with a time limit."""

import asyncio
import functools
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urldefrag, urlencode, urlsplit

import httpx

from offhook.loadtest.twilio.address import AddressBook
from offhook.loadtest.twilio.debugger import HTTP_CONNECTION, HTTP_RETRIEVAL, ApplicationError
from offhook.loadtest.twilio.signature import HEADER, sign

ANSWER_LIMIT_BYTES: Final = 8 * 1024 * 1024
"""Of one answer: a file for ``<Play>``; a document has its own, smaller limit."""

CONNECTIONS: Final = 200
"""At most, to all hosts together; further requests wait for one, within their own time limit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, with a status below 300."""

    status: int
    content_type: str
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode("utf-8", "replace")


class Webhooks:
    """One HTTP client for all lines. Redirects are not followed: a gateway should not need them."""

    def __init__(
        self, auth_token: str, addresses: AddressBook, timeout_s: float, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._auth_token = auth_token
        self._addresses = addresses
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(
            verify=ssl_context or _trusted(),
            trust_env=False,
            timeout=None,  # the whole request has one, below
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._client.aclose()

    async def request(self, method: str, url: str, form: Mapping[str, str]) -> Answer:
        """Ask, signed. Raises ApplicationError: 11205 nobody there, 11200 no answer in time or a status from 300 on."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise ApplicationError(HTTP_RETRIEVAL, "not an http or https URL", url)
        url = urldefrag(url).url
        headers: dict[str, str] = {}
        content = b""
        if method == "GET":
            url += ("&" if urlsplit(url).query else "?") + urlencode(form) if form else ""
            headers[HEADER] = sign(self._auth_token, url)
        else:
            content = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            headers[HEADER] = sign(self._auth_token, url, form)
        address, extra = self._addresses.reach(url)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(method, address, headers | extra, content)
        except TimeoutError:
            raise ApplicationError(HTTP_RETRIEVAL, f"no answer within {self._timeout_s} s", url) from None
        except _RefusedError as refused:
            raise ApplicationError(HTTP_RETRIEVAL, str(refused), url) from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ApplicationError(HTTP_CONNECTION, str(error) or type(error).__name__, url) from None

    async def _exchange(self, method: str, address: str, headers: dict[str, str], content: bytes) -> Answer:
        async with self._client.stream(method, address, headers=headers, content=content) as response:
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > ANSWER_LIMIT_BYTES:
                    raise _RefusedError(f"more than {ANSWER_LIMIT_BYTES} bytes")
            if response.status_code >= 300:
                raise _RefusedError(f"HTTP {response.status_code}")
            content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Answer(response.status_code, content_type, body)


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The usual certificates: reading them takes 20 ms, and stand-ins are made by the dozen."""
    return httpx.create_ssl_context(trust_env=False)


class _RefusedError(Exception):
    """An answer that is no use."""
