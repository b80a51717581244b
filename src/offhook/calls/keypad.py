"""The keys a caller presses: to the agent's ``on_digit`` handler one by one, or to the model gathered to a number."""

from collections.abc import Callable
from math import inf

from offhook.agents.agent import DigitHandler
from offhook.agents.handle import CallHandle
from offhook.calls.digits import Digits
from offhook.calls.key_presses import KeyPresses


class Keypad:
    """Of one call, told the time. An agent that has a handler takes all keys itself."""

    __slots__ = ("_complete", "_digits", "_keys")

    def __init__(self, handler: DigitHandler | None, call: CallHandle, complete: Callable[[str], None]) -> None:
        """``complete`` is told what was pressed, if there is no handler."""
        self._keys = KeyPresses(handler, call) if handler is not None else None
        self._digits = Digits() if handler is None else None
        self._complete = complete

    def pressed(self, digit: str, now: float) -> None:
        """One key."""
        if self._keys is not None:
            self._keys.pressed(digit)
        elif self._digits is not None and (keys := self._digits.pressed(digit, now)) is not None:
            self._complete(keys)

    def deadline(self) -> float:
        """When ``on_time`` wants to be called; inf if never."""
        return self._digits.deadline() if self._digits is not None else inf

    def on_time(self, now: float) -> None:
        """The pause after the last key may be long enough."""
        if self._digits is not None and (keys := self._digits.on_time(now)) is not None:
            self._complete(keys)

    def close(self) -> None:
        """The call is over: keys that wait for the handler are dropped."""
        if self._keys is not None:
            self._keys.close()
