import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from offhook.errors import VoiceError
from offhook.voices.espeak import EspeakVoice
from offhook.voices.port import AT_ONCE, Voice


@dataclass
class Listener:
    """Both callbacks of one text, and what they were given."""

    pieces: list[bytes] = field(default_factory=list)
    ended: "asyncio.Future[tuple[VoiceError | None, int]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def sink(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.begun.set()

    def done(self, error: VoiceError | None, total_ms: int) -> None:
        self.ended.set_result((error, total_ms))

    @property
    def sound(self) -> bytes:
        return b"".join(self.pieces)


async def say(voice: Voice, text: str, *, name: str | None = None, rate_hz: int = 24000) -> tuple[Listener, int]:
    """Speak to the end; the sound, and how long it was said to be."""
    listener = Listener()
    voice.speak(text, sink=listener.sink, done=listener.done, voice=name, rate_hz=rate_hz, ahead_s=AT_ONCE)
    error, total_ms = await asyncio.wait_for(listener.ended, 10)
    assert error is None
    return listener, total_ms


@pytest.fixture
def voice() -> Iterator[EspeakVoice]:
    opened = EspeakVoice()
    yield opened
    opened.close()
