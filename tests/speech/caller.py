"""A client of one session, without a socket, whose caller speaks with a synthesised voice."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, TypeVar

from offhook.audio.chain import join
from offhook.audio.formats import PCM16_8K, PCMU_8K, AudioFormat
from offhook.dialogue.chat import Endpoint
from offhook.dialogue.port import Role
from offhook.ears.vad import Vad
from offhook.recognisers.sphinx.recogniser import SphinxRecogniser
from offhook.speech.faculties import Faculties
from offhook.speech.session import Event, Session
from offhook.wires.messages import CloseCode
from offhook.wires.openai_realtime import server_events as server

Kind = TypeVar("Kind")

CALLERS_VOICE = "en-us+klatt4"
"""One that telephone recognition likes."""
SILENCE_MS = 300
"""The pause that ends a turn here: every window of it is judged, so a shorter one makes quicker tests."""
WITHIN_S = 10.0

ORDER_CAKE: dict[str, Any] = {
    "type": "function",
    "name": "order_cake",
    "description": "Order a cake.",
    "parameters": {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": ["plum", "cherry", "chocolate"]},
            "people": {"type": "integer", "minimum": 1, "maximum": 20},
        },
        "required": ["kind", "people"],
    },
}
OPENING_HOURS: dict[str, Any] = {
    "type": "function",
    "name": "opening_hours",
    "description": "When the bakery is open.",
    "parameters": {"type": "object", "properties": {}},
}
HINTS = {"phrases": {"order_cake": ["I want a {kind} cake for {people} people"]}, "greeting": "Good morning."}
SERVER_VAD: dict[str, Any] = {"type": "server_vad", "silence_duration_ms": SILENCE_MS}

LINE = "I want a cherry cake for six people."
UNDERSTOOD = "i want a cherry cake for six people"
ARGUMENTS = {"kind": "cherry", "people": 6}

_numbers = count(1)


def bakery(turn_detection: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A session's configuration. Without turn detection, unless one is given."""
    return {
        "type": "realtime",
        "instructions": "You answer the telephone of a bakery.",
        "audio": {
            "input": {
                "format": {"type": "audio/pcmu"},
                "transcription": {"model": "whisper-1"},
                "turn_detection": turn_detection,
            },
            "output": {"format": {"type": "audio/pcmu"}},
        },
        "tools": [ORDER_CAKE, OPENING_HOURS],
        "hints": HINTS,
        **changes,
    }


