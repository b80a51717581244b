"""One session's ear: the caller's sound in; turns, and the words of each, out. All on the loop."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from offhook.audio.chain import join
from offhook.audio.formats import PCM16_8K, AudioFormat
from offhook.ears.ear import Ear, EarEvent, EarFailed, Sound
from offhook.ears.endpointing import Endpointing, SpeechStarted, SpeechStopped
from offhook.ears.vad import Vad
from offhook.errors import RecogniserError
from offhook.recognisers.port import Heard, Recogniser, Stream
from offhook.recognisers.vocabulary import Vocabulary

RECORDINGS_AT_ONCE: Final = 4
"""Of one session, that others may be heard too."""

Words = asyncio.Future[Heard]
"""What was said in a turn, some milliseconds after it ended. Raises RecogniserError."""


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """The caller began to speak, ``start_ms`` into all sound so far."""

    start_ms: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The caller stopped."""

    start_ms: int
    end_ms: int
    words: Words


@dataclass(frozen=True, slots=True)
class Deaf:
    """Nothing was heard of what came last."""

    error: RecogniserError


HearingEvent = TurnStarted | TurnEnded | Deaf


class Hearing:
    """With ``endpointing`` it says itself where turns are; without, ``commit`` does. ``close`` it in the end.

    ``vocabulary`` is asked for what to listen for whenever a turn begins.
    """

    def __init__(
        self,
        vad: Vad,
        recogniser: Recogniser,
        tell: Callable[[HearingEvent], None],
        *,
        form: AudioFormat,
        endpointing: Endpointing | None,
        vocabulary: Callable[[], Vocabulary],
    ) -> None:
        self._vad = vad
        self._recogniser = recogniser
        self._tell = tell
        self._vocabulary = vocabulary
        self._stream: Stream | RecogniserError | None = None
        """What is being listened to: the turn that is under way. An error, if nobody could listen."""
        self._finishing: dict[Words, Stream] = {}
        """Turns that have ended, and whose words are not known yet."""
        self._turn_began_ms: int | None = None
        self._loudness_rms: float | None = None
        """Of this caller, as far as is known."""
        self._ear: Ear | None = None
        self._form = form
        self._chain = join(form, PCM16_8K)
        self._heard_ms = 0.0
        self._ear_began_ms = 0.0
        self.endpointing = endpointing

    @property
    def form(self) -> AudioFormat:
        """Of the sound that comes in. Changed, sound that was not committed is forgotten."""
        return self._form

    @form.setter
    def form(self, form: AudioFormat) -> None:
        if form != self._form:
            self._form, self._chain = form, join(form, PCM16_8K)
            self.clear()

    @property
    def endpointing(self) -> Endpointing | None:
        """What counts as speech, and as its end."""
        return self._ear.settings if self._ear is not None else None

    @endpointing.setter
    def endpointing(self, settings: Endpointing | None) -> None:
        if settings is not None and self._ear is not None:
            self._ear.settings = settings
            return
        if settings is None and self._ear is None:
            return
        self.clear()
        if self._ear is not None:
            self._ear.close()
        self._ear_began_ms = self._heard_ms
        self._ear = Ear(self._vad, self._heard, settings) if settings is not None else None

    def append(self, sound: bytes) -> None:
        """Some more of the caller's sound."""
        linear = self._chain.convert(sound)
        self._heard_ms += PCM16_8K.duration_ms(len(linear))
        if self._ear is not None:
            self._ear.hear(linear)
        else:
            self._listen(linear)

    def commit(self) -> Words:
        """The client says that this was a turn."""
        if self._ear is None:
            self._listen(self._chain.flush())
        words = self._finished()
        self._forget_turn()
        return words

    def clear(self) -> None:
        """Forget what was not committed."""
        self._chain.reset()
        self._leave_stream()
        self._forget_turn()

    def words_of(self, sound: bytes, form: AudioFormat) -> Words:
        """What is said in a recording that came at once."""
        chain = join(form, PCM16_8K)
        if len(self._finishing) >= RECORDINGS_AT_ONCE:
            return _failed(RecogniserError("hearing", "too many recordings of one session at once", code="overloaded"))
        stream = self._opened()
        if not isinstance(stream, RecogniserError):
            stream.hear(chain.convert(sound) + chain.flush())
        return self._words(stream)

    def close(self) -> None:
        """Hear no more. Words that are not known yet are cancelled."""
        self._leave_stream()
        for stream in list(self._finishing.values()):
            stream.cancel()
        if self._ear is not None:
            self._ear.close()

    # A recogniser tells these of a stream; what went wrong is told by the words.

    def interim(self, text: str) -> None:
        """The words so far may still change, and the protocol has no way to take words back."""

    def failed(self, error: RecogniserError) -> None:
        """See ``TurnEnded.words``."""

    # The ear.

    def _heard(self, event: EarEvent) -> None:
        match event:
            case Sound(pcm16_8k):
                self._listen(pcm16_8k)
            case SpeechStarted(start_ms, _):
                self._turn_began_ms = began_ms = self._position_ms(start_ms)
                self._leave_stream()
                self._tell(TurnStarted(began_ms))
            case SpeechStopped(end_ms):
                self._end_turn(end_ms, self._finished())
            case EarFailed(error):
                self._leave_stream()
                if self._turn_began_ms is None or self._ear is None:
                    self._tell(Deaf(error))
                else:  # it was told to have begun, so it has to end
                    self._end_turn(self._ear.heard_ms, _failed(error))

    def _end_turn(self, ear_ms: int, words: Words) -> None:
        end_ms = self._position_ms(ear_ms)
        began_ms, self._turn_began_ms = self._turn_began_ms, None
        self._tell(TurnEnded(end_ms if began_ms is None else began_ms, end_ms, words))

    def _forget_turn(self) -> None:
        self._turn_began_ms = None
        if self._ear is not None:
            self._ear.reset()

    def _position_ms(self, ear_ms: int) -> int:
        return round(self._ear_began_ms) + ear_ms

    def _listen(self, pcm16_8k: bytes) -> None:
        if self._stream is None:
            self._stream = self._opened()
        if not isinstance(self._stream, RecogniserError):
            self._stream.hear(pcm16_8k)

    def _opened(self) -> Stream | RecogniserError:
        try:
            return self._recogniser.open(self._vocabulary(), self, loudness_rms=self._loudness_rms)
        except RecogniserError as error:
            return error

    def _finished(self) -> Words:
        stream, self._stream = self._stream, None
        return self._words(stream if stream is not None else self._opened())

    def _words(self, stream: Stream | RecogniserError) -> Words:
        if isinstance(stream, RecogniserError):
            return _failed(stream)
        words = asyncio.ensure_future(stream.finish())
        self._finishing[words] = stream
        words.add_done_callback(self._finishing.pop)
        words.add_done_callback(self._remember_loudness)
        return words

    def _remember_loudness(self, words: Words) -> None:
        if words.cancelled() or words.exception() is not None:
            return
        heard = words.result()
        if heard.in_domain and heard.loudness_rms:  # else it may have been a door
            before = self._loudness_rms or heard.loudness_rms
            self._loudness_rms = (before + heard.loudness_rms) / 2

    def _leave_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None and not isinstance(stream, RecogniserError):
            stream.cancel()


def _failed(error: RecogniserError) -> Words:
    words: Words = asyncio.get_running_loop().create_future()
    words.set_exception(error)
    return words
