"""Where speech begins and ends, from the probability of each window of sound. Told nothing but samples: no clock.

::

    probability   . . . # # # # # # . . # # # . . . . . . . . . . . .
                        |   |                 |                 |
                        |   started           last speech       stopped: silence_duration_ms after it
                        began: start_ms is prefix_padding_ms before

Words and defaults are those of server VAD in the OpenAI Realtime API
(https://platform.openai.com/docs/guides/realtime-vad).
"""

from dataclasses import dataclass
from typing import Final

from offhook.errors import RecogniserError

LEAST_SILENCE_MS: Final = 100
MOST_SILENCE_MS: Final = 5000
MOST_PREFIX_MS: Final = 5000
MOST_MIN_SPEECH_MS: Final = 1000

LONGEST_SPEECH_MS: Final = 30_000
"""Speech without a pause is ended here: it is a radio, and somebody has to be told that it is not understood."""

_HYSTERESIS: Final = 0.15
"""Speech goes on at a probability so much below the threshold: it fades at the end of a word."""

_SAMPLES_PER_MS: Final = 8


@dataclass(frozen=True, slots=True)
class Endpointing:
    """What counts as speech, and as its end. RecogniserError for a value outside its limits."""

    threshold: float = 0.5
    """From this probability on it is speech, above 0 and at most 1; higher for noisy lines."""
    prefix_padding_ms: int = 300
    """Sound from before the speech that belongs to it, 0 to MOST_PREFIX_MS."""
    silence_duration_ms: int = 500
    """So long a pause ends it, LEAST_SILENCE_MS to MOST_SILENCE_MS."""
    min_speech_ms: int = 96
    """So long it must last to be noticed, 0 to MOST_MIN_SPEECH_MS: a click on the line does not."""

    def __post_init__(self) -> None:
        _check("threshold", self.threshold, 0, 1, beyond_low=True)
        _check("prefix_padding_ms", self.prefix_padding_ms, 0, MOST_PREFIX_MS)
        _check("silence_duration_ms", self.silence_duration_ms, LEAST_SILENCE_MS, MOST_SILENCE_MS)
        _check("min_speech_ms", self.min_speech_ms, 0, MOST_MIN_SPEECH_MS)


def _check(name: str, value: float, low: float, high: float, *, beyond_low: bool = False) -> None:
    if not low <= value <= high or (beyond_low and value == low):
        raise RecogniserError("ears", f"{name} is {value}; {'above ' * beyond_low}{low} to {high} are allowed")


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody speaks."""

    start_ms: int
    """Where their utterance begins, with what belongs to it from before; milliseconds of sound heard so far."""
    speech_start_ms: int
    """Where the first speech was heard."""


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """They have stopped, or spoken for LONGEST_SPEECH_MS."""

    end_ms: int
    """Where the pause was long enough: now. It includes ``silence_duration_ms``, as in the Realtime API."""
    speech_end_ms: int
    """Where the last speech was heard."""


class Endpointer:
    """One caller's."""

    def __init__(self, settings: Endpointing | None = None) -> None:
        self.settings = settings or Endpointing()
        """May be changed at any time; what runs is measured by the new ones."""
        self.speaks = False
        """Between started and stopped."""
        self._heard = 0
        self._began: int | None = None
        self._last_speech = 0
        self._stopped = 0

    @property
    def heard_ms(self) -> int:
        """All sound so far."""
        return self._heard // _SAMPLES_PER_MS

    @property
    def is_alert(self) -> bool:
        """Somebody speaks, or has just begun to."""
        return self._began is not None

    @property
    def pause_ms(self) -> int:
        """Since the last speech, between started and stopped; 0 if there is speech just now."""
        return (self._heard - self._last_speech) // _SAMPLES_PER_MS

    def hear(self, samples: int, probability: float) -> SpeechStarted | SpeechStopped | None:
        """Some more samples at 8 kHz, and how probable it is that they are speech."""
        settings = self.settings
        enough = max(settings.threshold - _HYSTERESIS, 0.01) if self._goes_on else settings.threshold
        began_at, self._heard = self._heard, self._heard + samples
        if probability >= enough:
            if self._began is None:
                self._began = began_at
            self._last_speech = self._heard
            if self.speaks and self._heard - self._began >= LONGEST_SPEECH_MS * _SAMPLES_PER_MS:
                return self._stop()
            if not self.speaks and self._heard - self._began >= settings.min_speech_ms * _SAMPLES_PER_MS:
                self.speaks = True
                start = max(self._began - settings.prefix_padding_ms * _SAMPLES_PER_MS, self._stopped, 0)
                return SpeechStarted(start // _SAMPLES_PER_MS, self._began // _SAMPLES_PER_MS)
            return None
        if not self.speaks:
            self._began = None
        elif self._heard - self._last_speech >= settings.silence_duration_ms * _SAMPLES_PER_MS:
            return self._stop()
        return None

    def _stop(self) -> SpeechStopped:
        self.speaks, self._began, self._stopped = False, None, self._heard
        return SpeechStopped(self.heard_ms, self._last_speech // _SAMPLES_PER_MS)

    def reset(self) -> None:
        """Whatever was said is forgotten: no stop will follow. The count of sound goes on."""
        self.speaks, self._began, self._stopped = False, None, self._heard

    def skip(self, samples: int) -> None:
        """Count sound that nobody could judge, and forget whatever was said."""
        self._heard += samples
        self.reset()

    @property
    def _goes_on(self) -> bool:
        """What was heard last was speech."""
        return self._began is not None and self._last_speech == self._heard
