"""How a call comes to its end by itself: last words are said, the line goes quiet, and then it is left.

``leaving`` is the plan; here it is weighed against what can be heard on the bridge and what the tools still do.
"""

import asyncio
from collections.abc import Callable

from offhook.calls.bridge import Bridge
from offhook.calls.departure import Departure, EndReason
from offhook.calls.leaving import Leave, Leaving
from offhook.calls.toolbelt import Toolbelt


class Parting:
    """Of one call. ``end`` ends it."""

    __slots__ = ("_bridge", "_clock", "_end", "_leaving", "_toolbelt")

    def __init__(
        self,
        bridge: Bridge,
        toolbelt: Toolbelt,
        *,
        clock: Callable[[], float],
        end: Callable[[EndReason, Departure], None],
    ) -> None:
        self._bridge = bridge
        self._toolbelt = toolbelt
        self._clock = clock
        self._end = end
        self._leaving = Leaving()

    @property
    def talking(self) -> bool:
        """The agent is to be heard, or about to be."""
        return self._bridge.replying or self._bridge.playing

    def begin(self, leave: Leave) -> asyncio.Future[None]:
        """Leave when the line is quiet, which may be now. The future is done when the call ends.

        It raises CallRefused if the call goes on after all. A tool that runs in this task is not waited for in turn.
        """
        self._toolbelt.ends_the_call(asyncio.current_task())
        self._leaving.plan(leave, self._clock())
        parted = self._leaving.waited_for()
        self.if_quiet()
        return parted

    def say_goodbye(self, leave: Leave, instructions: str) -> None:
        """Have the agent say its last words, and leave when they were heard."""
        if self._leaving.planned and leave.may_be_stopped:
            return  # it ends already, and is not put off
        # A reply that is being made comes before the one that is asked for here.
        self._leaving.plan(leave, self._clock(), replies_due=2 if self._bridge.replying else 1)
        self._bridge.ask(instructions, tools=False)

    def if_quiet(self) -> None:
        """It may have become quiet: leave, if that is planned and nothing is to be heard or waited for."""
        if self._leaving.when_quiet and not self.talking and not self._toolbelt.working:
            self._leave()

    def reply_made(self) -> None:
        """A reply is done; it may have been the last words."""
        self._leaving.reply_made()

    def caller_goes_on(self) -> None:
        """The caller has more to say."""
        self._leaving.caller_goes_on()

    def drop(self) -> None:
        """The call ends in whatever way: nothing is planned any more."""
        self._leaving.take()

    def done(self) -> None:
        """It has ended, or is about to without us. Who waited for that goes on."""
        self._leaving.done()

    def deadline(self) -> float:
        """When ``on_time`` wants to be called; inf if never."""
        return self._leaving.deadline()

    def on_time(self, now: float) -> None:
        """Leave, if the last words take too long."""
        if now >= self._leaving.deadline():
            self._leave()

    def _leave(self) -> None:
        leave = self._leaving.take()
        if leave is not None:
            self._end(leave.reason, leave.departure)
