"""How probable it is that somebody speaks, for all callers of a process at once.

Windows that come within GATHER_MS of one another go through the network together, at most ``MAX_BATCH``, in a thread of
its own: a batch costs a third of its windows one by one. What is too quiet to be speech does not go through it at all,
so a silent caller costs nothing but the look at how loud it is.
"""

import asyncio
import queue
import threading
from asyncio import AbstractEventLoop, TimerHandle
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeVar

from offhook.audio.g711 import audioop
from offhook.ears.silero import MAX_BATCH, Memory, Silero, new_memory
from offhook.errors import RecogniserError
from offhook.telemetry.logs import get_logger

GATHER_MS: Final = 8
"""The first window of a batch waits so long for others; not at all if its caller's sound came all at once, and more of
it waits: else nobody could be heard at more than three times real time."""

GATE_RMS: Final = 20
"""A window below this, -64 dBFS, is silence if nobody speaks yet: speech on a telephone is 30 to 40 dB louder."""

HANG_S: Final = 5.0
"""A batch takes 2 ms. One that takes so long will never be done."""

LOOK_S: Final = 0.5
"""Between one look at the thread and the next."""

_Answer = TypeVar("_Answer")
_log = get_logger(__name__)


class Seat:
    """One caller's place. ``hear`` a window, be told its probability, in order."""

    __slots__ = ("_at_work", "_memory", "_tell", "_vad", "_windows", "is_alert")

    def __init__(self, vad: "Vad", tell: Callable[[float | RecogniserError], None]) -> None:
        self.is_alert = False
        """Nothing is too quiet to be judged: set while somebody speaks, so that no soft ending is lost."""
        self._vad = vad
        self._tell = tell
        self._windows: deque[bytes] = deque()
        self._memory: Memory | None = None
        self._at_work = False

    def hear(self, window: bytes) -> None:
        """One window of PCM16 at 8 kHz, WINDOW_BYTES long. The answer may come before this returns."""
        self._windows.append(window)
        if not self._at_work:
            self._next()

    def close(self) -> None:
        """No more answers."""
        self._tell = _nobody
        self._windows.clear()

    def answer(self, probability: float) -> None:
        """The network has spoken."""
        self._at_work = False
        try:
            self._tell(probability)
        finally:
            self._next()

    def fail(self, error: RecogniserError) -> None:
        """There is no answer, to this window or the next ones that wait. The network's memory begins anew."""
        self._at_work = False
        self._memory = None
        self._windows.clear()
        self._tell(error)

    def _next(self) -> None:
        while self._windows and not self._at_work:
            window = self._windows.popleft()
            if not self.is_alert and audioop.rms(window, 2) < GATE_RMS:
                self._memory = None  # what follows silence is like the start of a call
                self._tell(0.0)
            else:
                self._at_work = True
                self._memory = self._memory or new_memory()
                self._vad.add(Work(self, window, self._memory), hurry=bool(self._windows))


def _nobody(_: object) -> None:
    pass


def _guarded(tell: Callable[[_Answer], None], answer: _Answer) -> None:
    try:
        tell(answer)
    except Exception:  # whoever is told may fail; the others of the batch must be told all the same
        _log.exception("a caller's ear could not be told")


@dataclass(frozen=True, slots=True)
class Work:
    """A window on its way through the network."""

    seat: Seat
    window: bytes
    memory: Memory


class _Worker:
    """A thread, what it was given, and since when it has not answered."""

    def __init__(self, network: Silero, run: Callable[["_Worker"], None]) -> None:
        self.network = network
        self.batches: queue.SimpleQueue[list[Work] | None] = queue.SimpleQueue()
        self.under_way: deque[list[Work]] = deque()
        self.since = monotonic()
        self.thread = threading.Thread(target=run, args=(self,), name="ears", daemon=True)
        self.thread.start()

    def is_lost(self, hang_s: float) -> bool:
        """It has died, or hangs."""
        return not self.thread.is_alive() or (bool(self.under_way) and monotonic() - self.since >= hang_s)


class Vad:
    """Made on the loop that it is used on; ``start`` it first.

    A batch that fails, and a thread that dies or hangs, is told to those whose windows were in it: they may go on, with
    a new thread if need be.
    """

    def __init__(self, *, make_network: Callable[[], Silero] = Silero, hang_s: float = HANG_S) -> None:
        self._make_network = make_network
        self._hang_s = hang_s
        self._loop: AbstractEventLoop = asyncio.get_running_loop()
        self._waiting: list[Work] = []
        self._timer: TimerHandle | None = None
        self._look: TimerHandle | None = None
        self._worker: _Worker | None = None
        self.windows = 0
        """That went through the network."""
        self.batches = 0
        """In so many batches."""

    async def start(self) -> None:
        """Load the network. RecogniserError if that is not possible."""
        self._worker = _Worker(await asyncio.to_thread(self._make_network), self._run)
        self._look = self._loop.call_later(LOOK_S, self._look_round)

    async def close(self) -> None:
        """End the thread. There are no more answers."""
        for timer in (self._timer, self._look):
            if timer is not None:
                timer.cancel()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.batches.put(None)
            await asyncio.to_thread(worker.thread.join, 2)

    def open(self, tell: Callable[[float | RecogniserError], None]) -> Seat:
        """A place for a caller; ``tell`` is called on the loop."""
        return Seat(self, tell)

    def add(self, work: Work, *, hurry: bool) -> None:
        """Put a window through the network, with others. In a ``hurry`` if more of the same caller wait behind it."""
        self._waiting.append(work)
        if len(self._waiting) >= MAX_BATCH:
            self._send()
        elif self._timer is None:
            self._timer = self._loop.call_later(0 if hurry else GATHER_MS / 1000, self._send)

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        if self._worker is not None and batch:
            self.windows += len(batch)
            self.batches += 1
            if not self._worker.under_way:
                self._worker.since = monotonic()
            self._worker.under_way.append(batch)
            self._worker.batches.put(batch)

    def _done(self, worker: _Worker, probabilities: list[float] | RecogniserError) -> None:
        if worker is not self._worker:
            return  # it was given up, and its seats were told
        batch = worker.under_way.popleft()
        worker.since = monotonic()
        if isinstance(probabilities, RecogniserError):
            for work in batch:
                _guarded(work.seat.fail, probabilities)
        else:
            for work, probability in zip(batch, probabilities, strict=True):
                _guarded(work.seat.answer, probability)

    def _look_round(self) -> None:
        self._look = self._loop.call_later(LOOK_S, self._look_round)
        worker = self._worker
        if worker is not None and worker.is_lost(self._hang_s):
            _log.error("the thread of the ears was lost; another takes its place", batches=len(worker.under_way))
            # A session of onnxruntime may be used by two threads at once, so the new one need not load it again.
            self._worker = _Worker(worker.network, self._run)
            for work in (work for batch in worker.under_way for work in batch):
                _guarded(work.seat.fail, RecogniserError("ears", "the thread that listened was lost", code="lost"))

    def _run(self, worker: _Worker) -> None:
        while (batch := worker.batches.get()) is not None:
            said: list[float] | RecogniserError
            try:
                said = worker.network.probabilities([work.window for work in batch], [work.memory for work in batch])
            except Exception as error:
                _log.error("voice activity failed", reason=repr(error), callers=len(batch))
                said = RecogniserError("ears", repr(error), code="failed")
            with suppress(RuntimeError):  # the loop is closed, and so is the program
                self._loop.call_soon_threadsafe(self._done, worker, said)
            if worker is not self._worker:
                return