class Caller:
    """``ask`` the session, ``say`` lines to it, and wait for what it ``hears``."""

    def __init__(self, faculties: Faculties) -> None:
        self.faculties = faculties
        self.said: list[Event] = []
        """All events of the session so far."""
        self.closed: tuple[CloseCode, str] | None = None
        self.session: Session
        self._more = asyncio.Event()
        self._read = 0

    async def dial(self, config: dict[str, Any] | None = None) -> "Caller":
        """Open a session, and set it up."""
        self.session = Session(
            self.faculties,
            await self.faculties.lessons.lesson(Role()),
            number=next(_numbers),
            model="local",
            expires_at=0,
            say=self._hear,
            hang_up=self._hung_up,
        )
        self.session.open()
        if config is not None:
            self.ask("session.update", session=config)
            await self.hears(server.SessionUpdated)
        return self

    def ask(self, kind: str, **fields: Any) -> None:
        """Send one message."""
        self.session.receive(json.dumps({"type": kind, **fields}).encode())

    def append(self, sound: bytes, *, size_bytes: int = 1600) -> None:
        """Send sound, all at once, in messages of that size."""
        for at in range(0, len(sound), size_bytes):
            self.ask("input_audio_buffer.append", audio=b64encode(sound[at : at + size_bytes]).decode())

    async def speak(self, line: str, form: AudioFormat = PCMU_8K) -> None:
        """Say a line to a session that ends turns by itself."""
        self.append(await spoken(self.faculties, line, form) + form.silence(SILENCE_MS + 300))

    async def tell(self, line: str, form: AudioFormat = PCMU_8K) -> None:
        """Say a line to a session that is told where turns end, and want a reply."""
        self.append(await spoken(self.faculties, line, form))
        self.ask("input_audio_buffer.commit")
        self.ask("response.create")

    async def hears(self, kind: type[Kind]) -> list[Event]:
        """What comes next, up to the first event of that kind."""
        begin = self._read
        while True:
            while self._read < len(self.said):
                self._read += 1
                if isinstance(self.said[self._read - 1], kind):
                    return self.said[begin : self._read]
            await self._hears_more(f"no {kind.__name__}")

    async def hears_reply(self) -> server.Response:
        """The next response, when it is over."""
        *_, done = await self.hears(server.ResponseDone)
        assert isinstance(done, server.ResponseDone)
        return done.response

    async def is_cut_off(self) -> tuple[CloseCode, str]:
        """How the session was closed from its side."""
        while self.closed is None:
            await self._hears_more("still open")
        return self.closed

    def only(self, kind: type[Kind]) -> list[Kind]:
        """All events of one kind."""
        return only(self.said, kind)

    @property
    def errors(self) -> list[server.ErrorBody]:
        """All that was complained about."""
        return [failure.error for failure in self.only(server.Failure)]

    async def _hears_more(self, lacking: str) -> None:
        self._more.clear()
        try:
            await asyncio.wait_for(self._more.wait(), WITHIN_S)
        except TimeoutError:
            raise AssertionError(f"{lacking} after {', '.join(names(self.said))}: {self.errors}") from None

    def _hear(self, event: Event) -> None:
        self.said.append(event)
        self._more.set()

    def _hung_up(self, code: CloseCode, reason: str) -> None:
        self.closed = code, reason
        self._more.set()


@asynccontextmanager
async def with_other(
    faculties: Faculties,
    *,
    vad: Vad | None = None,
    recogniser: SphinxRecogniser | None = None,
    endpoint: Endpoint | None = None,
) -> AsyncIterator[Faculties]:
    """The same parts but for these, which are started and closed here."""
    others = Faculties(vad or faculties.vad, recogniser or faculties.recogniser, faculties.voice, endpoint)
    for part in (vad, recogniser):
        if part is not None:
            await part.start()
    try:
        yield others
    finally:
        await others.lessons.close()
        if others._client is not None:
            await others._client.aclose()
        for part in (vad, recogniser):
            if part is not None:
                await part.close()


_spoken: dict[tuple[str, AudioFormat], bytes] = {}


async def spoken(faculties: Faculties, line: str, form: AudioFormat = PCMU_8K) -> bytes:
    """The sound of a line, as a telephone carries it: through µ-law, whatever the format is then."""
    if (line, form) not in _spoken:
        linear = await faculties.voice.speak_all(line, voice=CALLERS_VOICE, rate_hz=8000)
        chain = join(PCMU_8K, form)
        _spoken[line, form] = chain.convert(join(PCM16_8K, PCMU_8K).convert(linear)) + chain.flush()
    return _spoken[line, form]


def only(said: Sequence[Event], kind: type[Kind]) -> list[Kind]:
    return [event for event in said if isinstance(event, kind)]


def names(said: Sequence[Event]) -> list[str]:
    """The types of events, a run of the same as one."""
    all_names = [str(event.__struct_config__.tag) for event in said]
    return [name for at, name in enumerate(all_names) if not at or all_names[at - 1] != name]


def words_of(response: server.Response) -> str:
    """All words of a response."""
    parts = [part for item in response.output or () for part in item.content or ()]
    return " ".join(part.transcript or part.text or "" for part in parts)


def calls_of(response: server.Response) -> list[tuple[str, Any]]:
    """The functions that a response calls."""
    items = response.output or ()
    return [(item.name or "", json.loads(item.arguments or "")) for item in items if item.type == "function_call"]
