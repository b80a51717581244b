"""Twilio's requests made by hand, signed by Twilio's own package: for what a well-behaved Twilio never does."""

import asyncio
import base64
import json
import os
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit
from weakref import WeakSet
from xml.etree import ElementTree

import httpx
from tests.gateway import AUTH_TOKEN, CALLER, DIALLED, RunningGateway
from twilio.request_validator import RequestValidator

SIGNATURE = "X-Twilio-Signature"
TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA


def sign(url: str, fields: Mapping[str, str] | None = None, token: str = AUTH_TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, fields or {}))


def new_call_sid() -> str:
    return "CA" + os.urandom(16).hex()


def ringing(call_sid: str | None = None, **more: str) -> dict[str, str]:
    """The fields of a call that rings."""
    return {
        "CallSid": call_sid or new_call_sid(),
        "AccountSid": "AC" + "0" * 32,
        "From": CALLER,
        "To": DIALLED,
        "CallStatus": "ringing",
        "Direction": "inbound",
    } | more


class Hand:
    """Posts webhooks to one gateway."""

    def __init__(self, running: RunningGateway, http: httpx.AsyncClient) -> None:
        self.running = running
        self.http = http

    async def post(
        self, path: str, fields: Mapping[str, str], *, signature: str | None = None, **headers: str
    ) -> httpx.Response:
        """``signature`` None: the right one; empty: none."""
        shown = sign(self.running.url + path, fields) if signature is None else signature
        return await self.http.post(path, data=dict(fields), headers=({SIGNATURE: shown} if shown else {}) | headers)

    async def get(self, path: str, *, signature: str | None = None) -> httpx.Response:
        shown = sign(self.running.url + path) if signature is None else signature
        return await self.http.get(path, headers={SIGNATURE: shown} if shown else {})

    async def ring(self, call_sid: str | None = None) -> "Ringing":
        fields = ringing(call_sid)
        answer = await self.post("/twilio/voice", fields)
        assert answer.status_code == 200, answer.text
        return Ringing(fields["CallSid"], stream_url(answer.text))


@asynccontextmanager
async def by_hand(running: RunningGateway) -> AsyncIterator[Hand]:
    async with running.http(headers={}) as http:
        yield Hand(running, http)


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call that was told where to stream."""

    call_sid: str
    url: str

    @property
    def call_id(self) -> str:
        return self.url.split("/")[-2]

    @property
    def token(self) -> str:
        return self.url.split("/")[-1]


def verbs(document: str) -> list[str]:
    return [element.tag for element in ElementTree.fromstring(document)]


def stream_url(document: str) -> str:
    stream = ElementTree.fromstring(document).find("Connect/Stream")
    assert stream is not None, document
    return stream.attrib["url"]


def call_id(document: str) -> str:
    return stream_url(document).split("/")[-2]


def connected() -> dict[str, Any]:
    return {"event": "connected", "protocol": "Call", "version": "1.0.0"}


def start(call_sid: str, stream_sid: str = "MZ1", **media_format: Any) -> dict[str, Any]:
    return {
        "event": "start",
        "sequenceNumber": "1",
        "streamSid": stream_sid,
        "start": {
            "streamSid": stream_sid,
            "accountSid": "AC" + "0" * 32,
            "callSid": call_sid,
            "tracks": ["inbound"],
            "customParameters": {},
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1} | media_format,
        },
    }


def media(sound: bytes = b"\xff" * 160, stream_sid: str = "MZ1") -> dict[str, Any]:
    return {
        "event": "media",
        "sequenceNumber": "2",
        "streamSid": stream_sid,
        "media": {
            "track": "inbound",
            "chunk": "1",
            "timestamp": "20",
            "payload": base64.b64encode(sound).decode(),
        },
    }


@dataclass
class Upgraded:
    """What an upgrade request was answered with."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass(eq=False)
