"""One caller's ear: sound in, events out, both on the loop.

What belongs to an utterance comes as ``Sound`` between ``SpeechStarted`` and ``SpeechStopped``, from a little before
its first word to a little after its last one: what a recogniser should listen to. The pause at the end, which the ear
must wait for, is kept back; if the caller goes on, it comes after all.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from offhook.audio.g711 import require_whole_samples
from offhook.ears.endpointing import Endpointer, Endpointing, SpeechStarted, SpeechStopped
from offhook.ears.silero import WINDOW_BYTES, WINDOW_MS, WINDOW_SAMPLES
from offhook.ears.vad import Vad
from offhook.errors import RecogniserError

LEAD_MS: Final = 192
"""So much of what came before the first speech belongs to the utterance, of the prefix that was asked for. In more of
it a recogniser hears things: with 300 ms it understands a tenth less."""

TAIL_MS: Final = 160
"""So much of the pause at the end belongs to the utterance. More is noise, in which a recogniser finds words."""

MAX_WAITING_MS: Final = 30_000
"""When more sound than this waits to be judged, and still more comes, the ear fails with the code ``overloaded``, and
does not judge what waited. It is 480 KB."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Some more of what the caller says: PCM16 at 8 kHz."""

    pcm16_8k: bytes


@dataclass(frozen=True, slots=True)
class EarFailed:
    """Nothing was understood of what came last, and an utterance that was under way is over. The ear goes on."""

    error: RecogniserError


EarEvent = SpeechStarted | Sound | SpeechStopped | EarFailed


class Ear:
    """Made for a call, closed with it. Positions are milliseconds of all sound that the ear has heard."""

    def __init__(self, vad: Vad, tell: Callable[[EarEvent], None], settings: Endpointing | None = None) -> None:
        self._tell = tell
        self._endpointer = Endpointer(settings)
        self._vad = vad
        self._seat = vad.open(self._judged)
        self._closed = False
        self._cut = b""
        self._unjudged: deque[bytes] = deque()
        # Judged sound that was not told: before the start, what may become its prefix; in a pause, the pause.
        self._kept: deque[bytes] = deque()

    @property
    def settings(self) -> Endpointing:
        """What counts as speech. May be changed in the middle of a call."""
        return self._endpointer.settings

    @settings.setter
    def settings(self, settings: Endpointing) -> None:
        self._endpointer.settings = settings

    @property
    def speaks(self) -> bool:
        """The caller has started, and not stopped."""
        return self._endpointer.speaks

    @property
    def heard_ms(self) -> int:
        """All sound that was judged."""
        return self._endpointer.heard_ms

    def hear(self, pcm16_8k: bytes) -> None:
        """Some more sound at 8 kHz, in frames of any size. AudioError if the last sample is cut in half."""
        require_whole_samples(pcm16_8k)
        if self._closed:
            return
        sound = self._cut + pcm16_8k
        whole = len(sound) - len(sound) % WINDOW_BYTES
        self._cut = sound[whole:]
        if len(self._unjudged) * WINDOW_MS > MAX_WAITING_MS:
            self._fail(RecogniserError("ears", f"more than {MAX_WAITING_MS} ms of sound wait", code="overloaded"))
        for at in range(0, whole, WINDOW_BYTES):
            window = sound[at : at + WINDOW_BYTES]
            self._unjudged.append(window)
            self._seat.hear(window)

    def reset(self) -> None:
        """Forget an utterance that is under way; it will not be told to stop. What is judged next is a new one."""
        self._endpointer.reset()
        self._kept.clear()

    def close(self) -> None:
        """No more events."""
        self._closed = True
        self._seat.close()
        self._unjudged.clear()
        self._kept.clear()

    def _judged(self, answer: float | RecogniserError) -> None:
        if isinstance(answer, RecogniserError):
            self._fail(answer)
            return
        self._kept.append(self._unjudged.popleft())
        event = self._endpointer.hear(WINDOW_SAMPLES, answer)
        self._seat.is_alert = self._endpointer.is_alert
        if isinstance(event, SpeechStarted):
            began_ms = max(event.start_ms, event.speech_start_ms - LEAD_MS)
            self._forget_all_but(self._endpointer.heard_ms - began_ms)
            self._tell(event)
            self._tell_kept()  # unless whoever was told wants to hear no more
        elif isinstance(event, SpeechStopped):
            self._tell(event)
        elif not self._endpointer.speaks:
            self._forget_all_but(self.settings.prefix_padding_ms + self.settings.min_speech_ms + WINDOW_MS)
        elif self._endpointer.pause_ms <= TAIL_MS:
            self._tell_kept()

    def _tell_kept(self) -> None:
        sound = b"".join(self._kept)
        self._kept.clear()
        if sound:
            self._tell(Sound(sound))

    def _forget_all_but(self, last_ms: int) -> None:
        while len(self._kept) * WINDOW_MS > last_ms:
            self._kept.popleft()

    def _fail(self, error: RecogniserError) -> None:
        self._seat.close()
        self._seat = self._vad.open(self._judged)
        self._endpointer.skip(len(self._unjudged) * WINDOW_SAMPLES)
        self._unjudged.clear()
        self._kept.clear()
        self._tell(EarFailed(error))
