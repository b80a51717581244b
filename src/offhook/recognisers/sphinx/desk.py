"""A thread, and the utterances that are worked on at it.

An utterance stays at its desk, so its sound is decoded in order without a lock. Each gets a turn when there is enough
of its sound, and in a turn all that has gathered is worked on at once: the busier the desk, the larger the pieces, and
the less each costs. Sharing a pool of threads was tried before, and broke down at half the load.
"""

import threading
from collections import deque
from time import monotonic
from typing import Protocol


class Turns(Protocol):
    """What sits at a desk."""

    def turn(self) -> bool:
        """Work for a while, at most some 20 ms. True: there is more to do. Raises nothing."""


class Desk:
    """Starts working when it is made."""

    def __init__(self, name: str) -> None:
        self.seated = 0
        """Utterances that are pinned here; counted by who pins them."""
        self.at: Turns | None = None
        """Whose turn it is."""
        self._since: float | None = None
        self._urgent: deque[Turns] = deque()
        self._others: deque[Turns] = deque()
        self._closed = False
        self._lost = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, utterance: Turns, *, urgent: bool = False) -> None:
        """Give it a turn, before those that are not urgent if it is. One turn, however often it is asked for."""
        with self._change:
            if utterance in self._urgent:
                return
            if utterance in self._others:
                if not urgent:
                    return
                self._others.remove(utterance)
            (self._urgent if urgent else self._others).append(utterance)
            self._change.notify()

    def is_lost(self, hang_s: float) -> bool:
        """The thread has died, or one turn has taken ``hang_s`` and more. If so, it does nothing more from now on."""
        with self._change:
            hangs = self._since is not None and monotonic() - self._since >= hang_s
            self._lost = self._lost or (not self._closed and (hangs or not self._thread.is_alive()))
            return self._lost

    def close(self) -> None:
        """End when nobody waits for a turn any more. Waits for that, 2 seconds at most."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        while (utterance := self._next()) is not None:
            if utterance.turn():
                self.submit(utterance)

    def _next(self) -> Turns | None:
        with self._change:
            self.at, self._since = None, None
            while not (self._urgent or self._others or self._closed or self._lost):
                self._change.wait()
            if self._lost or not (self._urgent or self._others):
                return None
            self.at, self._since = (self._urgent or self._others).popleft(), monotonic()
            return self.at
