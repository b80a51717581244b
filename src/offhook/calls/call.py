"""One call, from the moment it exists here until it is over.

A call outlives its connections: legs and engine sessions are put on its bridge and taken off again. This file decides
what happens next; the work is done in the nouns around it: ``bridge`` (sound and turns), ``engine_link`` (an engine
session), ``toolbelt`` (tools), ``patience`` and ``digits`` (clocks), ``scribe`` (the record), ``line`` (the carrier's
side). One timer serves all their deadlines.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final

from offhook.agents.agent import Agent
from offhook.agents.builtin import offered_tools
from offhook.audio.formats import PCMU_8K, AudioFormat
from offhook.calls import engine, events
from offhook.calls.bridge import Bridge, BridgeEvent
from offhook.calls.carrier import Carrier
from offhook.calls.conversation import AgentSaid, CallerSaid, Conversation
from offhook.calls.departure import Departure, EndReason, Goodbye, Transfer
from offhook.calls.digits import Digits
from offhook.calls.engine import Brief, Engine, ToolSpec
from offhook.calls.engine_link import EngineLink
from offhook.calls.leg import LeftReason, Leg
from offhook.calls.line import Line
from offhook.calls.patience import Impatience, Patience
from offhook.calls.scribe import Scribe
from offhook.calls.states import TRANSITIONS, Change, State
from offhook.calls.toolbelt import Toolbelt
from offhook.calls.turns import Turns
from offhook.errors import CallRefused, CarrierError, EngineError
from offhook.telemetry.logs import get_logger

LEG_WITHIN_S: Final = 30.0
"""The carrier was told where to stream; if it has not by then, it will not."""

LET_GO_WITHIN_S: Final = 15.0
"""The carrier was told to end the call; if it has not answered by then, we stop waiting."""

LAST_WORDS_WITHIN_S: Final = 12.0
"""So long may a goodbye take to be said and heard."""

FAILED_REPLIES_LIMIT: Final = 3

ARE_YOU_THERE: Final = "The caller has said nothing for a while. Ask in one short sentence if they are still there."
NOBODY_ANSWERS: Final = "The caller does not answer any more. Say goodbye in one short sentence."
TIME_IS_UP: Final = (
    "This call has reached its maximum length. Tell the caller so and say goodbye, in one short sentence."
)
LINE_WAS_LOST: Final = (
    "The line broke for a moment and the caller is back. Say so in a few words, and go on where you were interrupted."
)

log = get_logger("offhook.calls")


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call when it begins, and does not change."""

    call_id: str
    direction: str
    """``inbound`` or ``outbound``."""
    caller: str
    dialled: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    created_at: float = field(default_factory=time.time)
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """What a call may take."""

    queue_ms: int = 2000
    """So much of the caller's sound may wait for the engine."""
    resume_s: float = 10.0
    """A call whose line was lost waits this long for it to come back."""
    engine_within_s: float = 5.0
    """A caller waits this long for an engine session, all tries together."""


@dataclass(frozen=True, slots=True)
class _Leave:
    """The call is to end as soon as the line is quiet."""

    reason: EndReason
    departure: Departure = field(default_factory=Goodbye)
    parted: asyncio.Future[None] | None = None
    """Somebody waits for it."""


