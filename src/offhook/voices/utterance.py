"""One text being spoken: what the engine's thread makes of it, and how that comes to the loop.

The thread appends pieces and wakes the loop; the loop hands a few of them over at a time, so that a long text that
comes all at once holds nobody up.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from offhook.errors import VoiceError
from offhook.voices.names import EspeakName
from offhook.voices.output_stage import OutputStage
from offhook.voices.port import Done, Sink
from offhook.voices.reading import Clause, reading
from offhook.voices.words import Word

PIECES_PER_TURN = 8
"""The sink is given so many pieces before other work of the loop has its turn: about half a second of sound."""


class Utterance:
    """A ``Speaking``. Made, cancelled and delivered on the loop; the methods of the thread say so."""

    def __init__(
        self,
        text: str,
        *,
        name: EspeakName,
        words_per_minute: int,
        rate_hz: int,
        ahead_s: float,
        more: bool,
        sink: Sink,
        done: Done,
        on_cancel: Callable[["Utterance"], None],
    ) -> None:
        self.name = name
        self.words_per_minute = words_per_minute
        self.rate_hz = rate_hz
        self.ahead_s = ahead_s
        self.more = more
        self.stage: OutputStage | None = None
        """The thread's: made when its first sound is."""
        self.taken_ms = 0.0
        """The thread's: how much sound the engine has made of it."""
        self.clause_s = 0.0
        """The thread's: how long the last clause was."""
        self.covered_until_s = time.monotonic()
        """The thread's: see ``rota``."""
        self._clauses: Iterator[Clause] = reading(text, name.language.tag)
        self._next: Clause | None = None
        self._begun = False
        self._loop = asyncio.get_running_loop()
        self._sink = sink
        self._done = done
        self._on_cancel = on_cancel
        self._mail: deque[bytes | Word | _End] = deque()
        self._awake = False
        self._over = False
        self._given_bytes = 0
        self._words: list[Word] = []
        self._last_word_start = -1

    # What the caller sees.

    @property
    def words(self) -> Sequence[Word]:
        """See ``Speaking``."""
        return self._words

    @property
    def given_ms(self) -> int:
        """See ``Speaking``."""
        return round(self._given_bytes * 1000 / (self.rate_hz * 2))

    def cancel(self) -> None:
        """See ``Speaking``."""
        if not self._over:
            self._over = True
            self._mail.clear()
            self._on_cancel(self)

    # What the thread does.

    @property
    def is_over(self) -> bool:
        """It was cancelled, or nobody is there any more to be spoken to."""
        return self._over

    def next_clause(self) -> tuple[Clause | None, bool]:
        """Return what is to be said next, or None, and if something follows it. The thread's."""
        if not self._begun:
            self._begun = True
            self._next = next(self._clauses, None)
        clause = self._next
        self._next = next(self._clauses, None)
        return clause, self._next is not None

    def give(self, sound: bytes, words: Sequence[Word] = ()) -> None:
        """Send a piece on its way, and the words that begin in it. The thread's."""
        for word in words:
            if word.char_start != self._last_word_start:  # "25" is two words for the engine, one for a reader
                self._last_word_start = word.char_start
                self._mail.append(word)
        if sound:
            self._mail.append(sound)
            self._wake()

    def end(self, error: VoiceError | None = None) -> None:
        """Say that this was all. The thread's."""
        self._mail.append(_End(error))
        self._wake()

    def _wake(self) -> None:
        if self._loop.is_closed():  # also after it was woken, when nobody would ever come for the mail
            self._over = True
        if self._awake or self._over:
            return
        self._awake = True
        try:
            self._loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:  # it was closed just now
            self._over = True

    # What the loop does.

    def _deliver(self) -> None:
        self._awake = False
        pieces = 0
        while self._mail and not self._over:
            if pieces == PIECES_PER_TURN:
                self._awake = True
                self._loop.call_soon(self._deliver)
                return
            match self._mail.popleft():
                case bytes(piece):
                    pieces += 1
                    self._given_bytes += len(piece)
                    self._hand_over(piece)
                case Word() as word:
                    self._words.append(word)
                case _End(error):
                    self._over = True
                    self._done(error, self.given_ms)

    def _hand_over(self, piece: bytes) -> None:
        try:
            self._sink(piece)
        except BaseException:
            self.cancel()  # a sink that is broken wants no more; the loop hears of it
            raise


class _End:
    """The last thing in the mail."""

    __match_args__ = ("error",)

    def __init__(self, error: VoiceError | None) -> None:
        self.error = error
