"""Who rings: any number of lines of the stand-in for Twilio, all alike for all systems."""

import asyncio
import gc
from types import TracebackType
from typing import Final, Self

from benchmarks.talk import Caller, Pattern
from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.twilio import Behaviour, Line, LineEndedError, Status, TwilioStandIn

ACCOUNT_SID: Final = "AC" + "0" * 32
DIALLED: Final = "+15550002222"
ANSWERED_WITHIN_S: Final = 20.0
HUNG_UP_WITHIN_S: Final = 5.0
GC_THRESHOLD: Final = 50_000


class Callers:
    """Holds calls, and adds to them. ``auth_token`` signs what a system that checks signatures is sent."""

    def __init__(self, voice_url: str, pattern: Pattern, auth_token: str = "") -> None:
        self.lateness = Distribution()
        """Of what all callers heard, in milliseconds."""
        self.missing_ms = 0.0
        """What ``Lateness`` took for missing sound of the replies."""
        self.lost = 0
        """Calls that were not answered though nobody said busy, or ended before they were hung up."""
        self.refused = 0
        """Calls that heard that the line is busy."""
        self._pattern = pattern
        self._stand_in = TwilioStandIn(
            account_sid=ACCOUNT_SID, auth_token=auth_token, voice_url=voice_url, behaviour=Behaviour(record_s=0)
        )
        self._rung = 0
        self._talking: dict[Line, Caller] = {}

    async def __aenter__(self) -> Self:
        await self._stand_in.__aenter__()
        # What is there by now stays, and what comes is seldom worth a pause of all callers.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gc.unfreeze()
        await self._stand_in.__aexit__(kind, error, trace)

    @property
    def calls(self) -> int:
        """Under way."""
        return len(self._talking)

    @property
    def heard_ms(self) -> float:
        """Sound that callers heard, all together."""
        return sum(caller.heard_ms for caller in self._talking.values())

    async def ring(self, calls: int, per_second: float) -> None:
        """Ring so many more; return when all of them talk, or are lost."""
        answers = []
        for _ in range(calls):
            answers.append(asyncio.create_task(self._ring_one()))
            await asyncio.sleep(1 / per_second)
        await asyncio.gather(*answers)

    async def hang_up(self, calls: int | None = None) -> None:
        """Hang up the oldest calls, or all, and wait for the server to have closed their streams."""
        lines = list(self._talking)[:calls]
        for line in lines:
            del self._talking[line]
            line.hang_up()
        await asyncio.gather(*(line.close(HUNG_UP_WITHIN_S) for line in lines))
        for line in lines:
            self._stand_in.forget(line)

    def count_lost(self) -> int:
        """Drop calls that have ended by themselves; how many were lost so far."""
        for line in [line for line in self._talking if line.life.over]:
            del self._talking[line]
            self.lost += 1
        return self.lost

    async def _ring_one(self) -> None:
        self._rung += 1
        caller = Caller(self._pattern, self._rung, self)
        line = await self._stand_in.ring(f"+1555{self._rung:07d}", DIALLED, talker=caller)
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                await line.until_streaming(timeout_s=ANSWERED_WITHIN_S)
        except (LineEndedError, TimeoutError):
            if line.status is Status.BUSY:
                self.refused += 1
            else:
                self.lost += 1
                line.hang_up()
            return
        self._talking[line] = caller
