"""The caller's sound, as it is appended: counted, listened to, and kept if someone wants it."""

from collections.abc import Sequence

from offhook.audio.chain import join
from offhook.audio.formats import PCMU_8K, AudioFormat
from offhook.loadtest.far_end.ears import Ears, Started, Stopped
from offhook.realtime_server.configuration import Configuration, ServerVad
from offhook.realtime_server.input_account import InputAccount


class Appended(InputAccount):
    """All sound of a session so far."""

    def __init__(self, form: AudioFormat, *, keep_audio: bool) -> None:
        super().__init__(form)
        self.sound = bytearray() if keep_audio else None
        """The bytes themselves, in whatever format they came; None unless they are kept."""
        self._ms_per_byte = form.duration_ms(1)

    def configure(self, form: AudioFormat) -> None:
        """From now on sound comes in this format."""
        super().configure(form)
        self._ms_per_byte = form.duration_ms(1)

    def append(self, size_bytes: int) -> None:
        """So many bytes came. Called for every frame, so the format is not asked each time."""
        duration_ms = size_bytes * self._ms_per_byte
        self.chunks += 1
        self.size_bytes += size_bytes
        self.duration_ms += duration_ms
        self.uncommitted_ms += duration_ms


class InputBuffer:
    """Takes sound in; ears say where turns are, unless turn detection is off, or ``hears_turns`` is False.

    Nothing is held back but counts: the far end never listens to it again.
    """

    def __init__(self, configuration: Configuration, *, keep_audio: bool, hears_turns: bool = True) -> None:
        self.appended = Appended(configuration.input_format, keep_audio=keep_audio)
        self._hears_turns = hears_turns
        self._ears: Ears | None = None
        self.configure(configuration)

    def configure(self, configuration: Configuration) -> None:
        """From now on sound comes in this format, and turns are detected (or not) so. A turn under way is lost."""
        form = configuration.input_format
        self.appended.configure(form)
        self._chain = join(form, PCMU_8K)
        vad = configuration.turn_detection  # by level in any case: nothing is understood, and no idle timeout runs out
        heard_ms = round(self.appended.duration_ms)
        if vad is None or not self._hears_turns:
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

    @property
    def is_loud(self) -> bool:
        """The last sound that came was speech, of a turn that is not over."""
        return self._ears is not None and self._ears.is_loud

    def append(self, sound: bytes) -> Sequence[Started | Stopped]:
        """Take in some sound; say where turns began and ended in it. Duration counts toward the next commit."""
        appended = self.appended
        appended.append(len(sound))
        if appended.sound is not None:
            appended.sound += sound
        return self._ears.hear(self._chain.convert(sound)) if self._ears is not None else ()

    def turn_ended(self) -> None:
        """The ears took a turn out: what was appended so far is spent."""
        self.appended.turn_ended()

    def commit(self) -> float:
        """The client takes the turn itself. Return its length in ms; EventError if that is (nearly) none."""
        duration_ms = self.appended.commit()
        self._listen_anew()
        return duration_ms

    def clear(self) -> None:
        """Forget what was appended and not committed."""
        self.appended.clear()
        self._listen_anew()

    def _listen_anew(self) -> None:
        if self._ears is not None:
            self._ears.restart()
