"""One utterance on its way through a decoder: the loop's end of it, and the thread's.

The loop appends sound and says when it is over; the thread takes sound, and posts words. What one side writes the other
only reads, and each piece of sound goes through a deque, so there is no lock. The thread never touches the listener.
"""

import asyncio
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from math import inf
from time import monotonic
from typing import Final, TypeVarTuple

from offhook.audio.formats import PCM16_8K
from offhook.audio.g711 import require_whole_samples
from offhook.errors import RecogniserError
from offhook.recognisers.port import Heard, StreamListener, Word
from offhook.recognisers.sphinx.cabinet import AnyDecoder, Cabinet
from offhook.recognisers.sphinx.decoder import FRAME_MS, Decoded
from offhook.recognisers.sphinx.desk import Desk
from offhook.recognisers.sphinx.judgement import Loudness, is_in_domain, worst_stretch
from offhook.recognisers.vocabulary import Vocabulary
from offhook.telemetry.logs import get_logger

WORTH_A_TURN_MS: Final = 100
"""So much sound gathers before the thread is woken for it: smaller pieces cost more than they hurry."""

PIECE_MS: Final = 400
"""So much sound is worked on in one turn, so that others get theirs."""

MAX_WAITING_MS: Final = 30_000
"""When more sound than this waits, the stream fails with the code ``overloaded``. It is 480 KB."""

MOST_ANSWER_S: Final = 10.0
"""Who has stopped speaking waits so long for the words at most; then the stream fails with the code ``overloaded``."""

MAX_UTTERANCE_MS: Final = 60_000
"""What comes after so much is not listened to, and nothing that long is taken for in domain: it is a radio."""

_PIECE_BYTES: Final = PCM16_8K.size_bytes(PIECE_MS)
_NOTHING: Final = Heard("", (), 0.0, in_domain=False, audio_ms=0)
_Arguments = TypeVarTuple("_Arguments")
_log = get_logger(__name__)


class _State(Enum):
    HEARING = auto()
    FINISHING = auto()
    OVER = auto()


