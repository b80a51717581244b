"""What a recogniser is to the rest: it is told sound and tells words, and nothing of it waits.

One ``Stream`` is one utterance, from where somebody began to speak to where they stopped; who decides that is an ear,
or a client. All methods are called on the event loop and return at once; all callbacks come on it.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from offhook.errors import RecogniserError
from offhook.recognisers.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Word:
    """A word and when it was said, in milliseconds from the first sample of its stream."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance, understood or not."""

    text: str
    """Small letters and blanks; empty if no word was found."""
    words: tuple[Word, ...]
    score_per_frame: float
    """How badly the words fit the sound: 0 is perfect; what it means beyond that is the recogniser's own."""
    in_domain: bool
    """Somebody said something of this vocabulary. If not, do not act on ``text``."""
    audio_ms: int
    """Length of the sound that was listened to."""
    loudness_rms: float = 0.0
    """Of its loudest 100 ms, where 32768 is full scale: what to expect of this caller next time. 0: nobody looked."""


class StreamListener(Protocol):
    """What a stream tells while it listens."""

    def interim(self, text: str) -> None:
        """The words so far; they may still change. Left out when there is much to do."""

    def failed(self, error: RecogniserError) -> None:
        """The stream is over, and there will be no words. Once at most, and not after ``finish``."""


class Stream(Protocol):
    """One utterance."""

    def hear(self, pcm16_8k: bytes) -> None:
        """Listen to some more: whole samples at 8 kHz, any number. Nothing after the end of the stream."""

    def finish(self) -> Awaitable[Heard]:
        """That was all. Awaiting it raises RecogniserError if the stream failed, now or before."""

    def cancel(self) -> None:
        """Nobody wants to know any more. Nothing is told from here on."""


class Recogniser(Protocol):
    """Turns sound into words, for many callers at once."""

    async def start(self) -> None:
        """Get ready. RecogniserError if that is not possible."""

    async def close(self) -> None:
        """Let go of everything. Streams that are open fail."""

    async def prepare(self, vocabulary: Vocabulary) -> None:
        """Have this vocabulary ready before the first stream wants it. RecogniserError if it cannot be used."""

    def open(self, vocabulary: Vocabulary, listener: StreamListener, *, loudness_rms: float | None = None) -> Stream:
        """Listen for an utterance. RecogniserError with the code ``overloaded`` if there are too many already.

        ``loudness_rms`` is what ``Heard`` said of the same caller before.
        """
