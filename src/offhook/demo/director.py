"""Drives the caller, who goes by what the phone lets them hear, as people do."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from offhook.demo.failure import DemoFailed
from offhook.demo.scenario import CallerTurn, WhenQuiet, WhileSpeaking
from offhook.demo.sounds import load_sound
from offhook.loadtest.twilio import Line, LineEndedError

LISTEN_EVERY_S: Final = 0.02
"""A frame of the telephone."""

PATIENCE_S: Final = 15.0
"""So long the caller waits for what is to come next."""


class Caller:
    """Holds one phone."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._heard_before_ms = 0.0

    async def talk(self, turns: Sequence[CallerTurn]) -> None:
        """Say every line at its cue, and stay until the agent hangs up. Raises DemoFailed if it comes otherwise."""
        doing = "waited for the line to open"
        try:
            await self._line.until_streaming(timeout_s=PATIENCE_S)
            for number, turn in enumerate(turns, start=1):
                doing = f"waited for the moment to say line {number}"
                await self._cue(turn.cue)
                doing = f"said line {number}"
                self._line.say(load_sound(turn.line.name))
                await self._line.spoken(PATIENCE_S)
                self._heard_before_ms = self._line.played_ms
            doing = "waited for the agent to hang up"
            await self._line.until_ended(PATIENCE_S)
        except LineEndedError:
            raise DemoFailed(f"the call ended while the caller {doing}") from None
        except TimeoutError:
            raise DemoFailed(f"the caller {doing}, for {PATIENCE_S:.0f} s in vain") from None

    async def _cue(self, cue: WhenQuiet | WhileSpeaking) -> None:
        async with asyncio.timeout(PATIENCE_S):
            match cue:
                case WhileSpeaking(heard_ms):
                    await self._until(lambda: self._heard_ms() >= heard_ms)
                case WhenQuiet(pause_ms):
                    await self._until(lambda: self._heard_ms() > 0)
                    await self._until_quiet_for(pause_ms / 1000)

    async def _until_quiet_for(self, pause_s: float) -> None:
        since = self._loop.time()
        while self._loop.time() < since + pause_s:
            await self._listen()
            if self._speaks():
                since = self._loop.time()

    async def _until(self, happened: Callable[[], bool]) -> None:
        while not happened():
            await self._listen()

    async def _listen(self) -> None:
        await asyncio.sleep(LISTEN_EVERY_S)
        if self._line.life.over:
            raise LineEndedError(self._line.sid, self._line.status)

    def _heard_ms(self) -> float:
        """Of the agent, since the caller's last words."""
        return self._line.played_ms - self._heard_before_ms

    def _speaks(self) -> bool:
        stream = self._line.stream
        return stream is not None and stream.playback.queued_ms(self._loop.time()) > 0
