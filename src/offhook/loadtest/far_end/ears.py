"""Turn detection by level: what server_vad decides, on µ-law at 8 kHz.

Told only bytes: its clock is the number of samples it has heard. Works in windows of 20 ms. Speech begins with
ONSET_MS of loud windows in a row, so that a click is none; it ends after ``silence_duration_ms`` without a loud one.
Positions are told as the protocol wants them: the start less ``prefix_padding_ms``, the end with the silence in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import audioop

WINDOW_MS = 20
FULL_SCALE = 32768
ONSET_MS = 60


@dataclass(frozen=True, slots=True)
class Started:
    """The caller speaks, since ``audio_start_ms``."""

    audio_start_ms: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """The caller has stopped; the turn reaches to ``audio_end_ms``."""

    audio_start_ms: int
    audio_end_ms: int


def threshold_dbfs(threshold: float) -> float:
    """The level that counts as speech, for the protocol's threshold of 0 to 1; −40 dBFS at the usual 0.5.

    The vendor's threshold is a model's certainty, not a level. This maps it to a range between a noisy line (−50) and
    loud speech (−30).
    """
    return -50.0 + 20.0 * threshold


def loud_rms(threshold: float) -> float:
    """The same as root mean square of 16-bit samples: compared so, no logarithm is needed for every 20 ms."""
    return float(FULL_SCALE * 10 ** (threshold_dbfs(threshold) / 20))


class Ears:
    """Hears one session. ``heard_ms`` starts at ``position_ms``, for ears that replace others."""

    def __init__(
        self,
        *,
        threshold: float = 0.5,
        prefix_padding_ms: int = 300,
        silence_duration_ms: int = 500,
        position_ms: int = 0,
    ) -> None:
        self.heard_ms = position_ms
        self.in_speech = False
        self._loud_rms = loud_rms(threshold)
        self._prefix_ms = prefix_padding_ms
        self._silence_ms = silence_duration_ms
        self._window_bytes = PCMU_8K.size_bytes(WINDOW_MS)
        self._rest = b""
        self._loud_ms = 0
        self._quiet_ms = 0
        self._start_ms = 0
        self._taken_ms = position_ms  # what lies before belongs to an earlier turn

    @property
    def is_loud(self) -> bool:
        """In speech, and the last window was loud."""
        return self.in_speech and self._quiet_ms == 0

    def hear(self, sound: bytes) -> Sequence[Started | Stopped]:
        """Take in some sound, of any size; say what it decided."""
        if self._rest:
            sound = self._rest + sound
        whole = len(sound) - len(sound) % self._window_bytes
        self._rest = sound[whole:]
        decisions: list[Started | Stopped] = []
        for at in range(0, whole, self._window_bytes):
            window = sound[at : at + self._window_bytes]
            is_loud = audioop.rms(audioop.ulaw2lin(window, 2), 2) >= self._loud_rms
            self.heard_ms += WINDOW_MS
            decision = self._while_speaking(is_loud) if self.in_speech else self._while_quiet(is_loud)
            if decision is not None:
                decisions.append(decision)
        return decisions

    def restart(self) -> None:
        """The turn was taken by other means, or thrown away: listen for a new one from here on."""
        self.in_speech = False
        self._loud_ms = 0
        self._taken_ms = self.heard_ms

    def _while_quiet(self, is_loud: bool) -> Started | None:
        self._loud_ms = self._loud_ms + WINDOW_MS if is_loud else 0
        if self._loud_ms < ONSET_MS:
            return None
        self._start_ms = max(self._taken_ms, self.heard_ms - self._loud_ms - self._prefix_ms)
        self.in_speech, self._quiet_ms = True, 0
        return Started(self._start_ms)

    def _while_speaking(self, is_loud: bool) -> Stopped | None:
        self._quiet_ms = 0 if is_loud else self._quiet_ms + WINDOW_MS
        if self._quiet_ms < self._silence_ms or is_loud:
            return None
        self.restart()
        return Stopped(self._start_ms, self.heard_ms)
