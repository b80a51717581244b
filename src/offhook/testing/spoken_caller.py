"""The caller with a telephone in hand: speaks at real pace, and goes by what the phone lets them hear."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from offhook.agents.agent import Agent
from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import pcmu_to_pcm16
from offhook.audio.wav import read_wav, write_wav
from offhook.calls import events
from offhook.calls.call import Call
from offhook.calls.conversation import CallerSaid, Entry
from offhook.calls.departure import EndReason
from offhook.calls.states import State
from offhook.calls.view import detail
from offhook.loadtest.twilio import Line, LineEndedError
from offhook.telemetry.feed import Subscription
from offhook.testing.caller import INTERRUPT_AFTER_MS, Caller
from offhook.testing.callers_voice import CallersVoice
from offhook.testing.floor import Floor
from offhook.testing.transcript import Deed, written_out
from offhook.testing.wording import Wanted, says

LISTENS_EVERY_S: Final = 0.02
"""A frame of the telephone."""

QUIET_S: Final = 0.2
"""So long a silence tells that the agent has finished."""

MORE_WITHIN_S: Final = 1.5
"""An agent that has finished, and has not said what is wanted, may yet say it in so long."""

NOTICED_WITHIN_S: Final = 2.5
"""After a line was said, so long until the agent shows that it heard somebody; a second in practice."""

TURN_ENDS_WITHIN_S: Final = 12.0
WORDS_WITHIN_S: Final = 3.0
"""What was understood may come later than the answer to it."""

ANSWERED_WITHIN_S: Final = 30.0
ENDS_WITHIN_S: Final = 15.0
KEY_EVERY_S: Final = 0.15

HUNG_UP: Final = frozenset({EndReason.AGENT_HUNG_UP, EndReason.SILENCE, EndReason.TIME_UP})
"""Ends that are the agent's doing."""


