"""One call: as Twilio sees it, and as the caller does.

Twilio's side is the script that runs the TwiML, the streams that it opens, and the status callbacks. The caller's side
is what a test or a demo does: speak, press keys, hang up, and look at what was heard.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from offhook.errors import OffhookError
from offhook.loadtest.twilio.callbacks import Callbacks, StatusCallback, Told
from offhook.loadtest.twilio.debugger import Debugger
from offhook.loadtest.twilio.exchange import Exchange
from offhook.loadtest.twilio.facts import CallFacts, Direction
from offhook.loadtest.twilio.handset import Handset
from offhook.loadtest.twilio.life import Life
from offhook.loadtest.twilio.script import Fetch, LoggedDocument, Script, Source
from offhook.loadtest.twilio.stage import CallStage, Executed
from offhook.loadtest.twilio.states import Outcome, Status
from offhook.loadtest.twilio.stream import MediaStream
from offhook.loadtest.twilio.streams import Streams
from offhook.loadtest.twilio.talker import Talker
from offhook.loadtest.twilio.twiml import Dial, Say

KEYS: Final = frozenset("0123456789*#ABCD")

log = logging.getLogger(__name__)


class LineEndedError(OffhookError):
    """The call ended before what was waited for happened."""

    def __init__(self, sid: str, status: Status) -> None:
        self.sid = sid
        self.status = status
        super().__init__(f"call {sid} ended: {status}")


@dataclass(frozen=True, slots=True)
class CallPlan:
    """How a call begins, and what goes with it. Twilio's own time limit is 4 hours."""

    first: Source
    fallback: Fetch | None = None
    callback: StatusCallback | None = None
    ring_timeout_s: float = 60.0
    time_limit_s: float = 14_400.0
    answered_by: str = ""
    """What machine detection will find; empty if it was not asked for."""
    request: Mapping[str, str] = field(default_factory=dict)
    """The parameters of the REST request, for an outbound call."""


