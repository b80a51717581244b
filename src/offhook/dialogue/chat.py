"""The dialogue of a language model behind any endpoint that speaks OpenAI's chat completions.

llama.cpp, Ollama, vLLM, and the vendors' clouds. Words stream on as they come. Whatever fails is told to the caller in
a sentence and to the log in Done.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from offhook.dialogue.chat_messages import messages, tools
from offhook.dialogue.chat_stream import Completion
from offhook.dialogue.port import ANY_REPLY, Act, Done, Entry, Request, Role, Words
from offhook.dialogue.sse import Events
from offhook.errors import EngineError, WireError
from offhook.settings import is_loopback

NAME: Final = "chat"

BROKEN_EVENTS_LIMIT: Final = 20
"""So many chunks that are no JSON are skipped; then the reply is given up."""

BODY_LIMIT_BYTES: Final = 1024 * 1024
"""Of an answer that is not streamed."""

REASON_LIMIT_CHARS: Final = 200
"""So much of an endpoint's own words goes to the log."""

CONNECTIONS_LIMIT: Final = 256
"""Replies in the making at once, of all sessions that share a client."""

APOLOGY: Final = "I am sorry, I have a technical problem and cannot answer. Please try again in a moment."
BUSY: Final = "I am sorry, I am very busy just now. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is."""

    url: str
    """``http://localhost:8080/v1``, or with ``/chat/completions`` behind it."""
    model: str = "default"
    api_key: str = field(default="", repr=False)
    """Sent as a bearer token, if there is one."""
    connect_timeout_s: float = 5.0
    silence_timeout_s: float = 20.0
    """Longest wait for the first words, and between words: a caller hears nothing meanwhile."""
    reply_timeout_s: float = 90.0
    """Longest reply in all."""

    @property
    def address(self) -> str:
        """Where replies are asked for."""
        base = self.url.rstrip("/")
        return base if base.endswith("/chat/completions") else f"{base}/chat/completions"


