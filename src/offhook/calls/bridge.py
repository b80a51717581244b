"""Moves sound and turns between one leg and one engine session. Either side can be taken off and another put on.

Nothing here waits: every method is called from a socket's callback or a timer, does its work, and returns. What
happens is told to ``tell`` as the values of ``events``; the two things that need somebody to act, a tool that is wanted
and an engine that is gone, are told as the engine said them.
"""

from collections.abc import Callable
from typing import Final

from offhook.audio.chain import join
from offhook.calls import engine, events
from offhook.calls.downlink import Downlink
from offhook.calls.ears import LegEar, SessionEar
from offhook.calls.engine import EngineEvent, EngineSession
from offhook.calls.leg import LeftReason, Leg
from offhook.calls.playout import Heard
from offhook.calls.replies import STALL_S
from offhook.calls.turns import Turns
from offhook.calls.unsaid import Unsaid, Wish
from offhook.calls.uplink import Uplink
from offhook.errors import EngineError
from offhook.telemetry.measures import Measures

UNPLAYED_LIMIT_S: Final = 300
"""So much of a reply may lie unheard in the carrier's queue: more than the longest that engines make (4096 tokens,
about 200 s, at OpenAI). Each second of it costs us the account of five marks. Beyond it the reply is cut."""

TOO_FAR_AHEAD: Final = "reply_too_far_ahead"
"""The code of the complaint about that."""

UNFINISHED: Final = ("cancelled", "failed", "incomplete")
"""How a reply ends of which something is missing."""

LOST: Final = "lost"
"""The status of a reply whose session went before it was done."""

BridgeEvent = events.CallEvent | engine.ToolWanted | engine.ReplyDone | engine.EngineGone