class Line:
    """A call. Made by a stand-in: ``ring`` for inbound ones, the REST API for outbound ones."""

    def __init__(self, exchange: Exchange, facts: CallFacts, plan: CallPlan) -> None:
        self.facts = facts
        self.plan = plan
        self.outcome: Outcome | None = None
        """What becomes of this outbound call, if not what the behaviour says; to be set while it is queued."""
        self.debugger = Debugger()
        self._exchange = exchange
        self._loop = asyncio.get_running_loop()
        self._handset = Handset(exchange.behaviour.record_s, self._tell)
        self._callbacks = Callbacks(exchange.webhooks, self.debugger)
        inbound = facts.direction is Direction.INBOUND
        self.life = Life(facts, Status.RINGING if inbound else Status.QUEUED, self._callbacks, plan.callback)
        self._streams = Streams(exchange, facts, self._handset, self.debugger, self._callbacks, self._tell)
        self._stage = CallStage(
            exchange,
            facts,
            self.life,
            self._handset,
            self._streams,
            self.debugger,
            plan.fallback,
            self._answered,
        )
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._time_limit: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Line {self.sid} {self.caller} → {self.dialled} {self.status}>"

    # What can be seen.

    @property
    def sid(self) -> str:
        """CallSid."""
        return self.facts.sid

    @property
    def caller(self) -> str:
        """From."""
        return self.facts.caller

    @property
    def dialled(self) -> str:
        """To."""
        return self.facts.dialled

    @property
    def status(self) -> Status:
        """CallStatus."""
        return self.life.status

    @property
    def answered(self) -> bool:
        """True once somebody has picked up, also after the end."""
        return self._stage.answered

    @property
    def answered_by(self) -> str:
        """What machine detection found; empty if it was not asked for, or nobody has answered."""
        return self._stage.answered_by

    @property
    def log(self) -> list[Executed]:
        """The verbs that were run."""
        return self._stage.log

    @property
    def verbs(self) -> list[str]:
        """Their names."""
        return [type(executed.verb).__name__ for executed in self.log]

    @property
    def sentences(self) -> list[str]:
        """What ``<Say>`` said to the caller."""
        return [executed.verb.text for executed in self.log if isinstance(executed.verb, Say)]

    @property
    def document_log(self) -> list[LoggedDocument]:
        """The documents that were asked for, and those that the REST API gave."""
        return self._stage.document_log

    @property
    def callback_log(self) -> list[Told]:
        """The status callbacks of the call and of its streams, as they were sent."""
        return self._callbacks.log

    @property
    def transferred_to(self) -> Dial | None:
        """The last ``<Dial>`` that was answered."""
        return self._stage.transferred_to

    @property
    def stream(self) -> MediaStream | None:
        """The open stream, if there is one."""
        return self._streams.current

    @property
    def streams(self) -> list[MediaStream]:
        """All streams that were opened, in order."""
        return self._streams.opened

    @property
    def played_ms(self) -> float:
        """How much sound of the server the caller has heard, on all streams together."""
        return sum(stream.played_ms for stream in self.streams)

    def heard(self) -> bytes:
        """Everything the caller has heard since the answer, in µ-law; silence where nothing played."""
        return self._handset.heard.render(self._talk_samples())

    def stereo(self) -> tuple[bytes, bytes]:
        """Caller and agent since the answer, in µ-law, equally long."""
        samples = self._talk_samples()
        return self._handset.spoken.render(samples), self._handset.heard.render(samples)

    # What the caller does.

    def say(self, pcmu: bytes) -> None:
        """Speak µ-law, after what is being spoken. Before the first stream it waits for it."""
        self._handset.voice.say(pcmu)

    def talk(self, talker: Talker) -> None:
        """From the next stream on, this one speaks and listens in place of ``say`` and ``heard``."""
        self._handset.talker = talker

    def hush(self) -> None:
        """Stop speaking."""
        self._handset.voice.hush()
        self._tell()

    async def spoken(self, timeout_s: float = 120.0) -> None:
        """Wait until everything was said. LineEndedError if the call ends first, TimeoutError."""
        await self._until(lambda: self._handset.voice.silent, timeout_s)

    def press(self, digit: str) -> None:
        """Press one key. ValueError if there is no such key; without a stream nobody notices."""
        if digit not in KEYS:
            raise ValueError(f"no key {digit!r}")
        if self.stream is not None:
            self.stream.press(digit)

    def hang_up(self) -> None:
        """Put the phone down, or decline while it rings. Nothing, if no phone rings yet."""
        if self.answered:
            self._end(Status.COMPLETED)
        elif self.status is Status.RINGING:
            # UNVERIFIED: Twilio's word for a caller who gives up.
            self._end(Status.NO_ANSWER if self.facts.direction is Direction.INBOUND else Status.BUSY)

    def far_party_hangs_up(self) -> None:
        """The one that ``<Dial>`` reached puts the phone down."""
        self._stage.far_party_gone.set()

    def drop(self) -> None:
        """Break the stream's connection."""
        if self.stream is not None:
            self.stream.drop()

    def stall(self, seconds: float) -> None:
        """Stop reading the stream's socket for that long."""
        if self.stream is not None:
            self.stream.stall(seconds)

    def send_raw(self, message: str | bytes, *, final: bool = True, continuation: bool = False) -> None:
        """Send a frame as it is, text or binary, over the stream."""
        if self.stream is not None:
            self.stream.send_raw(message, final=final, continuation=continuation)

    async def until_ringing(self, timeout_s: float = 10.0) -> None:
        """Wait until the phone rings, or has been answered. LineEndedError, TimeoutError."""
        await self._until(lambda: self.status in (Status.RINGING, Status.IN_PROGRESS), timeout_s)

    async def until_answered(self, timeout_s: float = 10.0) -> None:
        """Wait until Twilio, or the called phone, has picked up. LineEndedError, TimeoutError."""
        await self._until(lambda: self.answered, timeout_s)

    async def until_streaming(self, nth: int | None = None, timeout_s: float = 10.0) -> MediaStream:
        """Wait until a stream is open, or until ``nth`` streams were opened in all. LineEndedError, TimeoutError."""
        if nth is not None:
            await self._until(lambda: len(self.streams) >= nth, timeout_s)
            return self.streams[nth - 1]
        await self._until(lambda: self.stream is not None, timeout_s)
        return self.streams[-1]

    async def until_ended(self, timeout_s: float = 10.0) -> Status:
        """Wait for the end of the call. TimeoutError."""
        await self._until(lambda: self.life.over, timeout_s)
        return self.status

    async def callbacks_sent(self, timeout_s: float = 10.0) -> list[Told]:
        """Wait until no status callback waits to be sent, and return all that were. TimeoutError."""
        async with asyncio.timeout(timeout_s):
            await self._callbacks.drained()
        return self.callback_log

    # What the stand-in and its REST API do.

    def begin(self) -> None:
        """Start the call: ring out if it is queued, then run the first document."""
        if not self.life.over:
            self._run(self.plan.first)

    def redirect(self, source: Source, fallback: Fetch | None = None) -> None:
        """Abandon the running TwiML and its stream, and run this."""
        if fallback is not None:
            self._stage.fallback = fallback
        self._abandon()
        self._run(source)

    def complete(self) -> None:
        """End the call, whatever it is at. UNVERIFIED that an unanswered one is then called canceled."""
        self._end(Status.COMPLETED if self.answered else Status.CANCELED)

    def cancel(self) -> None:
        """End the call if it is not answered."""
        if not self.answered:
            self._end(Status.CANCELED)

    async def close(self, timeout_s: float) -> None:
        """End the call, close its streams, and tell the last callbacks, if that takes no longer than this."""
        self.complete()
        if self._task is not None:
            await asyncio.wait([self._task])
        for stream in self.streams:
            await stream.gone(timeout_s)
        try:
            async with asyncio.timeout(timeout_s):
                await self._callbacks.drained()
        except TimeoutError:
            await self._callbacks.abandon()

    def _run(self, source: Source) -> None:
        self._task = self._loop.create_task(self._live(source))

    async def _live(self, source: Source) -> None:
        try:
            if self.status is Status.QUEUED and not await self._ring_out():
                return
            over = await Script(self._stage, self._exchange.behaviour).run(source)
            self._end(over.status)
        except Exception:  # a fault of the stand-in itself: one call, and not silently
            log.exception("call %s broke", self.sid)
            self.complete()

    async def _ring_out(self) -> bool:
        """Ring the called phone. False if nobody answered: the call has ended then."""
        behaviour = self._exchange.behaviour
        outcome = self.outcome or behaviour.outbound_answer
        self.life.move(Status.INITIATED)
        self.life.move(Status.RINGING)
        self._tell()
        ring_s = self.plan.ring_timeout_s if outcome is Outcome.NO_ANSWER else behaviour.ring_s
        await asyncio.sleep(min(ring_s, self.plan.ring_timeout_s))
        if outcome is Outcome.ANSWERED and ring_s <= self.plan.ring_timeout_s:
            self._stage.answered_by = self.plan.answered_by
            self._stage.answer()
            return True
        self._end(Status.NO_ANSWER if outcome is Outcome.ANSWERED else Status(outcome))
        return False

    def _answered(self) -> None:
        self._time_limit = self._loop.call_later(self.plan.time_limit_s, self.complete)
        self._tell()

    def _abandon(self) -> None:
        self._streams.stop()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def _end(self, status: Status) -> None:
        if self.life.over:
            return
        self._abandon()
        self._exchange.clock.stop(self._handset)
        if self._time_limit is not None:
            self._time_limit.cancel()
        self.life.move(status)
        self._tell()

    def _talk_samples(self) -> int:
        return self._handset.place(self.life.ended_at or self._loop.time()) if self.answered else 0

    def _tell(self) -> None:
        """Wake whoever waits for something on this line."""
        self._news.set()
        self._news = asyncio.Event()

    async def _until(self, happened: Callable[[], bool], timeout_s: float) -> None:
        async with asyncio.timeout(timeout_s):
            while not happened():
                if self.life.over:
                    raise LineEndedError(self.sid, self.status)
                await self._news.wait()
