"""Words in, sound out, sentence by sentence; and an account of which word stands where in the sound."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from offhook.audio.chain import join
from offhook.audio.formats import AudioFormat, Encoding
from offhook.errors import VoiceError
from offhook.voices.port import AHEAD_S, Speaking, Voice
from offhook.voices.sentences import Sentences
from offhook.voices.words import Word, heard

Sink = Callable[[str, bytes, float], None]
"""Takes words that begin in a piece of sound, the piece in the mouth's format, and its length in ms."""


@dataclass(slots=True)
class _Sentence:
    text: str
    words: Sequence[Word] = ()
    total_ms: float | None = None
    """None: it was not said to its end."""


class Spoken:
    """What was said so far, and where in the sound its words stand."""

    def __init__(self) -> None:
        self._sentences: list[_Sentence] = []

    def begin(self, text: str) -> None:
        """A sentence is about to be said."""
        self._sentences.append(_Sentence(text))

    def go_on(self, words: Sequence[Word]) -> None:
        """So many of its words have begun."""
        self._sentences[-1].words = words

    def end(self, total_ms: float) -> None:
        """It is said, to its last word."""
        sentence = self._sentences[-1]
        sentence.words, sentence.total_ms = tuple(sentence.words), total_ms

    def break_off(self) -> None:
        """It was not said to its end, and nothing more will be."""
        sentence = self._sentences[-1]
        sentence.words = tuple(sentence.words)

    def heard(self, heard_ms: int) -> str:
        """The words that a listener has heard after so much of the sound."""
        text, before_ms = "", 0.0
        for sentence in self._sentences:
            rest_ms = heard_ms - before_ms
            # Listeners count whole milliseconds, and round them down.
            if sentence.total_ms is None or rest_ms <= sentence.total_ms - 1:
                return (text + heard(sentence.text, sentence.words, round(rest_ms))).rstrip()
            text += sentence.text
            before_ms += sentence.total_ms
        return text


class Mouth:
    """Says the words of one reply. ``close`` it when there are no more, and await ``quiet``.

    Sound is given AHEAD_S ahead of real time, as the voice does it for one text: a sentence waits until what was given
    before is that far spent.
    """

    def __init__(self, voice: Voice, sink: Sink, *, name: str | None, speed: float, form: AudioFormat) -> None:
        self.quiet: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when all is said. Raises VoiceError."""
        self.spoken = Spoken()
        self._voice = voice
        self._sink = sink
        self._name = name
        self._speed = speed
        self._form = form
        self._linear = AudioFormat(Encoding.PCM16, form.rate_hz)
        self._chain = join(self._linear, form)
        self._sentences = Sentences()
        self._waiting: deque[str] = deque()
        self._speaking: Speaking | None = None
        self._sentence = ""
        self._sentence_ms = 0.0
        self._told_chars = 0
        self._is_closed = False
        self._loop = asyncio.get_running_loop()
        self._covered_until_s = self._loop.time()
        """When a listener would have heard all that was given."""
        self._pause: asyncio.TimerHandle | None = None

    def say(self, text: str) -> None:
        """Say some more; what is no whole sentence yet waits for its rest. VoiceError if the voice has failed."""
        if self.quiet.done():
            self.quiet.result()
        self._waiting.extend(self._sentences.add(text))
        self._go_on()

    def close(self) -> None:
        """There are no more words."""
        self._waiting.extend(self._sentences.flush())
        self._is_closed = True
        self._go_on()

    def shut(self) -> None:
        """Stop at once. Nothing goes to the sink any more."""
        self._waiting.clear()
        if self._pause is not None:
            self._pause.cancel()
        if self._speaking is not None:
            self.spoken.break_off()
            self._speaking.cancel()
            self._speaking = None
        if not self.quiet.cancel() and not self.quiet.cancelled():
            self.quiet.exception()  # seen, so that nobody complains that it was not

    def _go_on(self) -> None:
        if self._speaking is not None or self.quiet.done():
            return
        if not self._waiting:
            if self._is_closed:
                self.quiet.set_result(None)
            return
        ahead_s = max(0.0, self._covered_until_s - self._loop.time())
        if ahead_s > AHEAD_S:
            if self._pause is None:
                self._pause = self._loop.call_later(ahead_s - AHEAD_S, self._resume)
            return
        self._sentence, self._sentence_ms, self._told_chars = self._waiting.popleft(), 0.0, 0
        self.spoken.begin(self._sentence)
        try:
            self._speaking = self._voice.speak(
                self._sentence,
                sink=self._piece,
                done=self._done,
                voice=self._name,
                rate_hz=self._form.rate_hz,
                speed=self._speed,
                ahead_s=AHEAD_S - ahead_s,
                more=bool(self._waiting) or not self._is_closed,
            )
        except VoiceError as error:
            self.quiet.set_exception(error)

    def _resume(self) -> None:
        self._pause = None
        self._go_on()

    def _piece(self, linear: bytes) -> None:
        if self._speaking is not None:
            self.spoken.go_on(self._speaking.words)
        duration_ms = self._linear.duration_ms(len(linear))
        self._sentence_ms += duration_ms
        self._covered_until_s = max(self._covered_until_s, self._loop.time()) + duration_ms / 1000
        self._sink(self._begun_words(), self._chain.convert(linear), duration_ms)

    def _begun_words(self) -> str:
        """The words that have begun since the last piece, whole and with the space behind them."""
        words = self._speaking.words if self._speaking is not None else ()
        if not words or words[-1].char_start < self._told_chars:
            return ""
        end, text = words[-1].char_start, self._sentence
        while end < len(text) and not text[end].isspace():
            end += 1
        while end < len(text) and text[end].isspace():
            end += 1
        begun, self._told_chars = text[self._told_chars : end], end
        return begun

    def _done(self, error: VoiceError | None, _: int) -> None:
        self._speaking = None
        if self.quiet.done():
            return
        if error is not None:
            self.spoken.break_off()
            self.quiet.set_exception(error)
            return
        self.spoken.end(self._sentence_ms)
        if rest := self._sentence[self._told_chars :]:
            self._sink(rest, b"", 0.0)
        self._go_on()
