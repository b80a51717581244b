"""Rings, holds and hangs up: the calls of one load test, each a task of its own. Frames make no tasks."""

import asyncio
import random
import re
import time
from typing import Final

from offhook.loadtest.load.plan import Dialling, Plan
from offhook.loadtest.load.recording import Recording
from offhook.loadtest.load.talkers import CALLERS, Caller
from offhook.loadtest.load.tally import Tally
from offhook.loadtest.twilio import Line, LineEndedError, Status, TwilioStandIn
from offhook.loadtest.twilio.debugger import STREAM_CLOSED, STREAM_INVALID, STREAM_MALFORMED, STREAM_OVERFLOW, Level

STREAM_WITHIN_S: Final = 20.0
"""From the ring to the open stream; the webhook alone may take 15."""

DIALLED: Final = "+15550002222"

_ADDRESS = re.compile(r"\s*\(?\b(?:https?|wss?)://[^\s)]+\)?:?")
_NAMES = re.compile(r"\b(?:CA|MZ|AC)[0-9a-f]{32}\b")
_STREAM_WARNINGS: Final = frozenset({STREAM_OVERFLOW, STREAM_INVALID, STREAM_MALFORMED})
_REFUSED: Final = frozenset({Status.BUSY, Status.NO_ANSWER})


class Callers:
    """``run`` until the plan is over. What they see goes into ``tally``."""

    def __init__(self, plan: Plan, standin: TwilioStandIn, recording: Recording, tally: Tally, *, paced: bool) -> None:
        self._plan = plan
        self._standin = standin
        self._recording = recording
        self._tally = tally
        self._paced = paced
        self._began_at = time.monotonic()
        self._chance = random.Random(1)
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def at_s(self) -> float:
        """Seconds since the first ring."""
        return time.monotonic() - self._began_at

    async def run(self) -> None:
        """Ring, until the last has hung up."""
        self._began_at = time.monotonic()
        dialling = Dialling(self._plan)
        try:
            while (at_s := self.at_s) < self._plan.ends_at_s:
                for _ in range(dialling.due(at_s, self._tally.live)):
                    self._ring()
                await asyncio.sleep(min(max(dialling.next_at_s - self.at_s, 0.001), 0.05))
            if self._calls:
                await asyncio.wait(self._calls)
        finally:
            for call in self._calls:
                call.cancel()

    def _ring(self) -> None:
        self._tally.rung += 1
        self._tally.live += 1
        task = asyncio.create_task(self._call(self._tally.rung))
        self._calls.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        self._tally.live -= 1
        if not task.cancelled() and (error := task.exception()) is not None:
            self._tally.failed += 1
            self._tally.error(f"the load tester broke: {error!r}")

    async def _call(self, number: int) -> None:
        tally, plan = self._tally, self._plan
        talker = CALLERS[plan.pattern](self._recording, tally, number, paced=self._paced)
        rang_at = time.monotonic()
        line = await self._standin.ring(f"+1555{number % 10_000_000:07d}", DIALLED, talker=talker)
        try:
            await line.until_streaming(timeout_s=STREAM_WITHIN_S)
        except LineEndedError:
            self._not_taken(line)
        except TimeoutError:
            tally.failed += 1
            tally.error(f"no stream within {STREAM_WITHIN_S:g} s of the ring")
            line.hang_up()
        else:
            tally.set_up.add((time.monotonic() - rang_at) * 1000)
            tally.streamed += 1
            tally.streaming += 1
            try:
                await self._hold(line, talker)
            finally:
                tally.streaming -= 1
                tally.discarded_ms += 20.0 * sum(stream.chunks_discarded for stream in line.streams)
        self._standin.forget(line)

    async def _hold(self, line: Line, talker: Caller) -> None:
        began_at = time.monotonic()
        left_s = self._plan.ends_at_s - self.at_s
        length_s = self._plan.length_s(self._chance.random())
        try:
            await line.until_ended(max(0.01, left_s if length_s is None else min(left_s, length_s)))
        except TimeoutError:
            self._tally.completed += 1
            talker.ended(time.monotonic() - began_at)
            line.hang_up()
            self._note_alerts(line, ended_it=True)
        else:
            self._tally.failed += 1
            talker.ended(time.monotonic() - began_at)
            if not self._note_alerts(line, ended_it=False):
                self._tally.error("the gateway ended the call")

    def _not_taken(self, line: Line) -> None:
        if line.status in _REFUSED and not line.answered:
            self._tally.rejected += 1
            return
        self._tally.failed += 1
        if not self._note_alerts(line, ended_it=False):
            self._tally.error(f"the call ended before its stream was open: {line.status}")

    def _note_alerts(self, line: Line, *, ended_it: bool) -> int:
        """Count what went wrong on the line; return how much that was."""
        noted = 0
        for alert in line.debugger.alerts:
            if alert.level is Level.WARNING and alert.code not in _STREAM_WARNINGS:
                continue
            if ended_it and alert.code == STREAM_CLOSED:
                continue
            code = str(alert.code)
            self._tally.error(kind_of(alert.text if alert.text.startswith(code) else f"{code} {alert.text}"))
            noted += 1
        return noted


def kind_of(text: str) -> str:
    """What is common to all errors of this kind: without addresses and names."""
    return _NAMES.sub("…", _ADDRESS.sub("", text)).strip(" :")