class Bridge:
    """Between one leg and one engine session."""

    def __init__(
        self,
        turns: Turns,
        *,
        queue_ms: int,
        clock: Callable[[], float],
        tell: Callable[[BridgeEvent], None],
        rearm: Callable[[], None] = lambda: None,
        measures: Measures | None = None,
    ) -> None:
        """``rearm`` is called when ``deadline`` may have come nearer without an event."""
        self.measures = measures if measures is not None else Measures()
        self._turns = turns
        self._clock = clock
        self._tell = tell
        self._rearm = rearm

        self._leg: Leg | None = None
        self._session: EngineSession | None = None
        self._up = Uplink(queue_ms=queue_ms, measures=self.measures, tell=tell)
        self._down = Downlink(turns, clock=clock, measures=self.measures, tell=tell)
        self._replies = self._down.replies
        self._leg_full = False

        self.spoke: Final = self._up.spoke
        """Sound of the caller. On the media path, so it goes to the uplink without a call in between."""

        self._caller_item_id = ""
        self._unsaid = Unsaid()
        self._wish: Wish | None = None

    # ---- the two sides ---------------------------------------------------------------------------------------------

    @property
    def leg(self) -> Leg | None:
        """The leg that is on, if any."""
        return self._leg

    @property
    def session(self) -> EngineSession | None:
        """The engine session that is on, if any."""
        return self._session

    def attach_leg(self, leg: Leg) -> None:
        """Put a leg on. One that is on is taken off first, and closed."""
        if self._leg is not None:
            self.detach_leg().hang_up()
        self._leg = leg
        self._down.leg_came(leg)
        self._up.leg_came(leg.format)
        self._join()
        leg.listen(LegEar(self, leg))

    def detach_leg(self) -> Leg:
        """Take the leg off: what it had not played is cut. It is not closed."""
        leg, self._leg = self._leg, None
        if leg is None:
            raise ValueError("no leg is on")
        if self._session is not None:
            self._session.flush()
            if self._leg_full:
                self._session.hold_back(False)
        self._leg_full = False
        self._down.leg_went()
        self._turns.forget()
        return leg

    def attach_session(self, session: EngineSession) -> None:
        """Put an engine session on. One that is on is taken off first, and closed."""
        if self._session is not None:
            self.detach_session().close()
        self._session = self._up.session = session
        self._join()
        self._down.session_came(session)
        self._unsaid.deliver(session)
        session.listen(SessionEar(self, session))
        if self._leg_full and self._session is session:
            session.hold_back(True)
        self._up.drain()

    def detach_session(self) -> EngineSession:
        """Take the session off. Sound of it that is on its way to the caller plays on. It is not closed."""
        session, self._session = self._session, None
        if session is None:
            raise ValueError("no engine session is on")
        self._up.session = None
        self._down.session_went()
        self._turns.forget()
        return session

    def _join(self) -> None:
        if self._leg is not None and self._session is not None:
            self._up.chain = join(self._leg.format, self._session.hears)
            self._down.chain = join(self._session.speaks, self._leg.format)

    def path(self) -> str:
        """Both directions of the sound, for the log."""
        return f"up {self._up.chain}, down {self._down.chain}"

    # ---- to the engine: now, or when a session is on ---------------------------------------------------------------

    def briefed(self) -> None:
        """A session is being opened that knows the conversation up to now."""
        self._unsaid.briefed()

    def tell_engine(self, text: str) -> None:
        """Put a note before the model."""
        (self._session or self._unsaid).tell(text)

    def answer_tool(self, call_id: str, output: str) -> None:
        """What a tool answered."""
        (self._session or self._unsaid).answer(call_id, output)

    def ask(self, instructions: str | None = None, *, tools: bool = True) -> None:
        """Have the engine reply. While somebody is missing, the wish is kept."""
        session = self._session if self._leg is not None else None
        self._wish = Wish(instructions, tools)
        (session or self._unsaid).respond(instructions, tools=tools)

    def ask_again(self) -> None:
        """The reply came to nothing. Ask for the same, if it was us who asked for it."""
        wish = self._wish or Wish()
        self.ask(wish.instructions, tools=wish.tools)

    def drop_wish(self) -> None:
        """What was asked for last is not wanted any more."""
        self._wish = None

    def take_wish(self) -> Wish | None:
        """The reply that was asked for while somebody was missing."""
        return self._unsaid.take_wish()

    # ---- what the call asks ----------------------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """The caller is hearing the agent, as far as is known."""
        return self._down.playout.playing(self._clock())

    @property
    def plays_until(self) -> float:
        """When the caller will have heard everything sent so far (clock time)."""
        return self._down.playout.plays_until(self._clock())

    @property
    def caller_speaks(self) -> bool:
        """The caller began to speak, and has not stopped."""
        return self._turns.caller_speaks

    @property
    def replying(self) -> bool:
        """The engine is making a reply."""
        return self._replies.response_id is not None

    @property
    def dropped_ms(self) -> float:
        """How much of the caller's sound the engine did not take in time, on all legs."""
        return self._up.dropped_ms

    @property
    def queued_ms(self) -> float:
        """How much of the caller's sound waits for the engine, here and in its session."""
        return self._up.waiting_ms

    @property
    def unsent_bytes(self) -> int:
        """What was played and waits on our side for the caller's connection to take it."""
        return self._leg.unsent_bytes if self._leg is not None else 0

    def heard(self, item_id: str) -> Heard | None:
        """How much of the agent's turn has been heard by now; None if that is settled already."""
        return self._down.playout.heard(item_id, self._clock())

    def deadline(self) -> float:
        """When ``on_time`` wants to be called (clock time); inf if never."""
        return min(self._turns.deadline(), self._replies.stalled_at)

    def on_time(self, now: float) -> None:
        """The deadline has come."""
        if now >= self._replies.stalled_at:
            self._stalled()
        due_at = self._turns.deadline()
        if self._turns.on_time(now) and (self.replying or self._down.playout.playing(now)):
            self._interrupt(self._silence(due_at))

    # ---- from the leg ----------------------------------------------------------------------------------------------

    def marked(self, position_ms: int) -> None:
        """The leg answered a mark."""
        self._down.marked(position_ms)

    def pressed(self, digit: str) -> None:
        """A key."""
        self._tell(events.DigitPressed(digit))

    def leg_filled(self) -> None:
        """The caller's connection does not take what is played. Take no more from the engine until it does.

        That delays the engine's word that the caller speaks, too. It costs nothing: the order to drop the carrier's
        queue would have to wait behind the same unsent sound.
        """
        self._leg_full = True
        if self._session is not None:
            self._session.hold_back(True)

    def leg_drained(self) -> None:
        """It takes sound again."""
        self._leg_full = False
        if self._session is not None:
            self._session.hold_back(False)

    def left(self, reason: LeftReason) -> None:
        """The leg is gone by itself."""
        self.detach_leg()
        self._tell(events.LegLeft(reason))

    # ---- from the engine -------------------------------------------------------------------------------------------

    def on_engine(self, event: EngineEvent) -> None:
        """One event of the session that is on."""
        match event:
            case engine.ReplySound():
                if self._down.play(event) > UNPLAYED_LIMIT_S * 1000:
                    self._cut_rest(event)
            case engine.ReplyWords() if self._leg is not None and not self._replies.dead(
                event.response_id, event.item_id
            ):
                self._tell(events.AgentWords(event.item_id, event.text))
            case engine.ReplySoundDone() if not self._replies.dead(event.response_id, event.item_id):
                self._down.complete(event.item_id)
            case engine.CallerStarted():
                self._caller_started(event.item_id)
            case engine.CallerStopped():
                self._turns.caller_stopped(self._clock())
                self._tell(events.CallerPaused(event.item_id))
            case engine.CallerTurn():
                self._tell(events.CallerTook(event.item_id))
            case engine.CallerWords():
                self._tell(events.CallerWords(event.item_id, event.text))
            case engine.ReplyStarted():
                self._reply_started(event.response_id)
            case engine.ReplyDone():
                self._reply_done(event)
            case engine.SessionRelieved():
                self._up.drain()
            case engine.EngineComplained():
                self._tell(events.EngineComplaint(event.reason, event.code))
            case engine.EngineGone():
                response_id = self._replies.response_id
                self.detach_session()
                if response_id is not None:
                    self._tell(engine.ReplyDone(response_id, LOST))
                elif self._wish is not None:
                    self.ask_again()  # it was asked for, and never began
                self._tell(event)
            case engine.ToolWanted() if not self._replies.dead(event.response_id):
                self._replies.came(self._clock())
                self._tell(event)

    def _cut_rest(self, sound: engine.ReplySound) -> None:
        """The engine is too far ahead of the caller's ear."""
        self._down.cut_rest(sound)
        reason = f"its reply is more than {UNPLAYED_LIMIT_S} s ahead of what the caller has heard; the rest is dropped"
        self._tell(events.EngineComplaint(reason, TOO_FAR_AHEAD))

    def _reply_started(self, response_id: str) -> None:
        self._replies.began(response_id, self._clock())
        if self._turns.caller_has_it:
            # It was asked for just before the caller began, so the engine has not stopped it by itself.
            self._down.stop([])
        self._rearm()

    def _stalled(self) -> None:
        """The engine began a reply, and nothing more comes of it."""
        response_id = self._replies.response_id
        if response_id is None:
            return
        if self._replies.item_id is None:
            # Not a sound, for so long: this session is of no use.
            error = EngineError("engine", f"a reply began, and nothing came of it for {STALL_S:g} s", retryable=True)
            self.detach_session().close()
            self._tell(engine.ReplyDone(response_id, LOST))
            self._tell(engine.EngineGone(error))
        else:
            if self._session is not None:
                self._session.cancel()
            self._reply_done(engine.ReplyDone(response_id, "incomplete", "stalled"))

    def _reply_done(self, event: engine.ReplyDone) -> None:
        if event.response_id == self._replies.response_id:
            if self._replies.item_id is not None:
                self._down.complete(self._replies.item_id, whole=event.status not in UNFINISHED)
            self._replies.over()
        if event.status not in UNFINISHED:
            self._wish = None
        self._tell(event)

    def _caller_started(self, item_id: str) -> None:
        self._caller_item_id = item_id
        now = self._clock()
        agent_speaks = self.replying or self._down.playout.playing(now)
        interrupts = self._turns.caller_started(now, agent_speaks=agent_speaks)
        settled = self._silence(now) if interrupts else None
        self._tell(events.CallerBegan(item_id))
        if settled is not None:
            self._interrupt(settled)

    # ---- barge-in --------------------------------------------------------------------------------------------------

    def _silence(self, due_at: float) -> list[Heard]:
        """First of all the line goes quiet. Return what was heard by then; a leg may answer its marks at once."""
        settled = self._down.playout.cleared(self._clock())
        if self._leg is not None:
            self._leg.clear()
            self.measures.barge_in_s.add(self._clock() - due_at)
        return settled

    def _interrupt(self, settled: list[Heard]) -> None:
        """The caller takes the turn; the line is quiet already."""
        self._tell(events.Interrupted(self._caller_item_id))
        self._down.stop(settled)
