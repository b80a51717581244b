"""Drives the caller, who goes by what the phone lets them hear, as people do."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from offhook.audio.formats import PCMU_8K
from offhook.demo.failure import DemoFailed
from offhook.demo.scenario import SPEAKS_ANYWAY_S, WhenQuiet, WhileSpeaking
from offhook.loadtest.twilio import Line, LineEndedError

LISTEN_EVERY_S: Final = 0.02
"""A frame of the telephone."""

PATIENCE_S: Final = 15.0
"""So long the caller waits for what is to come next."""

LISTENS_FOR_S: Final = 120.0
"""So long the caller listens to the agent before they say their next line."""

LEAVES_AFTER_S: Final = 1.5
"""A caller with lines of their own hangs up after so long a silence behind the last answer."""

Cue = WhenQuiet | WhileSpeaking


class Caller:
    """Holds one phone."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._heard_before_ms = 0.0
        self._number = 0
        self._doing = "waited for the line to open"

    async def talk(self, turns: Sequence[tuple[Cue, bytes]]) -> None:
        """Say each at its cue, and stay until the agent hangs up. Raises DemoFailed if it comes otherwise."""
        try:
            await self._say_all(turns)
            self._doing = "waited for the agent to hang up"
            await self._line.until_ended(PATIENCE_S)
        except LineEndedError:
            raise DemoFailed(f"the call ended while the caller {self._doing}") from None
        except TimeoutError:
            raise DemoFailed(f"the caller {self._doing}, in vain") from None

    async def talk_freely(self, turns: Sequence[tuple[Cue, bytes]]) -> int:
        """Say each at its cue, hear the last answer out, and hang up. Return how many turns were said.

        The agent may end the call, or hand it on, at any time. Raises DemoFailed if the line is never open.
        """
        try:
            await self._say_all(turns)
            await self._cue(WhenQuiet(round(LEAVES_AFTER_S * 1000), anyway_after_s=SPEAKS_ANYWAY_S))
        except LineEndedError:
            if not self._number:
                raise DemoFailed(f"the call ended while the caller {self._doing}") from None
        except TimeoutError:
            raise DemoFailed(f"the caller {self._doing}, in vain") from None
        self._line.hang_up()
        await self._line.until_ended(PATIENCE_S)
        return self._number

    async def _say_all(self, turns: Sequence[tuple[Cue, bytes]]) -> None:
        await self._line.until_streaming(timeout_s=PATIENCE_S)
        for number, (cue, sound) in enumerate(turns, start=1):
            self._doing = f"waited for the moment to say line {number}"
            await self._cue(cue)
            self._doing = f"said line {number}"
            self._line.say(sound)
            self._number = number
            await self._line.spoken(PATIENCE_S + PCMU_8K.duration_ms(len(sound)) / 1000)
            self._heard_before_ms = self._line.played_ms

    async def _cue(self, cue: Cue) -> None:
        match cue:
            case WhileSpeaking(heard_ms):
                await self._until(lambda: self._heard_ms() >= heard_ms, PATIENCE_S)
            case WhenQuiet(pause_ms, None):
                await self._until(lambda: self._heard_ms() > 0, PATIENCE_S)
                await self._until_quiet_for(pause_ms / 1000)
            case WhenQuiet(pause_ms, anyway_after_s):
                with suppress(TimeoutError):
                    await self._until(lambda: self._heard_ms() > 0, anyway_after_s)
                await self._until_quiet_for(pause_ms / 1000)

    async def _until_quiet_for(self, pause_s: float) -> None:
        since = self._loop.time()

        def quiet_long_enough() -> bool:
            nonlocal since
            now = self._loop.time()
            if self._speaks(now):
                since = now
            return now >= since + pause_s

        await self._until(quiet_long_enough, LISTENS_FOR_S)

    async def _until(self, happened: Callable[[], bool], timeout_s: float | None) -> None:
        async with asyncio.timeout(timeout_s):
            while not happened():
                await asyncio.sleep(LISTEN_EVERY_S)
                if self._line.life.over or self._line.stream is None:
                    raise LineEndedError(self._line.sid, self._line.status)

    def _heard_ms(self) -> float:
        """Of the agent, since the caller's last words."""
        return self._line.played_ms - self._heard_before_ms

    def _speaks(self, now: float) -> bool:
        stream = self._line.stream
        return stream is not None and stream.playback.queued_ms(now) > 0