class Stream:
    """A WebSocket client without manners, over a bare socket."""

    opened: ClassVar[WeakSet["Stream"]] = WeakSet()
    """All that may be open still: a loop cannot be closed around one that a failing test has forgotten."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answer: Upgraded = field(default_factory=lambda: Upgraded(0, {}))
    messages: list[bytes] = field(default_factory=list)
    """What the server said in text."""

    @classmethod
    async def to(cls, url: str, *, together_with: bytes = b"", **headers: Any) -> Self:
        """Ask for the upgrade, with a right signature if none is given; an empty header is left out."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        asked = {
            "Host": parts.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            SIGNATURE: sign(url),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in asked.items() if value)
        writer.write(f"GET {parts.path} HTTP/1.1\r\n{head}\r\n".encode() + together_with)
        stream = cls(reader, writer)
        cls.opened.add(stream)
        await stream._read_answer()
        return stream

    async def _read_answer(self) -> None:
        async with asyncio.timeout(5):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:]) if k}
            self.answer = Upgraded(int(lines[0].split(" ")[1]), headers)
            if self.answer.status != 101:
                self.answer.body = await self.reader.read()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.abort()

    def abort(self) -> None:
        """Be gone."""
        self.writer.transport.abort()

    def frame(self, opcode: int, payload: bytes, *, final: bool = True, masked: bool = True) -> None:
        self.writer.write(frame(opcode, payload, final=final, masked=masked))

    def say(self, *messages: Mapping[str, Any] | str | bytes) -> None:
        """In text."""
        for message in messages:
            text = json.dumps(message) if isinstance(message, Mapping) else message
            self.frame(TEXT, text.encode() if isinstance(text, str) else text)

    async def start(self, call_sid: str) -> None:
        """As Twilio would."""
        self.say(connected(), start(call_sid))
        await self.writer.drain()

    async def next(self) -> tuple[int, bytes]:
        """The next frame of the server: opcode and payload. IncompleteReadError at the end."""
        first, second = await self.reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", await self.reader.readexactly(8))
        payload = await self.reader.readexactly(size)
        if first & 0xF == TEXT:
            self.messages.append(payload)
        return first & 0xF, payload

    async def heard(self, event: str) -> dict[str, Any]:
        """The next message of that kind."""
        async with asyncio.timeout(5):
            while True:
                opcode, payload = await self.next()
                assert opcode != CLOSE, payload
                if opcode == TEXT and json.loads(payload)["event"] == event:
                    return dict(json.loads(payload))

    async def closed(self, within_s: float = 5, *, politely: bool = True) -> tuple[int | None, str]:
        """Read until the server closes: code and reason; None if it just hung up. ``politely``: and answer."""
        async with asyncio.timeout(within_s):
            try:
                while True:
                    opcode, payload = await self.next()
                    if opcode == CLOSE:
                        if politely:
                            self.frame(CLOSE, payload[:2])
                        return struct.unpack(">H", payload[:2])[0], payload[2:].decode()
            except (asyncio.IncompleteReadError, ConnectionResetError):
                return None, ""

    async def gone(self, within_s: float = 5) -> None:
        """Read until the socket is closed."""
        async with asyncio.timeout(within_s):
            while await self._more():
                pass

    async def _more(self) -> bytes:
        try:
            return await self.reader.read(65536)
        except ConnectionResetError:
            return b""


def frame(opcode: int, payload: bytes, *, final: bool = True, masked: bool = True, claims: int | None = None) -> bytes:
    """One frame of a client (RFC 6455 section 5.2). ``claims``: a length that is not the payload's."""
    size = len(payload) if claims is None else claims
    head = bytes([(0x80 if final else 0) | opcode])
    flag = 0x80 if masked else 0
    if size < 126:
        head += bytes([flag | size])
    elif size < 2**16:
        head += bytes([flag | 126]) + struct.pack(">H", size)
    else:
        head += bytes([flag | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    padded = mask * (len(payload) // 4 + 1)
    coded = int.from_bytes(payload, "big") ^ int.from_bytes(padded[: len(payload)], "big")
    return head + mask + coded.to_bytes(len(payload), "big")
