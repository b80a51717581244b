"""The embedded recogniser: pocketsphinx for many callers at once.

A few threads (desks), a cabinet of decoders, and a look at both twice a second: a thread that died or hangs is
replaced, the utterances at it fail, and nobody else notices. Who waits too long for an answer is told so.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from offhook.errors import RecogniserError
from offhook.recognisers.port import StreamListener
from offhook.recognisers.sphinx.cabinet import AnyDecoder, Cabinet
from offhook.recognisers.sphinx.decoder import Decoder
from offhook.recognisers.sphinx.desk import Desk
from offhook.recognisers.sphinx.library import model, pocketsphinx
from offhook.recognisers.sphinx.utterance import Utterance
from offhook.recognisers.vocabulary import Vocabulary
from offhook.telemetry.logs import get_logger

THREADS: Final = 2
FIRST_DECODERS: Final = 4
"""Made at the start."""
MOST_DECODERS: Final = 32
"""Utterances at the same moment, about 8 MB each. Of callers who speak half the time, twice as many."""
HANG_S: Final = 5.0
"""Work that takes 20 ms and is not done after so long will not be done."""
LOOK_S: Final = 0.5
"""Between one look at the threads and the next."""

_log = get_logger(__name__)


class SphinxRecogniser:
    """A ``Recogniser``. Made on the loop that it is used on.

    More than twice ``decoders`` utterances at a time are refused; those above ``decoders`` wait, and their sound with
    them.
    """

    def __init__(
        self,
        *,
        threads: int = THREADS,
        first_decoders: int = FIRST_DECODERS,
        decoders: int = MOST_DECODERS,
        hang_s: float = HANG_S,
        make_decoder: Callable[[], AnyDecoder] = Decoder,
    ) -> None:
        self._threads = threads
        self._most_utterances = 2 * decoders
        self._hang_s = hang_s
        self._cabinet = Cabinet(first=min(first_decoders, decoders), most=decoders, make=make_decoder)
        self._desks: list[Desk] = []
        self._utterances: set[Utterance] = set()
        self._loop = asyncio.get_running_loop()
        self._look: asyncio.TimerHandle | None = None

    @property
    def decoders(self) -> int:
        """How many there are by now."""
        return self._cabinet.decoders

    async def start(self) -> None:
        """See ``Recogniser``. The first decoders are made meanwhile."""
        pocketsphinx()
        if not (model() / "cmudict-en-us.dict").exists():
            raise RecogniserError("sphinx", f"there is no model in {model()}")
        self._cabinet.start()
        self._desks = [Desk(f"sphinx-{number}") for number in range(self._threads)]
        self._look_later()

    async def close(self) -> None:
        """See ``Recogniser``."""
        if self._look is not None:
            self._look.cancel()
        desks, self._desks = self._desks, []
        error = RecogniserError("sphinx", "the recogniser was closed", code="lost")
        for utterance in list(self._utterances):
            self._loop.call_soon(utterance.fail, error)  # a listener that raises must not keep us from the others
        await asyncio.sleep(0)
        for desk in desks:
            await asyncio.to_thread(desk.close)
        await asyncio.to_thread(self._cabinet.close)

    async def prepare(self, vocabulary: Vocabulary) -> None:
        """See ``Recogniser``."""
        self._require_started()
        ready: asyncio.Future[Exception | None] = self._loop.create_future()

        def tell(error: Exception | None) -> None:
            if not ready.done():
                ready.set_result(error)

        def call_back(error: Exception | None) -> None:
            with suppress(RuntimeError):  # the loop is closed, and so is the program
                self._loop.call_soon_threadsafe(tell, error)

        self._cabinet.prepare(vocabulary, call_back)
        if (error := await ready) is not None:
            raise RecogniserError("sphinx", f"{vocabulary!r} cannot be used: {error}") from error

    def open(self, vocabulary: Vocabulary, listener: StreamListener, *, loudness_rms: float | None = None) -> Utterance:
        """See ``Recogniser``."""
        self._require_started()
        if len(self._utterances) >= self._most_utterances:
            reason = f"{len(self._utterances)} utterances at once; {self._most_utterances} may be"
            raise RecogniserError("sphinx", reason, code="overloaded")
        desk = min(self._desks, key=lambda each: each.seated)
        desk.seated += 1
        utterance = Utterance(desk, self._cabinet, vocabulary, listener, self._left, loudness_rms)
        self._utterances.add(utterance)
        return utterance

    def _require_started(self) -> None:
        if not self._desks:
            raise RecogniserError("sphinx", "not started, or closed")

    def _left(self, utterance: Utterance) -> None:
        utterance.desk.seated -= 1
        self._utterances.discard(utterance)

    def _look_later(self) -> None:
        self._look = self._loop.call_later(LOOK_S, self._look_round)

    def _look_round(self) -> None:
        self._look_later()
        if self._cabinet.is_lost():
            _log.error("the thread that makes decoders was lost; another takes its place")
            self._cabinet.start()
        self._cabinet.call_next()
        for number, desk in enumerate(self._desks):
            if desk.is_lost(self._hang_s):
                there = [utterance for utterance in self._utterances if utterance.desk is desk]
                _log.error("a recogniser thread was lost; another takes its place", utterances=len(there))
                for utterance in there:
                    self._loop.call_soon(utterance.desk_lost)
                self._desks[number] = Desk(f"sphinx-{number}")
        for utterance in self._utterances:
            self._loop.call_soon(utterance.fail_if_overdue)
