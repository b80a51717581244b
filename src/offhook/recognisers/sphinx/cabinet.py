"""The decoders of a process, leased for one utterance each.

Making a decoder, and writing the files of a new vocabulary, take 40 to 100 ms: a thread of its own, the keeper, does
both, so that no caller waits behind another's. It makes the first ones ahead, and another whenever the last idle one
was taken, up to ``most``; while it writes, a short-lived thread makes them for those who wait. Who finds none, or finds
the vocabulary unknown, is called back.
"""

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final, Protocol

from offhook.errors import RecogniserError
from offhook.recognisers.sphinx.decoder import Decoded, Decoder, ModelFiles
from offhook.recognisers.sphinx.shelf import Shelf
from offhook.recognisers.vocabulary import Vocabulary
from offhook.telemetry.logs import get_logger

RETRY_S: Final = 5.0
"""After a decoder could not be made, wait so long before the next try."""

KEEPER_HANG_S: Final = 30.0
"""The largest vocabulary takes 4 s of CPU. What is not done after so long will not be done."""

CallBack = Callable[[Exception | None], None]
"""Called from some thread when it is worth asking again, or with what is in the way for good. Raises nothing."""

_log = get_logger(__name__)


class AnyDecoder(Protocol):
    """What the cabinet keeps: a ``Decoder``, or in a test something that fails as one might."""

    kept: list[str]
    """Digests of the vocabularies that it is given again at once."""

    def fit(self, files: ModelFiles) -> None:
        """Listen for another vocabulary."""

    def begin(self, loudness_rms: float | None = None) -> None:
        """Start an utterance of a caller who is, or is not yet known to be, so loud."""

    def hear(self, pcm16_8k: bytes) -> None:
        """Work on some more of it."""

    def interim(self) -> str:
        """The words so far."""

    def finish(self) -> Decoded:
        """End it."""

    def close(self) -> None:
        """Give the memory back."""