def new_client(endpoint: Endpoint) -> httpx.AsyncClient:
    """A client for all sessions of a process; whoever makes it closes it."""
    timeout = httpx.Timeout(endpoint.silence_timeout_s, connect=endpoint.connect_timeout_s)
    limits = httpx.Limits(max_connections=CONNECTIONS_LIMIT, max_keepalive_connections=CONNECTIONS_LIMIT // 4)
    headers = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
    return httpx.AsyncClient(timeout=timeout, limits=limits, headers=headers, trust_env=_is_elsewhere(endpoint))


def _is_elsewhere(endpoint: Endpoint) -> bool:
    """Not on this machine. A proxy that HTTP_PROXY names would look for a model on loopback on its own."""
    try:
        return not is_loopback(httpx.URL(endpoint.url).host)
    except httpx.InvalidURL:
        return True


class Chat:
    """A Dialogue. Keeps nothing of the conversation between replies: the history has it all."""

    def __init__(self, role: Role, endpoint: Endpoint, client: httpx.AsyncClient) -> None:
        self._role = role
        self._endpoint = endpoint
        self._client = client
        self._wants_usage = True

    async def reply(self, history: Sequence[Entry], request: Request = ANY_REPLY) -> AsyncGenerator[Act, None]:
        """The next reply to the conversation so far. Closing it closes the connection to the endpoint."""
        completion = Completion()
        spoken = False
        error: EngineError | None = None
        deadline = asyncio.get_running_loop().time() + self._endpoint.reply_timeout_s
        try:
            async with aclosing(self._stream(self._body(history, request), completion, deadline)) as stream:
                async for text in stream:
                    spoken = True
                    yield Words(text)
        except EngineError as failure:
            error = failure
        if error is not None:
            told = BUSY if error.code == "429" else APOLOGY
            yield Words(f" {told}" if spoken else told)
        elif request.tools:
            for call in completion.tool_calls(f"call_{secrets.token_hex(8)}"):
                yield call
        yield Done(completion.usage, error, completion.cut)

    def awaits(self) -> None:
        """Nobody knows what a model has asked for."""

    def _body(self, history: Sequence[Entry], request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": messages(self._role, history, request),
            "stream": True,
        }
        if self._wants_usage:
            body["stream_options"] = {"include_usage": True}
        if self._role.tools:
            body["tools"] = tools(self._role)
            body["tool_choice"] = "auto" if request.tools else "none"
        return body

    async def _stream(self, body: dict[str, Any], completion: Completion, deadline: float) -> AsyncGenerator[str, None]:
        """The words of one reply. Raises EngineError."""
        response = await self._open(body, deadline)
        try:
            async with aclosing(self._chunks(response, deadline)) as chunks:
                async for chunk in chunks:
                    if text := completion.feed(chunk):
                        yield text
                    if completion.cut:
                        break
            if text := completion.end():
                yield text
            if completion.finish_reason is None and not completion.cut:
                raise EngineError(NAME, "the answer broke off", retryable=True, code="broken")
        finally:
            await response.aclose()

    async def _open(self, body: dict[str, Any], deadline: float) -> httpx.Response:
        """Send the request, once more if the first try met nobody. Raises EngineError."""
        try:
            response = await self._send(body, deadline)
        except _Unreached:
            try:
                response = await self._send(body, deadline)
            except _Unreached as again:
                raise EngineError(NAME, str(again), retryable=True, code="unreachable") from again
        if response.status_code == httpx.codes.OK:
            return response
        try:
            async with asyncio.timeout_at(deadline):
                told = await _read(response)
        except (TimeoutError, httpx.HTTPError, WireError):
            told = ""
        finally:
            await response.aclose()
        if "stream_options" in body and "stream_options" in told:  # not every server counts tokens on request
            self._wants_usage = False
            return await self._open({key: value for key, value in body.items() if key != "stream_options"}, deadline)
        status = response.status_code
        retryable = status in (408, 429) or status >= 500
        reason = f"the endpoint answered {status}" + (f": {told[:REASON_LIMIT_CHARS]}" if told else "")
        raise EngineError(NAME, reason, retryable=retryable, code=str(status))

    async def _send(self, body: dict[str, Any], deadline: float) -> httpx.Response:
        try:
            async with asyncio.timeout_at(deadline):
                return await self._client.send(
                    self._client.build_request("POST", self._endpoint.address, json=body), stream=True
                )
        except (httpx.NetworkError, httpx.ConnectTimeout, httpx.RemoteProtocolError) as error:
            # Nobody there, or a kept connection that the server had closed meanwhile; nothing was answered in any case.
            raise _Unreached(f"it cannot be reached: {error or type(error).__name__}") from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise EngineError(NAME, "it did not answer in time", retryable=True, code="timeout") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EngineError(NAME, f"{type(error).__name__}: {error}", retryable=False) from error

    async def _chunks(self, response: httpx.Response, deadline: float) -> AsyncGenerator[Any, None]:
        """The parsed events of a response. Raises EngineError."""
        if "json" in response.headers.get("content-type", ""):
            yield await self._whole(response, deadline)
            return
        events, broken = Events(), 0
        async with aclosing(self._data(response, events, deadline)) as stream:
            async for data in stream:
                if data.strip() == "[DONE]":
                    return
                try:
                    chunk = json.loads(data)
                except (ValueError, RecursionError) as error:
                    broken += 1
                    if broken > BROKEN_EVENTS_LIMIT:
                        raise EngineError(NAME, "it sends what is no JSON", retryable=False, code="garbage") from error
                    continue
                _raise_told(chunk)
                yield chunk

    async def _data(self, response: httpx.Response, events: Events, deadline: float) -> AsyncGenerator[str, None]:
        pieces = response.aiter_bytes()
        try:
            while True:
                try:
                    # Only the wait is timed: what the listener does with a piece is not the endpoint's fault.
                    async with asyncio.timeout_at(deadline):
                        piece = await anext(pieces, None)
                    found = events.end() if piece is None else events.feed(piece)
                except (TimeoutError, httpx.TimeoutException) as error:
                    raise EngineError(NAME, "it fell silent", retryable=True, code="timeout") from error
                except (httpx.HTTPError, WireError) as error:
                    reason = f"the answer broke off: {error or type(error).__name__}"
                    raise EngineError(NAME, reason, retryable=True, code="broken") from error
                for data in found:
                    yield data
                if piece is None:
                    return
        finally:
            await _close(pieces)

    async def _whole(self, response: httpx.Response, deadline: float) -> Any:
        """An answer in one piece, from an endpoint that does not stream."""
        try:
            async with asyncio.timeout_at(deadline):
                chunk = json.loads(await _read(response))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise EngineError(NAME, "it fell silent", retryable=True, code="timeout") from error
        except (httpx.HTTPError, WireError, ValueError, RecursionError) as error:
            raise EngineError(NAME, "its answer cannot be read", retryable=False, code="garbage") from error
        _raise_told(chunk)
        return chunk


class _Unreached(Exception):
    """Nobody was met at the address."""


def _raise_told(chunk: Any) -> None:
    """An error that the endpoint tells of in the middle of a stream."""
    if isinstance(chunk, dict) and chunk.get("error"):
        told = chunk["error"]
        reason = told.get("message") if isinstance(told, dict) else told
        code = told.get("code") if isinstance(told, dict) else None
        raise EngineError(
            NAME, f"it failed: {str(reason)[:REASON_LIMIT_CHARS]}", retryable=True, code=str(code or "failed")
        )


async def _read(response: httpx.Response) -> str:
    """A body that is not streamed. Raises WireError if it is too long."""
    body = b""
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > BODY_LIMIT_BYTES:
            raise WireError(f"an answer has more than {BODY_LIMIT_BYTES} bytes")
    return body.decode("utf-8", "replace")


async def _close(pieces: AsyncIterator[bytes]) -> None:
    if isinstance(pieces, AsyncGenerator):
        await pieces.aclose()
