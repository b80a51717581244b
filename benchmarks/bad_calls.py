"""Calls that go wrong, mixed into a soak: lines that break, callers who hang up in a reply, or never let one end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import cycle
from types import TracebackType
from typing import Final, Self

from benchmarks.callers import ACCOUNT_SID, DIALLED, HUNG_UP_WITHIN_S
from benchmarks.talk import FRAME_BYTES, FRAME_MS, LOUD_FRAMES, Pattern, frames
from offhook.loadtest.twilio import Behaviour, Line, LineEndedError, TwilioStandIn

CALL_MOST_S: Final = 20.0
SOFT_FRAMES: Final = 50
"""Half a second until the turn is over, half a second of reply, and it is talked over."""

REPLY_HEARD_MS: Final = 300
"""That much of a reply of 1.5 s, and the caller is in the middle of it."""

RESUMED_S: Final = 1.0
INTERRUPTS_S: Final = 4.0


class Interrupter:
    """A ``Talker`` who talks over each reply."""

    def __init__(self) -> None:
        ready = frames(Pattern.LIGHT)
        self._frames = cycle(ready[: LOUD_FRAMES + SOFT_FRAMES])
        self._to_hear_ms = 0.0
        self._in_a_reply = asyncio.Event()

    def next_payload(self, at: float) -> bytes:
        """The next 20 ms."""
        return next(self._frames)

    def hears(self, size_bytes: int, now: float) -> None:
        """So much of a reply."""
        self._to_hear_ms -= size_bytes * FRAME_MS / FRAME_BYTES
        if self._to_hear_ms <= 0:
            self._in_a_reply.set()

    async def until_in_a_reply(self) -> None:
        """Wait until some of it was heard, from now on."""
        self._to_hear_ms = REPLY_HEARD_MS
        self._in_a_reply.clear()
        await self._in_a_reply.wait()


async def breaks(line: Line, talker: Interrupter) -> None:
    """The stream's connection is reset in a reply; the gateway is asked again, and the call goes on for a while."""
    await talker.until_in_a_reply()
    line.drop()
    await line.until_streaming(nth=2)
    await asyncio.sleep(RESUMED_S)


async def breaks_for_good(line: Line, talker: Interrupter) -> None:
    """The connection is reset, and the caller hangs up before it is resumed."""
    await talker.until_in_a_reply()
    line.drop()


async def hangs_up_in_a_reply(line: Line, talker: Interrupter) -> None:
    """The rest of the reply finds nobody."""
    await talker.until_in_a_reply()


async def interrupts(line: Line, talker: Interrupter) -> None:
    """Reply after reply is cut."""
    await asyncio.sleep(INTERRUPTS_S)


Misdeed = Callable[[Line, Interrupter], Awaitable[None]]

MISDEEDS: Final[tuple[Misdeed, ...]] = (breaks, breaks_for_good, hangs_up_in_a_reply, interrupts)


class BadCalls:
    """Rings ``per_second``, each time with the next misdeed. Leaving it hangs up what is left."""

    def __init__(self, voice_url: str, auth_token: str, per_second: float) -> None:
        self.ended = 0
        """Calls that had a stream, and have come and gone."""
        self.resumed = 0
        """Of them: calls whose stream broke, and that had another."""
        self._every_s = 1 / per_second
        self._stand_in = TwilioStandIn(
            account_sid=ACCOUNT_SID, auth_token=auth_token, voice_url=voice_url, behaviour=Behaviour(record_s=0)
        )

    async def __aenter__(self) -> Self:
        await self._stand_in.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stand_in.__aexit__(kind, error, trace)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number, misdeed in enumerate(cycle(MISDEEDS)):
                group.create_task(self._call(f"+1666{number:07d}", misdeed))
                await asyncio.sleep(self._every_s)

    async def _call(self, caller: str, misdeed: Misdeed) -> None:
        talker = Interrupter()
        line = await self._stand_in.ring(caller, DIALLED, talker=talker)
        with suppress(LineEndedError, TimeoutError):
            async with asyncio.timeout(CALL_MOST_S):
                await line.until_streaming()
                await misdeed(line, talker)
        line.hang_up()
        await line.close(HUNG_UP_WITHIN_S)
        self._stand_in.forget(line)
        self.ended += bool(line.streams)
        self.resumed += len(line.streams) > 1
