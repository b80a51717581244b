"""What a voice can do: speak a text into a sink, piece by piece, until it is done or cancelled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from offhook.errors import VoiceError
from offhook.voices.words import Word

MAX_TEXT_CHARS: Final = 4000
"""Of one text: about four and a half minutes of speech."""

MIN_SPEED: Final = 0.25
MAX_SPEED: Final = 4.0
"""The range that OpenAI's ``speed`` has; 1.0 is about 165 words a minute. A voice may not reach the ends of it."""

AHEAD_S: Final = 3.0
"""How far sound is given ahead of real time if nothing else is asked for: what a barge-in throws away at most, with
the one clause that was in work."""

AT_ONCE: Final = float("inf")
"""For ``ahead_s``: all sound as soon as there is some. For files, and for peers that hold the whole reply."""

Sink = Callable[[bytes], None]
"""Takes a piece of PCM16: whole samples, never empty, at most 200 ms, mostly 40 to 80. Called on the loop."""

Done = Callable[[VoiceError | None, int], None]
"""Called once on the loop, after the last piece: what went wrong, or None, and how long the sound was, in ms."""


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """One entry of a voice's list."""

    name: str
    """What to ask for."""
    language: str
    """The language it speaks, as a tag: ``en-us``, ``de``."""
    description: str


class Speaking(Protocol):
    """A text that is being spoken."""

    @property
    def words(self) -> Sequence[Word]:
        """The words in the sound that was given to the sink so far, in order."""

    @property
    def given_ms(self) -> int:
        """How much sound the sink was given so far, in ms."""

    def cancel(self) -> None:
        """Stop. From here on neither sink nor done is called; the engine stops at its next piece. Twice is once."""


class Voice(Protocol):
    """Speaks. All of it is called on the loop, and none of it waits."""

    def speak(
        self,
        text: str,
        *,
        sink: Sink,
        done: Done,
        voice: str | None = None,
        rate_hz: int = 24000,
        speed: float = 1.0,
        ahead_s: float = AHEAD_S,
        more: bool = False,
    ) -> Speaking:
        """Begin to speak ``text``; its sound goes to ``sink`` as PCM16 at ``rate_hz``: 8000, 16000 or 24000.

        ``voice`` is a name of ``voices()`` or a language; None takes the voice's own choice. With ``more``, another
        text follows, and the sound ends with the pause that belongs between sentences. A text with nothing to say is
        done with 0 ms.

        VoiceError if the request cannot be served: an unknown voice, more than MAX_TEXT_CHARS, a speed or a rate out
        of range, or too many texts at once (``retryable``). What fails later is told to ``done``.
        """

    async def speak_all(
        self, text: str, *, voice: str | None = None, rate_hz: int = 24000, speed: float = 1.0
    ) -> bytes:
        """Return all of it, as fast as it comes. VoiceError as in ``speak``, or if the voice fails on the way."""

    def check(self, voice: str | None) -> None:
        """VoiceError if ``speak`` would not know this voice."""

    def voices(self) -> Sequence[VoiceInfo]:
        """What ``voice`` may be."""

    def close(self) -> None:
        """Stop for good. Whoever still speaks is done with a VoiceError."""