class Utterance:
    """A ``Stream``. Its public methods are the loop's, except ``turn``, which is the thread's."""

    def __init__(
        self,
        desk: Desk,
        cabinet: Cabinet,
        vocabulary: Vocabulary,
        listener: StreamListener,
        leave: Callable[["Utterance"], None],
        loudness_rms: float | None = None,
    ) -> None:
        self.desk = desk
        self._cabinet = cabinet
        self._vocabulary = vocabulary
        self._listener = listener
        self._leave = leave
        self._loudness_rms = loudness_rms
        # The loop writes these.
        self._loop: AbstractEventLoop = asyncio.get_running_loop()
        self._state = _State.HEARING
        self._result: Future[Heard] | None = None
        self._asked_at = inf
        self._failure: RecogniserError | None = None
        self._received_bytes = 0
        self._sound: deque[bytes] = deque()
        # The thread writes these; two flags are taken down again by whoever did what was waited for.
        self._decoder: AnyDecoder | None = None
        self._waits = False
        self._is_done = False
        self._loudness = Loudness()
        self._taken_bytes = 0
        self._interim = ""
        self._interim_posted = False

    # The loop's end.

    def hear(self, pcm16_8k: bytes) -> None:
        """See ``Stream``. AudioError if the last sample is cut in half."""
        require_whole_samples(pcm16_8k)
        if self._state is not _State.HEARING or self._is_full or not pcm16_8k:
            return
        self._received_bytes += len(pcm16_8k)
        for at in range(0, len(pcm16_8k), _PIECE_BYTES):
            self._sound.append(pcm16_8k[at : at + _PIECE_BYTES])
        waiting_ms = self._waiting_ms
        if waiting_ms > MAX_WAITING_MS:
            reason = f"{round(waiting_ms)} ms of sound wait; {MAX_WAITING_MS} may"
            self.fail(RecogniserError("sphinx", reason, code="overloaded"))
        elif waiting_ms >= WORTH_A_TURN_MS:
            self.desk.submit(self)

    def finish(self) -> "Future[Heard]":
        """See ``Stream``. Asked again, it gives the same."""
        if self._result is None:
            self._result = self._loop.create_future()
            if self._failure is not None:
                self._result.set_exception(self._failure)
            elif self._state is _State.OVER:
                self._result.cancel()
            elif not self._received_bytes:
                self._end()
                self._result.set_result(_NOTHING)
            else:
                self._state = _State.FINISHING
                self._asked_at = monotonic()
                self.desk.submit(self, urgent=True)
        return self._result

    def cancel(self) -> None:
        """See ``Stream``. Who awaits the result is cancelled."""
        if self._state is not _State.OVER:
            self._break_off()
            if self._result is not None:
                self._result.cancel()

    def fail(self, error: RecogniserError) -> None:
        """End the stream with an error. Nothing if it is over already."""
        if self._state is _State.OVER:
            return
        self._failure = error
        self._break_off()
        if self._result is None:
            self._listener.failed(error)
        elif not self._result.done():
            self._result.set_exception(error)

    def desk_lost(self) -> None:
        """The thread that worked on it will do so no more."""
        decoder, self._decoder = self._decoder, None
        if decoder is not None:
            if self.desk.at is self:
                self._cabinet.lose(decoder)
            else:
                self._cabinet.give_back(decoder)
        self.fail(RecogniserError("sphinx", "the thread that listened was lost", code="lost"))

    def fail_if_overdue(self) -> None:
        """The words were asked for too long ago: no decoder was free, or there is more to do than can be done."""
        if monotonic() - self._asked_at >= MOST_ANSWER_S:
            reason = f"no words {MOST_ANSWER_S:g} s after the end of the utterance"
            self.fail(RecogniserError("sphinx", reason, code="overloaded"))

    def _end(self) -> None:
        self._state = _State.OVER
        self._sound.clear()
        self._leave(self)

    def _break_off(self) -> None:
        self._end()
        self.desk.submit(self, urgent=True)  # for the decoder to be given back

    def _succeed(self, heard: Heard) -> None:
        if self._state is _State.OVER:
            return
        self._end()
        if self._result is not None and not self._result.done():
            self._result.set_result(heard)

    def _tell_interim(self) -> None:
        self._interim_posted = False
        if self._state is _State.HEARING:
            self._listener.interim(self._interim)

    # The thread's end.

    def turn(self) -> bool:
        """Work on what waits, PIECE_MS at most. True if there is more."""
        try:
            return not self._is_done and self._work()
        except Exception as error:
            # Whatever it was: this utterance ends, its decoder is not used again, and the thread goes on.
            _log.warning("an utterance failed", reason=repr(error))
            self._is_done = True
            decoder, self._decoder = self._decoder, None
            if decoder is not None:
                self._cabinet.discard(decoder)
            self._post_failure(error)
            return False

    def _work(self) -> bool:
        # Read before any sound is taken: if it says finishing, all sound is there.
        state = self._state
        if state is _State.OVER:
            self._return_decoder()
            return False
        decoder = self._decoder or self._take_decoder()
        if decoder is None:
            return False
        if piece := self._take_sound():
            self._loudness.hear(piece)
            decoder.hear(piece)
        if self._sound:
            return True
        if state is _State.FINISHING:
            heard = self._heard(decoder.finish())
            self._is_done = True
            self._return_decoder()
            self._post(self._succeed, heard)
        else:
            self._tell(decoder.interim())
        return False

    def _take_decoder(self) -> AnyDecoder | None:
        if self._waits:
            return None
        self._waits = True  # before it asks: the call back may come before the answer
        leased = self._cabinet.lease(self._vocabulary, self._called_back)
        if leased is None:
            return None
        self._waits = False
        decoder, files = leased
        self._decoder = decoder
        decoder.fit(files)
        decoder.begin(self._loudness_rms)
        return decoder

    def _return_decoder(self) -> None:
        decoder, self._decoder = self._decoder, None
        if decoder is None:
            self._cabinet.call_next()  # it may have been called back, and others wait behind it
        else:
            self._cabinet.give_back(decoder)

    def _called_back(self, error: Exception | None) -> None:
        """From the thread of whoever made a decoder or a vocabulary ready."""
        if error is not None:
            self._post_failure(error)
        elif self._state is _State.OVER:
            self._cabinet.call_next()
        else:
            self._waits = False
            self.desk.submit(self, urgent=self._state is _State.FINISHING)

    def _take_sound(self) -> bytes:
        pieces, size = list[bytes](), 0
        with suppress(IndexError):  # the loop may clear it at any time
            while size < _PIECE_BYTES:
                pieces.append(self._sound.popleft())
                size += len(pieces[-1])
        self._taken_bytes += size
        return b"".join(pieces)

    def _heard(self, decoded: Decoded) -> Heard:
        words = tuple(
            Word(word.text, word.start_frame * FRAME_MS, (word.end_frame + 1) * FRAME_MS) for word in decoded.words
        )
        return Heard(
            " ".join(word.text for word in words),
            words,
            worst_stretch(decoded, self._vocabulary.members),
            in_domain=is_in_domain(decoded, self._loudness, self._vocabulary.members) and not self._is_full,
            audio_ms=round(PCM16_8K.duration_ms(self._taken_bytes)),
            loudness_rms=decoded.loudness_rms,
        )

    def _tell(self, interim: str) -> None:
        if interim == self._interim:
            return
        self._interim = interim
        if not self._interim_posted:
            self._interim_posted = True
            self._post(self._tell_interim)

    def _post_failure(self, error: Exception) -> None:
        if not isinstance(error, RecogniserError):
            error = RecogniserError("sphinx", repr(error), code="failed")
        self._post(self.fail, error)

    def _post(self, call: Callable[[*_Arguments], None], *arguments: *_Arguments) -> None:
        with suppress(RuntimeError):  # the loop is closed, and so is the program
            self._loop.call_soon_threadsafe(call, *arguments)

    # Both ends read these.

    @property
    def _waiting_ms(self) -> float:
        return PCM16_8K.duration_ms(self._received_bytes - self._taken_bytes)

    @property
    def _is_full(self) -> bool:
        return PCM16_8K.duration_ms(self._received_bytes) >= MAX_UTTERANCE_MS
