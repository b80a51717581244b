"""One call, from the moment it exists here until it is over.

A call outlives its connections: legs and engine sessions are put on its bridge and taken off again. This file decides
what happens next; the work is done in the nouns around it: ``life`` (its state), ``bridge`` (sound and turns),
``engine_link`` (an engine session), ``toolbelt`` (tools), ``keypad`` (keys), ``patience`` and ``parting`` (how it may
end; all share one ``alarm``), ``scribe`` (the record), ``line`` (the carrier's side), ``errands`` (what has to wait).
"""

import time
from collections.abc import Callable, Mapping

from offhook.agents.agent import Agent
from offhook.agents.builtin import offered_tools
from offhook.audio.formats import PCMU_8K, AudioFormat
from offhook.calls import asked, bridge, engine, events
from offhook.calls.alarm import Alarm
from offhook.calls.bridge import Bridge, BridgeEvent
from offhook.calls.briefing import brief_of
from offhook.calls.carrier import Carrier
from offhook.calls.conversation import Conversation
from offhook.calls.departure import Departure, EndReason, Goodbye, Transfer
from offhook.calls.engine import Brief, Engine
from offhook.calls.engine_link import EngineLink
from offhook.calls.errands import Errands
from offhook.calls.facts import CallFacts, CallLimits
from offhook.calls.initiative import Initiative
from offhook.calls.keypad import Keypad
from offhook.calls.leaving import Leave
from offhook.calls.leg import LeftReason, Leg
from offhook.calls.letting_go import let_go
from offhook.calls.life import LEG_WITHIN_S, Life
from offhook.calls.line import Line
from offhook.calls.parting import Parting
from offhook.calls.patience import Impatience, Patience
from offhook.calls.scribe import Scribe
from offhook.calls.states import State
from offhook.calls.toolbelt import Toolbelt
from offhook.calls.turns import Turns
from offhook.errors import CallRefused, CarrierError, EngineError
from offhook.telemetry.logs import get_logger
from offhook.telemetry.measures import Measures