class Cabinet:
    """May be used from any thread; nothing but ``close`` waits."""

    def __init__(
        self, *, first: int, most: int, make: Callable[[], AnyDecoder] = Decoder, hang_s: float = KEEPER_HANG_S
    ) -> None:
        self._first = first
        self._most = most
        self._make = make
        self._hang_s = hang_s
        self._shelf = Shelf()
        self._idle: list[AnyDecoder] = []
        self._leased: set[AnyDecoder] = set()
        self._waiting: deque[CallBack] = deque()
        self._unknown: deque[tuple[Vocabulary, CallBack]] = deque()
        self._failed: Exception | None = None
        self._retry_at = 0.0
        self._closed = False
        self._change = threading.Condition()
        self._keeper = threading.Thread()
        self._making_beside = False
        self._since: float | None = None
        self._under_way: CallBack | None = None

    def start(self) -> None:
        """Begin to make the first decoders. Again if the keeper was lost; who waited for what it did is told so."""
        with self._change:
            under_way, self._under_way, self._since = self._under_way, None, None
            self._keeper = threading.Thread(target=self._keep, name="sphinx-cabinet", daemon=True)
            self._keeper.start()
        if under_way is not None:
            under_way(RecogniserError("sphinx", "the thread that writes vocabularies was lost", code="lost"))

    def is_lost(self) -> bool:
        """The keeper has died, or hangs."""
        with self._change:
            hangs = self._since is not None and monotonic() - self._since >= self._hang_s
            return not self._closed and (hangs or not self._keeper.is_alive())

    @property
    def decoders(self) -> int:
        """How many there are, idle and leased."""
        return len(self._idle) + len(self._leased)

    def lease(self, vocabulary: Vocabulary, call_back: CallBack) -> tuple[AnyDecoder, ModelFiles] | None:
        """A decoder, and what to fit it with; or None, and one call back.

        RecogniserError if the cabinet is closed, or there is no decoder, and the last try to make one failed.
        """
        files = self._shelf.known(vocabulary)
        with self._change:
            self._require_open()
            if files is None:
                self._unknown.appendleft((vocabulary, call_back))  # somebody speaks; who prepares has time
                self._change.notify()
                return None
            if not self._idle:
                if self._failed is not None and not self.decoders:
                    raise RecogniserError("sphinx", f"there is no decoder: {self._failed}", code="failed")
                self._waiting.append(call_back)
                self._ask_for_more()
                return None
            # One that has the vocabulary already, else the one that was idle for the longest.
            decoder = next((each for each in reversed(self._idle) if files.digest in each.kept), self._idle[0])
            self._idle.remove(decoder)
            self._leased.add(decoder)
            if not self._idle:
                self._ask_for_more()
        return decoder, files

    def give_back(self, decoder: AnyDecoder) -> None:
        """It is idle again. One that was lost in the meantime is closed."""
        with self._change:
            keep = decoder in self._leased and not self._closed
            self._leased.discard(decoder)
            if keep:
                self._idle.append(decoder)
        if keep:
            self.call_next()
        else:
            decoder.close()

    def call_next(self) -> None:
        """Call back the one that has waited longest, if a decoder is idle."""
        with self._change:
            call_back = self._waiting.popleft() if self._idle and self._waiting else None
        if call_back is not None:
            call_back(None)

    def discard(self, decoder: AnyDecoder) -> None:
        """It has failed: close it, and make another if one is wanted."""
        self.lose(decoder)
        decoder.close()

    def lose(self, decoder: AnyDecoder) -> None:
        """Count it no more: a thread hangs in it. Its memory is not given back, as it may be in use."""
        with self._change:
            self._leased.discard(decoder)
            self._change.notify()

    def prepare(self, vocabulary: Vocabulary, call_back: CallBack) -> None:
        """Write the files of a vocabulary, and call back. RecogniserError if the cabinet is closed."""
        with self._change:
            self._require_open()
            self._unknown.append((vocabulary, call_back))
            self._change.notify()

    def close(self) -> None:
        """Close what is idle now, and what is leased when it is given back. Waits for the keeper, 5 seconds at most."""
        with self._change:
            self._closed = True
            idle, self._idle = self._idle, []
            waiting = [*self._waiting, *(call_back for _, call_back in self._unknown)]
            self._waiting.clear()
            self._unknown.clear()
            self._change.notify_all()
        for call_back in waiting:
            call_back(_closed())
        for decoder in idle:
            decoder.close()
        if self._keeper.is_alive():
            self._keeper.join(timeout=5)
        self._shelf.close()

    def _require_open(self) -> None:
        if self._closed:
            raise _closed()

    def _keep(self) -> None:
        me = threading.current_thread()
        while True:
            with self._change:
                if self._keeper is me:
                    self._since = self._under_way = None
                while self._keeper is me and not (self._closed or self._unknown or self._wants_more()):
                    self._change.wait(timeout=self._pause_s())
                if self._closed or self._keeper is not me:
                    return
                self._since = monotonic()
                # A decoder takes 40 ms. Those who wait for one must not wait for all vocabularies of new agents.
                adds = not self._unknown or (bool(self._waiting) and self._wants_more())
                vocabulary, self._under_way = (None, None) if adds else self._unknown.popleft()
            if vocabulary is not None and self._under_way is not None:
                self._write(vocabulary, self._under_way)
            else:
                self._add()

    def _ask_for_more(self) -> None:
        self._change.notify()
        if self._under_way is not None and self._waiting and self._wants_more():
            # The keeper may be at a large vocabulary for a second and more, and somebody speaks.
            self._making_beside = True
            threading.Thread(target=self._add_beside, name="sphinx-beside", daemon=True).start()

    def _add_beside(self) -> None:
        self._add(is_beside=True)
        with self._change:
            self._making_beside = False
            self._ask_for_more()

    def _is_short(self) -> bool:
        if self._making_beside:
            return False
        return self.decoders < self._first or (not self._idle and self.decoders < self._most)

    def _wants_more(self) -> bool:
        return self._is_short() and monotonic() >= self._retry_at

    def _pause_s(self) -> float | None:
        return max(self._retry_at - monotonic(), 0.0) if self._is_short() else None

    def _write(self, vocabulary: Vocabulary, call_back: CallBack) -> None:
        try:
            self._shelf.files(vocabulary)
        except Exception as error:
            _log.error("a vocabulary cannot be used", vocabulary=repr(vocabulary), reason=repr(error))
            call_back(error)
        else:
            call_back(None)

    def _add(self, *, is_beside: bool = False) -> None:
        try:
            decoder = self._make()
        except Exception as error:
            _log.error("no decoder can be made", there_are=self.decoders, reason=repr(error))
            with self._change:
                self._failed, self._retry_at = error, monotonic() + RETRY_S
                hopeless = [] if self.decoders else list(self._waiting)
                if hopeless:
                    self._waiting.clear()
            for call_back in hopeless:
                call_back(error)
            return
        with self._change:
            self._failed = None
            if is_beside or self._keeper is threading.current_thread():  # else another has been made in its place
                self._leased.add(decoder)
        self.give_back(decoder)


def _closed() -> RecogniserError:
    return RecogniserError("sphinx", "the recogniser was closed", code="lost")