class Call:
    """One conversation with one caller. Also what the agent's tools get as their CallHandle."""

    def __init__(
        self,
        facts: CallFacts,
        agent: Agent,
        answering: Engine,
        carrier: Carrier,
        limits: CallLimits,
        *,
        audio: AudioFormat = PCMU_8K,
        publish: Callable[[str, events.CallEvent], None],
        over: Callable[["Call"], None],
        may_transfer: Callable[[str], bool] = lambda to: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.facts = facts
        self.agent = agent
        self.state = State.RINGING
        self.line = Line()
        self.departure: Departure | None = None
        self.end_reason: EndReason | None = None
        self.ended_ms: int | None = None
        self.scribe = Scribe(Conversation())
        self.log = log.bind(call_id=facts.call_id)
        self._carrier = carrier
        self._limits = limits
        self._publish = publish
        self._over = over
        self._may_transfer = may_transfer
        self._clock = clock
        self._began = clock()
        self._audio = audio
        self._instructions = agent.instructions

        turns = Turns(allowed=agent.barge_in.allowed, hold_s=agent.barge_in.hold_ms / 1000)
        self.bridge = Bridge(turns, queue_ms=limits.queue_ms, clock=clock, tell=self._on_bridge)
        self._link = EngineLink(
            answering,
            self.bridge,
            brief=self._brief,
            within_s=limits.engine_within_s,
            clock=clock,
            tell=self._tell,
            ready=self._begin_to_talk,
            failed=self._engine_failed,
        )
        self._tools = offered_tools(agent)
        self._toolbelt = Toolbelt(self._tools, self, self.bridge, clock=clock, tell=self._tell)
        silence = agent.silence
        self._patience = Patience(
            after_s=silence.after_s if silence else 0,
            checks=silence.checks if silence else 0,
            max_call_s=agent.max_call_s,
            now=self._began,
        )
        self._digits = Digits()

        self._prepared = False
        self._greeted = False
        self._failed_replies = 0
        self._was_lost = False
        self._leaving: _Leave | None = None
        self._wait_until = self._began + LEG_WITHIN_S
        """Until when this state may last: for a leg to come, or come back, or for the carrier to let go."""
        self._leave_at = inf
        self._left_at = self._began
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._notes = 0
        self._tell(events.CallCreated(facts.direction, facts.caller, facts.dialled, agent.name, answering.name))

    # ---- what others see of it -------------------------------------------------------------------------------------

    @property
    def call_id(self) -> str:
        """Of this gateway, not the carrier's."""
        return self.facts.call_id

    @property
    def caller(self) -> str:
        """Who calls, as the carrier says."""
        return self.facts.caller

    @property
    def dialled(self) -> str:
        """Whom they called."""
        return self.facts.dialled

    @property
    def metadata(self) -> Mapping[str, str]:
        """What was given when the call was placed."""
        return self.facts.metadata

    @property
    def engine_name(self) -> str:
        """Of the engine that answers."""
        return self._link.name

    @property
    def lasted_ms(self) -> int:
        """So far, or until it ended."""
        return self.ended_ms if self.ended_ms is not None else self._ms()

    # ---- what happens to it ----------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """The carrier is about to connect the caller: get an engine, so that it is there when the caller is."""
        if self._prepared:
            return
        self._prepared = True
        self._wait_until = self._clock() + LEG_WITHIN_S
        self._arm()
        self._spawn(self._prepare())

    def rings_for(self, seconds: float) -> None:
        """An outbound call rings: nobody is to be connected before it is answered."""
        self._wait_until = self._clock() + seconds
        self._arm()

    def leg_came(self, leg: Leg) -> None:
        """The caller is on the line. A leg that was there before is closed: the newest has the call."""
        if self.state in (State.ENDING, State.ENDED):
            leg.hang_up()  # the carrier asks what comes next, and is told
            return
        self._was_lost = self._was_lost or self.state is State.RESUMING
        waited_ms = round((self._clock() - self._left_at) * 1000)
        self._move(Change.LEG_CAME)
        self.bridge.attach_leg(leg)
        self._tell(events.LegCame(waited_ms))
        self._patience.stirred(self._clock())
        self._begin_to_talk()

    def carrier_said(self, status: str, sequence: int) -> None:
        """A status callback of the carrier."""
        if not self.line.told(status, sequence):
            return
        self._tell(events.CarrierSaid(status, sequence))
        if status in ("completed", "canceled"):
            self._finish(self.end_reason or EndReason.CALLER_HUNG_UP)
        elif status in ("busy", "failed", "no-answer"):
            self._finish(EndReason.NOT_ANSWERED)

    def dial_failed(self, error: CarrierError) -> None:
        """An outbound call could not be placed."""
        self.log.warning("dial failed", error=str(error))
        self._finish(EndReason.DIAL_FAILED)

    # ---- CallHandle: what tools may do -----------------------------------------------------------------------------

    async def hang_up(self) -> None:
        """End the call when the caller has heard what was said. Raises CallRefused if they go on speaking instead."""
        await self._part(EndReason.AGENT_HUNG_UP, Goodbye())

    async def transfer(self, to: str) -> None:
        """Connect the caller to somebody else, when they have heard what was said. Raises CallRefused."""
        if to not in self.agent.transfer_to and not self._may_transfer(to):
            raise CallRefused(f"transfers to {to} are not allowed; see OFFHOOK_DIAL_ALLOW")
        await self._part(EndReason.TRANSFERRED, Transfer(to))

    def tell(self, text: str) -> None:
        """Put a note before the model."""
        self._note(text)

    # ---- the end ---------------------------------------------------------------------------------------------------

    def end(self, reason: EndReason, departure: Departure | None = None) -> None:
        """End it now. What the carrier is to do with the caller is in ``departure``; hang up, if nothing else."""
        if self.state in (State.ENDING, State.ENDED):
            return
        self._leaving, self._leave_at = None, inf
        self.end_reason = reason
        self.departure = departure or Goodbye()
        never_connected = self.state is State.RINGING and self.line.carrier_call_id is None
        self._move(Change.DECIDED)
        self._wait_until = self._clock() + LET_GO_WITHIN_S
        self._link.close()
        self._toolbelt.close()
        if never_connected:
            self._finish(reason)
        else:
            self._spawn(self._let_go())
            self._arm()

    async def _let_go(self) -> None:
        """Make the carrier act. If it cannot be asked, closing the leg makes it ask us."""
        carrier_call_id = self.line.carrier_call_id
        if self._carrier.controls_calls and carrier_call_id is not None:
            try:
                if self.departure == Goodbye():
                    await self._carrier.hang_up(carrier_call_id)
                    self._finish(self.end_reason or EndReason.OPERATOR_HUNG_UP)
                else:
                    await self._carrier.redirect(carrier_call_id, self.call_id)
                return
            except CarrierError as error:
                self.log.warning("carrier did not take the order; closing the leg instead", error=str(error))
        if self.bridge.leg is not None:
            self.bridge.leg.hang_up()

    def departed(self) -> None:
        """The carrier has been told what to do with the caller: nothing is left to do here."""
        self._finish(self.end_reason or EndReason.CALLER_HUNG_UP)

    def _finish(self, reason: EndReason) -> None:
        if self.state is State.ENDED:
            return
        self._leaving, self._leave_at = None, inf
        self.end_reason = self.end_reason or reason
        self.departure = self.departure or Goodbye()
        self.ended_ms = self._ms()
        self._link.close()
        self._toolbelt.close()
        if self.bridge.leg is not None:
            self.bridge.detach_leg().hang_up()
        self._move(Change.OVER)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._tell(events.CallEnded(self.end_reason, self.ended_ms))
        self._over(self)

    # ---- the engine ------------------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        try:
            self._instructions = await self.agent.instructions_for(self)
        except Exception:
            self.log.exception("on_call failed; the call goes on without what it would have said")
        self._link.open()

    def _brief(self) -> Brief:
        agent = self.agent
        leg = self.bridge.leg
        return Brief(
            call_id=self.call_id,
            instructions=self._instructions,
            audio=leg.format if leg is not None else self._audio,
            voice=agent.voice,
            language=agent.language,
            tools=tuple(ToolSpec(t.name, t.description, t.parameters) for t in self._tools.values()),
            turn_detection=agent.turn_detection,
            interrupt_itself=agent.barge_in.allowed and agent.barge_in.hold_ms == 0,
            history=tuple(self.scribe.conversation.entries),
            running_tools=self._toolbelt.running,
        )

    def _engine_failed(self, error: EngineError) -> None:
        self.log.error("no engine for the call", engine=error.engine, reason=error.reason, code=error.code)
        self.end(EndReason.ENGINE_FAILED, Goodbye(self.agent.apology))

    def _begin_to_talk(self) -> None:
        """Both sides may be there: greet, or go on where a lost line or a lost session left off."""
        session = self.bridge.session
        if session is None or self.bridge.leg is None:
            return
        self.log.info("connected", path=self.bridge.path())
        if not self._greeted:
            self._greeted = True
            if self.agent.greeting:
                session.respond(f"Greet the caller with exactly these words: {self.agent.greeting}", tools=False)
        elif self._was_lost:
            session.respond(LINE_WAS_LOST)
        elif self._owes_a_word():
            session.respond()
        self._was_lost = False

    def _owes_a_word(self) -> bool:
        """The caller waits for an answer that a lost session has not given, or not to its end."""
        entries = self.scribe.conversation.entries
        last = entries[-1] if entries else None
        return isinstance(last, CallerSaid) or (isinstance(last, AgentSaid) and last.cut)

    # ---- what the bridge tells -------------------------------------------------------------------------------------

    def _on_bridge(self, event: BridgeEvent) -> None:
        now = self._clock()
        match event:
            case engine.ToolWanted():
                self._toolbelt.wanted(event)
            case engine.ReplyDone():
                self._tell(events.ReplyFinished(event.status, event.usage))
                if event.status == "failed":
                    self._reply_failed(event.reason)
                self._toolbelt.reply_done()
                self._patience.stirred(now)
                self._leave_if_quiet()
            case engine.EngineGone():
                self._link.gone(event.error)
            case _:
                self._tell(event)
                self._react(event, now)
        self._arm()

    def _reply_failed(self, reason: str | None) -> None:
        """The caller heard nothing. Ask again, a few times; then it is not this reply but the engine that fails."""
        self._failed_replies += 1
        self._tell(events.ReplyFailed(reason))
        if self._failed_replies >= FAILED_REPLIES_LIMIT:
            reason = f"{self._failed_replies} replies in a row failed: {reason}"
            self._engine_failed(EngineError(self.engine_name, reason, retryable=False))
        elif self.bridge.session is not None and not self.bridge.caller_speaks:
            self.bridge.session.respond()

    def _react(self, event: events.CallEvent, now: float) -> None:
        match event:
            case events.CallerBegan() | events.CallerPaused():
                self._patience.caller_stirred(now)
            case events.CallerTook():
                self._toolbelt.caller_spoke()
            case events.Interrupted():
                self._stay()
            case events.AgentBegan():
                self._failed_replies = 0
            case events.AgentEnded():
                self._patience.stirred(now)
                self._leave_if_quiet()
            case events.DigitPressed():
                self._patience.caller_stirred(now)
                self._pressed(event.digit, now)
            case events.LegLeft():
                self._leg_left(event.reason)

    def _leg_left(self, reason: LeftReason) -> None:
        self._left_at = self._clock()
        if self.state is State.ENDING:
            # The carrier will ask what comes next; `departed` ends it. Unless the caller hung up meanwhile.
            if reason is LeftReason.HUNG_UP and not self._carrier.controls_calls:
                self._finish(EndReason.CALLER_HUNG_UP)
        elif reason is LeftReason.HUNG_UP:
            self._finish(EndReason.CALLER_HUNG_UP)
        else:
            self._move(Change.LINE_LOST)
            self._wait_until = self._left_at + self._limits.resume_s

    def _pressed(self, digit: str, now: float) -> None:
        if self.agent.digit_handler is not None:
            self._spawn(self.agent.digit_handler(digit, self))
        elif (keys := self._digits.pressed(digit, now)) is not None:
            self._keys_complete(keys)

    def _keys_complete(self, keys: str) -> None:
        self._note(f"The caller pressed these keys on the telephone: {keys}")
        if self.bridge.session is not None and not self.bridge.caller_speaks:
            self.bridge.session.respond()

    # ---- leaving when the last words were heard --------------------------------------------------------------------

    async def _part(self, reason: EndReason, departure: Departure) -> None:
        """Leave, and wait until that is done. A tool that ended the call must not be answered, or the agent goes on."""
        if self.state in (State.ENDING, State.ENDED):
            return
        parted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._leave(_Leave(reason, departure, parted))
        await parted

    def _leave(self, leave: "_Leave", last_words: str | None = None) -> None:
        """End the call once the line is quiet, after what is being said, or after these last words."""
        self._stay()
        self._leaving = leave
        self._leave_at = self._clock() + LAST_WORDS_WITHIN_S
        if last_words is not None and self.bridge.session is not None:
            self.bridge.session.respond(last_words, tools=False)
        else:
            self._leave_if_quiet()
        self._arm()

    def _stay(self) -> None:
        """The caller wants to go on."""
        leave, self._leaving, self._leave_at = self._leaving, None, inf
        if leave is not None and leave.parted is not None and not leave.parted.done():
            leave.parted.set_exception(CallRefused("the caller went on speaking, so the call goes on"))

    def _leave_if_quiet(self) -> None:
        if not self._talking():
            self._leave_now()

    def _leave_now(self) -> None:
        leave, self._leaving, self._leave_at = self._leaving, None, inf
        if leave is None:
            return
        self.end(leave.reason, leave.departure)
        if leave.parted is not None and not leave.parted.done():
            leave.parted.set_result(None)

    def _talking(self) -> bool:
        return self.bridge.replying or self.bridge.playing

    # ---- time ------------------------------------------------------------------------------------------------------

    def _deadline(self) -> float:
        waiting = self.state is not State.TALKING and self.state is not State.ENDED
        return min(
            self._wait_until if waiting else inf,
            self._patience.deadline() if self.state is State.TALKING else inf,
            self.bridge.deadline(),
            self._digits.deadline(),
            self._leave_at,
        )

    def _arm(self) -> None:
        """Have the timer ring no later than the next deadline. One that rings too early finds nothing to do."""
        if self.state is State.ENDED:
            return
        deadline = self._deadline()
        if self._timer is not None and self._timer.when() <= deadline:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if deadline < inf:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(loop.time() + max(0.0, deadline - self._clock()), self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        now = self._clock()
        self.bridge.on_time(now)
        if (keys := self._digits.on_time(now)) is not None:
            self._keys_complete(keys)
        if now >= self._leave_at:
            self._leave_now()
        if self.state is State.TALKING:
            self._be_patient(now)
        elif now >= self._wait_until:
            self._waited_enough()
        self._arm()

    def _be_patient(self, now: float) -> None:
        if self._talking() or self.bridge.caller_speaks or self._toolbelt.busy:
            self._patience.stirred(max(now, self.bridge.plays_until))
        match self._patience.on_time(now):
            case Impatience.ASK if self.bridge.session is not None:
                self.bridge.session.respond(ARE_YOU_THERE, tools=False)
            case Impatience.GIVE_UP:
                self._leave(_Leave(EndReason.SILENCE), NOBODY_ANSWERS)
            case Impatience.TIME_UP:
                self._leave(_Leave(EndReason.TIME_UP), TIME_IS_UP)

    def _waited_enough(self) -> None:
        match self.state:
            case State.RINGING:
                self.end(EndReason.NEVER_CAME)
            case State.RESUMING:
                self.end(EndReason.LINE_LOST)
            case State.ENDING:
                self._finish(self.end_reason or EndReason.LINE_LOST)

    # ---- small change ----------------------------------------------------------------------------------------------

    def _note(self, text: str) -> None:
        self._notes += 1
        self._tell(events.NoteMade(f"note_{self._notes}", text))
        if self.bridge.session is not None:
            self.bridge.session.tell(text)

    def _move(self, change: Change) -> None:
        state = TRANSITIONS[self.state][change]
        if state is not self.state:
            self.state = state
            self._tell(events.StateChanged(state))

    def _tell(self, event: events.CallEvent) -> None:
        self.scribe.write(event, self._ms())
        self._publish(self.call_id, event)

    def _ms(self) -> int:
        return round((self._clock() - self._began) * 1000)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            self.log.exception("something went wrong beside the call")
