"""A recogniser that understands what it was told beforehand, after a stated delay.

For tests of what stands around a recogniser, and for load that shall not be the recogniser's. It listens to nothing:
each stream takes the next of its texts, in turn.
"""

import asyncio
from asyncio import Future, TimerHandle
from collections.abc import Callable, Sequence
from itertools import cycle

from offhook.audio.formats import PCM16_8K
from offhook.audio.g711 import require_whole_samples
from offhook.errors import RecogniserError
from offhook.recognisers.port import Heard, StreamListener, Word
from offhook.recognisers.vocabulary import Vocabulary

MAX_STREAMS = 10_000
"""At once; it costs next to nothing, but a load that never ends its streams shall be noticed."""


class SyntheticRecogniser:
    """A ``Recogniser``. Words come ``delay_ms`` after ``finish``, and one more interim word with every ``word_ms``.

    An empty text is an utterance that was not understood. RecogniserError for no texts, and times that make no sense.
    """

    def __init__(self, texts: Sequence[str], *, delay_ms: float = 0.0, word_ms: int = 300) -> None:
        if not texts:
            raise RecogniserError("synthetic", "no texts")
        if not (delay_ms >= 0 and word_ms > 0):
            raise RecogniserError("synthetic", f"delay_ms is {delay_ms}, word_ms {word_ms}; 0 and 1 are the least")
        self._texts = cycle(texts)
        self._delay_s = delay_ms / 1000
        self._word_ms = word_ms
        self._streams: set[SyntheticStream] = set()

    async def start(self) -> None:
        """See ``Recogniser``."""

    async def close(self) -> None:
        """See ``Recogniser``."""
        for stream in list(self._streams):
            stream.fail(RecogniserError("synthetic", "the recogniser was closed", code="lost"))

    async def prepare(self, vocabulary: Vocabulary) -> None:
        """See ``Recogniser``."""

    def open(
        self, vocabulary: Vocabulary, listener: StreamListener, *, loudness_rms: float | None = None
    ) -> "SyntheticStream":
        """See ``Recogniser``."""
        if len(self._streams) >= MAX_STREAMS:
            raise RecogniserError("synthetic", f"{MAX_STREAMS} streams are open", code="overloaded")
        stream = SyntheticStream(next(self._texts), self._delay_s, self._word_ms, listener, self._streams.discard)
        self._streams.add(stream)
        return stream


class SyntheticStream:
    """A ``Stream``."""

    def __init__(
        self,
        text: str,
        delay_s: float,
        word_ms: int,
        listener: StreamListener,
        leave: Callable[["SyntheticStream"], None],
    ) -> None:
        self._words = text.split()
        self._delay_s = delay_s
        self._word_ms = word_ms
        self._listener = listener
        self._leave = leave
        self._heard_bytes = 0
        self._told = 0
        self._failure: RecogniserError | None = None
        self._result: Future[Heard] | None = None
        self._timer: TimerHandle | None = None
        self._is_over = False

    def hear(self, pcm16_8k: bytes) -> None:
        """See ``Stream``. AudioError if the last sample is cut in half."""
        require_whole_samples(pcm16_8k)
        if self._is_over or self._result is not None:
            return
        self._heard_bytes += len(pcm16_8k)
        count = min(len(self._words), int(self._audio_ms) // self._word_ms)
        if count > self._told:
            self._told = count
            self._listener.interim(" ".join(self._words[:count]))

    def finish(self) -> "Future[Heard]":
        """See ``Stream``. Asked again, it gives the same."""
        if self._result is None:
            loop = asyncio.get_running_loop()
            self._result = loop.create_future()
            if self._failure is not None:
                self._result.set_exception(self._failure)
            elif self._is_over:
                self._result.cancel()
            else:
                self._timer = loop.call_later(self._delay_s, self._succeed)
        return self._result

    def cancel(self) -> None:
        """See ``Stream``. Who awaits the result is cancelled."""
        if not self._is_over:
            self._end()
            if self._result is not None:
                self._result.cancel()

    def fail(self, error: RecogniserError) -> None:
        """End the stream with an error. Nothing if it is over already."""
        if self._is_over:
            return
        self._failure = error
        self._end()
        if self._result is None:
            self._listener.failed(error)
        elif not self._result.done():
            self._result.set_exception(error)

    @property
    def _audio_ms(self) -> float:
        return PCM16_8K.duration_ms(self._heard_bytes)

    def _end(self) -> None:
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        self._leave(self)

    def _succeed(self) -> None:
        self._end()
        each_ms = round(self._audio_ms / max(len(self._words), 1))
        words = tuple(Word(word, at * each_ms, (at + 1) * each_ms) for at, word in enumerate(self._words))
        heard = Heard(" ".join(self._words), words, 0.0, in_domain=bool(words), audio_ms=round(self._audio_ms))
        if self._result is not None and not self._result.done():
            self._result.set_result(heard)