log = get_logger("offhook.calls")


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
        publish: Callable[[str, events.CallEvent], None],
        over: Callable[["Call"], None],
        may_transfer: Callable[[str], bool] = lambda to: True,
        audio: AudioFormat = PCMU_8K,
        clock: Callable[[], float] = time.monotonic,
        measures: Measures | None = None,
    ) -> None:
        self.measures = measures if measures is not None else Measures()
        self.facts = facts
        self.agent = agent
        self.line = Line()
        self.scribe = Scribe(Conversation())
        self.ended_ms: int | None = None
        self._log = log.bind(call_id=facts.call_id)
        self._carrier = carrier
        self._limits = limits
        self._publish = publish
        self._over = over
        self._may_transfer = may_transfer
        self._audio = audio
        self._clock = clock
        self._began = now = clock()

        self.life = Life(now, lambda state: self._tell(events.StateChanged(state)))
        turns = Turns(allowed=agent.barge_in.allowed, hold_s=agent.barge_in.hold_ms / 1000)
        self.bridge = Bridge(
            turns,
            queue_ms=limits.queue_ms,
            clock=clock,
            tell=self._on_bridge,
            rearm=self._arm,
            measures=self.measures,
        )
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
        self._toolbelt = Toolbelt(self._tools, self, self.bridge, clock=clock, tell=self._on_tool)
        self._initiative = Initiative(agent.greeting, self.bridge, self.scribe.conversation, clock)
        self._patience = Patience.of(agent.silence, agent.max_call_s, now)
        self._keypad = Keypad(agent.digit_handler, self, self._keys_complete)
        self._parting = Parting(self.bridge, self._toolbelt, clock=clock, end=self.end)
        self._alarm = Alarm(clock, self._on_time)
        self._errands = Errands(self._log)

        self._instructions = agent.instructions
        self._prepared = False
        self._left_at = now
        self._notes = 0
        self._tell(events.CallCreated(facts.direction, facts.caller, facts.dialled, agent.name, answering.name))

    # ---- what others see of it -------------------------------------------------------------------------------------

    @property
    def call_id(self) -> str:
        """Of this gateway, not the carrier's."""
        return self.facts.call_id

    @property
    def direction(self) -> str:
        """``inbound`` or ``outbound``."""
        return self.facts.direction

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
    def state(self) -> State:
        """Where it stands."""
        return self.life.state

    @property
    def engine_name(self) -> str:
        """Of the engine that answers."""
        return self._link.name

    @property
    def lasted_ms(self) -> int:
        """So far, or until it ended."""
        return self.ended_ms if self.ended_ms is not None else self._ms()

    # ---- what happens to it ----------------------------------------------------------------------------------------

    def rings_for(self, seconds: float) -> None:
        """An outbound call rings: nobody is to be connected before it is answered."""
        self.life.wait(self._clock() + seconds)
        self._arm()

    def prepare(self) -> None:
        """The carrier is about to connect the caller: get an engine, so that it is there when the caller is."""
        if self._prepared:
            return
        self._prepared = True
        self.life.wait(self._clock() + LEG_WITHIN_S)
        self._arm()
        self._errands.begin(self._prepare())

    async def _prepare(self) -> None:
        try:
            self._instructions = await self.agent.instructions_for(self)
        except Exception:
            self._log.exception("on_call failed; the call goes on without what it would have said")
        if self.life.going:
            self._link.open()

    def leg_came(self, leg: Leg) -> None:
        """The caller is on the line. A leg that was there before is closed: the newest has the call."""
        if not self.life.going:
            leg.hang_up()  # the carrier asks what comes next, and is told
            return
        now = self._clock()
        self.life.leg_came()
        self.bridge.attach_leg(leg)
        self._tell(events.LegCame(round((now - self._left_at) * 1000)))
        self._patience.stirred(now)
        self._begin_to_talk()
        self._arm()

    def carrier_said(self, status: str, sequence: int) -> None:
        """A status callback of the carrier."""
        if not self.line.told(status, sequence):
            return
        self._tell(events.CarrierSaid(status, sequence))
        if status in ("completed", "canceled"):
            self._finish(EndReason.CALLER_HUNG_UP)
        elif status in ("busy", "failed", "no-answer"):
            self._finish(EndReason.NOT_ANSWERED)

    def dial_failed(self, error: CarrierError) -> None:
        """An outbound call could not be placed. If somebody is on the line all the same, the carrier was just slow."""
        self._log.warning("dial failed", error=str(error))
        if self.state is State.RINGING and not self._prepared:
            self._finish(EndReason.DIAL_FAILED)

    # ---- CallHandle: what tools may do -----------------------------------------------------------------------------

    async def hang_up(self) -> None:
        """End the call when the caller has heard what was said. Raises CallRefused if they go on speaking instead."""
        await self._part(Leave(EndReason.AGENT_HUNG_UP))

    async def transfer(self, to: str) -> None:
        """Connect the caller to somebody else, when they have heard what was said. Raises CallRefused."""
        if to not in self.agent.transfer_to and not self._may_transfer(to):
            raise CallRefused(f"transfers to {to} are not allowed; see OFFHOOK_DIAL_ALLOW")
        # "Okay" is what people say to "I am connecting you": it does not stop it.
        await self._part(Leave(EndReason.TRANSFERRED, Transfer(to), may_be_stopped=False))

    def tell(self, text: str) -> None:
        """Put a note before the model."""
        if not self.life.going:
            return
        self._notes += 1
        self._tell(events.NoteMade(f"note_{self._notes}", text))
        self.bridge.tell_engine(text)

    async def _part(self, leave: Leave) -> None:
        """Leave, and wait until that is done: the answer to a tool that ended the call would make the agent go on."""
        if not self.life.going:
            return
        parted = self._parting.begin(leave)
        self._arm()
        await parted

    # ---- the end ---------------------------------------------------------------------------------------------------

    def end(self, reason: EndReason, departure: Departure | None = None) -> None:
        """End it now. What the carrier is to do with the caller is in ``departure``; hang up, if nothing else."""
        if not self.life.going:
            return
        nobody_there = self.state is State.RINGING and self.line.carrier_call_id is None
        self.life.decide(reason, departure or Goodbye(), self._clock())
        self._stop_work()
        if nobody_there:
            self._finish(reason)
        else:
            self._errands.begin(self._let_go())
            self._arm()

    async def _let_go(self) -> None:
        departure = self.life.departure or Goodbye()
        over = await let_go(self._carrier, self.line.carrier_call_id, self.call_id, departure, self.bridge.leg)
        self._parting.done()
        if over:
            self.departed()

    def departed(self) -> None:
        """The carrier has been told what to do with the caller: nothing is left to do here."""
        self._finish(EndReason.CALLER_HUNG_UP)

    def _finish(self, reason: EndReason) -> None:
        if self.state is State.ENDED:
            return
        self._stop_work()
        self._parting.done()
        if self.bridge.leg is not None:
            self.bridge.detach_leg().hang_up()
        self.ended_ms = self._ms()
        self.life.finish(reason)
        self._alarm.off()
        self._tell(events.CallEnded(self.life.end_reason or reason, self.ended_ms))
        self._over(self)

    def _stop_work(self) -> None:
        self._parting.drop()
        self._link.close()
        self._keypad.close()

    # ---- the engine ------------------------------------------------------------------------------------------------

    def _brief(self) -> Brief:
        leg = self.bridge.leg
        self.bridge.briefed()
        return brief_of(
            self.agent,
            self._tools.values(),
            call_id=self.call_id,
            audio=leg.format if leg is not None else self._audio,
            instructions=self._instructions,
            history=tuple(self.scribe.conversation.entries),
            running_tools=self._toolbelt.running,
        )

    def _engine_failed(self, error: EngineError) -> None:
        self._log.error("no engine for the call", engine=error.engine, reason=error.reason, code=error.code)
        self.end(EndReason.ENGINE_FAILED, Goodbye(self.agent.apology))

    def _begin_to_talk(self) -> None:
        """Both sides may be there."""
        if self.bridge.session is not None and self.bridge.leg is not None:
            self._log.info("connected", path=self.bridge.path())
            self._initiative.begin()

    def _reply_done(self, reply: engine.ReplyDone) -> None:
        self._tell(events.ReplyFinished(reply.status, reply.usage))
        self._parting.reply_made()
        self._toolbelt.reply_done()
        if not self._initiative.reply_done(reply.status):
            self._tell(events.ReplyFailed(reply.reason))
            if self._initiative.hopeless:
                reason = f"replies come to nothing: {reply.reason}"
                self._engine_failed(EngineError(self.engine_name, reason, retryable=False))

    # ---- what the bridge tells -------------------------------------------------------------------------------------

    def _on_bridge(self, event: BridgeEvent) -> None:
        now = self._clock()
        match event:
            case engine.ToolWanted():
                self._initiative.tool_called()
                self._toolbelt.wanted(event)
            case engine.ReplyDone():
                self._reply_done(event)
                self._patience.stirred(now)
                self._parting.if_quiet()
            case engine.EngineGone():
                self._link.gone(event.error)
            case _:
                self._tell(event)
                self._react(event, now)
        self._arm()

    def _react(self, event: events.CallEvent, now: float) -> None:
        match event:
            case events.CallerBegan() | events.CallerPaused():
                self._patience.caller_stirred(now)
            case events.CallerTook():
                self._initiative.caller_took()
                self._toolbelt.caller_spoke()
            case events.AgentBegan():
                self._initiative.sounded()
            case events.Interrupted():
                self._parting.caller_goes_on()
            case events.AgentEnded():
                self._patience.stirred(now)
                self._parting.if_quiet()
            case events.DigitPressed():
                self._patience.caller_stirred(now)
                self._keypad.pressed(event.digit, now)
            case events.LegLeft():
                self._leg_left(event.reason, now)
            case events.EngineComplaint(code=bridge.TOO_FAR_AHEAD):
                self._log.warning("cut a reply", engine=self.engine_name, reason=event.reason)

    def _on_tool(self, event: events.CallEvent) -> None:
        self._tell(event)
        if isinstance(event, events.ToolAnswered) and self.life.going:
            self._patience.stirred(self._clock())
            self._parting.if_quiet()
            self._arm()

    def _leg_left(self, reason: LeftReason, now: float) -> None:
        self._left_at = now
        if not self.life.going:
            # The carrier asks what comes next, and then it has `departed`. Unless the caller hung up meanwhile.
            if reason is LeftReason.HUNG_UP and not self._carrier.controls_calls:
                self._finish(EndReason.CALLER_HUNG_UP)
        elif reason is LeftReason.HUNG_UP:
            self._finish(EndReason.CALLER_HUNG_UP)
        else:
            self._initiative.line_lost()
            self.life.line_lost(now + self._limits.resume_s)

    def _keys_complete(self, keys: str) -> None:
        self.tell(asked.keys_pressed(keys))
        if not self.bridge.caller_speaks:
            self.bridge.ask()

    # ---- time ------------------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        if self.state is not State.ENDED:
            talking = self.state is State.TALKING
            self._alarm.keep(
                min(
                    self.life.deadline(),
                    self._patience.deadline() if talking else self.life.deadline(),
                    self.bridge.deadline(),
                    self._keypad.deadline(),
                    self._parting.deadline(),
                    self._initiative.deadline(),
                )
            )

    def _on_time(self) -> None:
        now = self._clock()
        self.bridge.on_time(now)
        self._keypad.on_time(now)
        self._initiative.on_time(now)
        self._parting.on_time(now)
        if self.state is State.TALKING:
            self._be_patient(now)
        if now >= self.life.deadline():
            reason = self.life.gave_up()
            self.end(reason) if self.life.going else self._finish(reason)
        self._arm()

    def _be_patient(self, now: float) -> None:
        if self._parting.talking or self.bridge.caller_speaks or self._toolbelt.busy:
            self._patience.stirred(max(now, self.bridge.plays_until))
        match self._patience.on_time(now):
            case Impatience.ASK:
                self.bridge.ask(asked.ARE_YOU_THERE, tools=False)
            case Impatience.GIVE_UP:
                self._parting.say_goodbye(Leave(EndReason.SILENCE), asked.NOBODY_ANSWERS)
            case Impatience.TIME_UP:
                self._parting.say_goodbye(Leave(EndReason.TIME_UP, may_be_stopped=False), asked.TIME_IS_UP)

    # ---- small change ----------------------------------------------------------------------------------------------

    def _tell(self, event: events.CallEvent) -> None:
        self.scribe.write(event, self._ms())
        self._publish(self.call_id, event)

    def _ms(self) -> int:
        return round((self._clock() - self._began) * 1000)
