"""The caller's sound, as it is appended: counted, listened to, and kept if someone wants it."""

from collections.abc import Sequence
from dataclasses import dataclass

from offhook.audio.chain import join
from offhook.audio.formats import PCMU_8K
from offhook.loadtest.far_end.configuration import Configuration, ServerVad
from offhook.loadtest.far_end.ears import Ears, Started, Stopped
from offhook.loadtest.far_end.refusal import EventError

LEAST_COMMIT_MS = 100


@dataclass(slots=True)
class Appended:
    """All sound of a session so far."""

    chunks: int = 0
    size_bytes: int = 0
    duration_ms: float = 0.0
    sound: bytearray | None = None
    """The bytes themselves, in whatever format they came; None unless they are kept."""


class InputBuffer:
    """Takes sound in; ears say where turns are, unless turn detection is off.

    Nothing is held back but counts: the far end never listens to it again.
    """

    def __init__(self, configuration: Configuration, *, keep_audio: bool) -> None:
        self.appended = Appended(sound=bytearray() if keep_audio else None)
        self._uncommitted_ms = 0.0
        self._ears: Ears | None = None
        self.configure(configuration)

    def configure(self, configuration: Configuration) -> None:
        """From now on sound comes in this format, and turns are detected (or not) so. A turn under way is lost."""
        self.format = configuration.input_format
        self._chain = join(self.format, PCMU_8K)
        vad = configuration.turn_detection
        heard_ms = round(self.appended.duration_ms)
        if vad is None:
            self._ears = None
        elif isinstance(vad, ServerVad):
            self._ears = Ears(
                threshold=vad.threshold,
                prefix_padding_ms=vad.prefix_padding_ms,
                silence_duration_ms=vad.silence_duration_ms,
                position_ms=heard_ms,
            )
        else:
            self._ears = Ears(position_ms=heard_ms)

    def append(self, sound: bytes) -> Sequence[Started | Stopped]:
        """Take in some sound; say where turns began and ended in it. Duration counts toward the next commit."""
        appended = self.appended
        duration_ms = self.format.duration_ms(len(sound))
        appended.chunks += 1
        appended.size_bytes += len(sound)
        appended.duration_ms += duration_ms
        if appended.sound is not None:
            appended.sound += sound
        self._uncommitted_ms += duration_ms
        return self._ears.hear(self._chain.convert(sound)) if self._ears is not None else ()

    def turn_ended(self) -> None:
        """The ears took a turn out: what was appended so far is spent."""
        self._uncommitted_ms = 0.0

    def commit(self) -> float:
        """The client takes the turn itself. Return its length in ms; EventError if that is (nearly) none."""
        duration_ms = self._uncommitted_ms
        if duration_ms < LEAST_COMMIT_MS:
            raise EventError(
                "input_audio_buffer_commit_empty",
                "Error committing input audio buffer: buffer too small. "
                f"Expected at least {LEAST_COMMIT_MS}ms of audio, but buffer only has {duration_ms:.2f}ms of audio.",
            )
        self.clear()
        return duration_ms

    def clear(self) -> None:
        """Forget what was appended and not committed."""
        self._uncommitted_ms = 0.0
        if self._ears is not None:
            self._ears.restart()