class SpokenCaller(Caller):
    """A caller who speaks. Made by ``ringing.phone_call``."""

    def __init__(self, agent: Agent, line: Line, call: Call, voice: CallersVoice, floor: Floor) -> None:
        super().__init__()
        self._agent = agent
        self._line = line
        self._call = call
        self._voice = voice
        self._floor = floor
        self._loop = asyncio.get_running_loop()
        self._latencies_ms: dict[str, int] = {}

    async def follow(self, feed: Subscription[events.CallEvent]) -> None:
        """Keep up with what happens on the call, until cancelled."""
        while True:
            self._happened((await feed.next()).event)

    # ---- looking back ----------------------------------------------------------------------------------------------

    @property
    def conversation(self) -> Sequence[Entry]:
        """See ``Caller``."""
        return detail(self._call).transcript

    @property
    def latencies_ms(self) -> list[int]:
        """For each answer, from the end of the caller's speech, as the engine saw it, to its first sound."""
        return list(self._latencies_ms.values())

    @property
    def transcript(self) -> str:
        """See ``Caller``."""
        title = f"The call with {self._agent.name}, answered by the engine {self._call.engine_name}:"
        carrier = [Deed(self._call.lasted_ms, "carrier", f'"{sentence}"') for sentence in self._line.sentences]
        end = [Deed(self._call.lasted_ms, "end", self._state())] if self._over else []
        deeds = [*self._deeds, *carrier, *end]
        return written_out(title, self.conversation, deeds, latencies_ms=self._latencies_ms)

    def save_wav(self, path: str | Path) -> None:
        """Write what went over the line, the caller left and the agent right. OSError if it cannot be written."""
        spoken, heard = self._line.stereo()
        write_wav(path, PCMU_8K.rate_hz, pcmu_to_pcm16(spoken), pcmu_to_pcm16(heard))

    # ---- talking ---------------------------------------------------------------------------------------------------

    async def says(self, line: str, *, listens: bool = True, within_s: float | None = None) -> str:
        """See ``Caller``."""
        __tracebackhide__ = True
        sound = await self._voice.sound_of(line)
        await self._until_agent_is_done(within_s)
        if not await self._speak(sound, f'says "{line}"'):
            raise self.failure(f'nobody noticed that the caller said "{line}"')
        return await self._answered(within_s, listens=listens)

    async def plays(self, sound: str | Path | bytes, *, listens: bool = True, within_s: float | None = None) -> str:
        """As ``says``, with a recording: a WAV file, or bytes of µ-law at 8 kHz. It need not be noticed.

        OSError or AudioError for a file that cannot be read.
        """
        __tracebackhide__ = True
        pcmu = sound if isinstance(sound, bytes) else read_wav(sound, PCMU_8K)[1]
        name = "" if isinstance(sound, bytes) else f" of {Path(sound).name}"
        await self._until_agent_is_done(within_s)
        await self._speak(pcmu, f"plays {PCMU_8K.duration_ms(len(pcmu)) / 1000:.1f} s{name}")
        return await self._answered(within_s, listens=listens)

    async def sound_of(self, line: str, *, voice: str | None = None) -> bytes:
        """Return ``line`` as the caller, or another ``voice``, says it: µ-law at 8 kHz, to be changed and played."""
        return await self._voice.sound_of(line, voice)

    async def hears(self, wanted: Wanted, *, within_s: float | None = None) -> str:
        """See ``Caller``."""
        __tracebackhide__ = True
        until = self._loop.time() + (within_s if within_s is not None else ANSWERED_WITHIN_S)
        more_s = MORE_WITHIN_S if within_s is None else within_s
        while True:
            await self._until_agent_is_done(max(0.0, until - self._loop.time()), or_fail=False)
            if says(self._reply(), wanted):
                return self._reply()
            left_s = min(more_s, until - self._loop.time())
            if self._over or not await self._until(lambda: not self._agent_is_done, left_s):
                raise self.failure(self._not_heard(wanted))

    async def interrupts(
        self,
        line: str,
        *,
        after_ms: int = INTERRUPT_AFTER_MS,
        cuts: bool = True,
        listens: bool = True,
        within_s: float | None = None,
    ) -> str:
        """See ``Caller``."""
        __tracebackhide__ = True
        heard_ms = self._line.played_ms
        sound = await self._voice.sound_of(line)
        until = self._loop.time() + (within_s or ANSWERED_WITHIN_S)
        while self._line.played_ms - heard_ms < after_ms or not self._agent_sounds:
            quiet = not await self._until(lambda: not self._agent_is_done, MORE_WITHIN_S)
            if quiet or self._over or self._loop.time() > until:
                heard_s = (self._line.played_ms - heard_ms) / 1000
                raise self.failure(
                    f"there was nothing to interrupt: {heard_s:.1f} s of the agent were heard, and then silence"
                )
            await asyncio.sleep(LISTENS_EVERY_S)
        interruptions = self._floor.interruptions
        noticed = await self._speak(sound, f'interrupts: "{line}"')
        if not noticed:
            raise self.failure(f'nobody noticed that the caller interrupted with "{line}"')
        if cuts != (self._floor.interruptions > interruptions):
            raise self.failure(f"the agent should {'' if cuts else 'not '}have stopped when it was interrupted")
        return await self._answered(within_s, listens=listens)

    async def presses(self, keys: str) -> str:
        """See ``Caller``."""
        __tracebackhide__ = True
        self._begin_to(f"presses {keys}")
        before = self._floor.keys
        for key in keys:
            self._line.press(key)
            await asyncio.sleep(KEY_EVERY_S)
        if not await self._until(lambda: self._floor.keys >= before + len(keys) or self._over, NOTICED_WITHIN_S):
            raise self.failure(f"the keys {keys} did not arrive")
        return "" if self._agent.digit_handler is not None else await self._answered(None, listens=True)

    async def waits(self, seconds: float) -> None:
        """Say nothing for so long: what the agent does about silence is seen then."""
        self._begin_to(f"is silent for {seconds:g} s")
        await self._until(lambda: self._over, seconds)

    # ---- the end ---------------------------------------------------------------------------------------------------

    async def hangs_up(self) -> None:
        """See ``Caller``. It returns when the gateway knows."""
        __tracebackhide__ = True
        self._begin_to("hangs up")
        self._line.hang_up()
        if not await self._until(lambda: self._call.state is State.ENDED, ENDS_WITHIN_S):
            raise self.failure("the gateway goes on with the call after the caller hung up")

    async def is_hung_up_on(self, *, within_s: float | None = None) -> None:
        """See ``Caller``."""
        __tracebackhide__ = True
        await self._until_it_ends(within_s)
        if not self._line.life.over or self._call.life.end_reason not in HUNG_UP:
            raise self.failure(f"the agent should have hung up; {self._state()}")

    async def is_transferred_to(self, to: str, *, within_s: float | None = None) -> None:
        """See ``Caller``."""
        __tracebackhide__ = True
        await self._until_it_ends(within_s)
        if self._transferred_to != to:
            raise self.failure(f"the call should have been transferred to {to}; {self._state()}")

    # ---- what the phone, and the gateway, tell ---------------------------------------------------------------------

    @property
    def _transferred_to(self) -> str | None:
        dial = self._line.transferred_to
        return dial.number if dial is not None else None

    @property
    def _over(self) -> bool:
        """The agent is not on the line any more."""
        return self._line.life.over or self._transferred_to is not None

    def _state(self) -> str:
        if self._transferred_to is not None:
            return f"it was transferred to {self._transferred_to}"
        return f"the call has ended: {self._call.life.end_reason}" if self._line.life.over else "the call goes on"

    @property
    def _agent_sounds(self) -> bool:
        stream = self._line.stream
        return stream is not None and stream.playback.queued_ms(self._loop.time()) > 0

    @property
    def _agent_is_done(self) -> bool:
        if self._over:
            return True
        bridge = self._call.bridge
        ends = not self._call.life.going
        return not (ends or self._floor.agent_is_next or self._agent_sounds or bridge.playing or bridge.replying)

    def _happened(self, event: events.CallEvent) -> None:
        self._floor.happened(event)
        match event:
            case events.AgentBegan(id=turn, latency_ms=latency_ms) if latency_ms is not None:
                self._latencies_ms[turn] = latency_ms
            case events.EngineWent(reason=reason):
                self._note("engine", f"was lost: {reason}")
            case events.EngineComplaint(reason=reason):
                self._note("engine", f"complained: {reason}")
            case events.ReplyFailed(reason=reason):
                self._note("engine", f"made no reply: {reason}")

    # ---- small change ----------------------------------------------------------------------------------------------

    def _note(self, who: str, text: str) -> None:
        self._deeds.append(Deed(self._call.lasted_ms, who, text))

    def _begin_to(self, what: str) -> None:
        __tracebackhide__ = True
        if self._over:
            raise self.failure(f"the caller is not on the line any more: {self._state()}")
        self._starts_anew()
        self._note("caller", what)

    async def _speak(self, sound: bytes, what: str) -> bool:
        """Return when it was said, and its turn is over. False if nobody noticed."""
        __tracebackhide__ = True
        self._begin_to(what)
        floor = self._floor
        began, took = floor.began, floor.took
        self._line.say(sound)
        with suppress(LineEndedError):
            await self._line.spoken(PCMU_8K.duration_ms(len(sound)) / 1000 + ENDS_WITHIN_S)
        await self._until(lambda: floor.began > began or self._over, NOTICED_WITHIN_S)
        if floor.began == began and not self._over:
            return False
        await self._until(lambda: (floor.took > took and not floor.caller_speaks) or self._over, TURN_ENDS_WITHIN_S)
        return True

    async def _answered(self, within_s: float | None, *, listens: bool) -> str:
        __tracebackhide__ = True
        if listens:
            await self._until_agent_is_done(within_s)
            await self._until(lambda: self._over or self._words_are_known, WORDS_WITHIN_S)
        return self._reply()

    @property
    def _words_are_known(self) -> bool:
        return all(entry.text is not None for entry in self.conversation if isinstance(entry, CallerSaid))

    async def _until_agent_is_done(self, within_s: float | None, *, or_fail: bool = True) -> None:
        __tracebackhide__ = True
        until = self._loop.time() + (within_s if within_s is not None else ANSWERED_WITHIN_S)
        quiet_since = self._loop.time()
        while not self._over and self._loop.time() < quiet_since + QUIET_S:
            await asyncio.sleep(LISTENS_EVERY_S)
            now = self._loop.time()
            if not self._agent_is_done:
                quiet_since = now
                if now > until:
                    if or_fail:
                        raise self.failure("the agent did not come to an end")
                    return

    async def _until_it_ends(self, within_s: float | None) -> None:
        if within_s is None:
            await self._until_agent_is_done(ENDS_WITHIN_S, or_fail=False)
        await self._until(lambda: self._over, MORE_WITHIN_S if within_s is None else within_s)

    async def _until(self, happened: Callable[[], bool], within_s: float) -> bool:
        until = self._loop.time() + within_s
        while not happened():
            if self._loop.time() >= until:
                return False
            await asyncio.sleep(LISTENS_EVERY_S)
        return True
