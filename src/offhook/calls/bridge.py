"""Moves sound and turns between one leg and one engine session. Either side can be taken off and another put on.

Nothing here waits: every method is called from a socket's callback or a timer, does its work, and returns. What
happens is told to ``tell`` as the values of ``events``; the two things that need somebody to act, a tool that is wanted
and an engine that is gone, are told as the engine said them.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Final

from offhook.audio.chain import Chain, join
from offhook.calls import engine, events
from offhook.calls.backlog import Backlog
from offhook.calls.ears import LegEar, SessionEar
from offhook.calls.engine import EngineEvent, EngineSession
from offhook.calls.leg import LeftReason, Leg
from offhook.calls.playout import Heard, Playout
from offhook.calls.replies import STALL_S, Replies
from offhook.calls.turns import Turns
from offhook.calls.unsaid import Unsaid, Wish
from offhook.errors import EngineError
from offhook.telemetry.measures import Measures

UNPLAYED_LIMIT_S: Final = 300
"""So much of a reply may lie unheard in the carrier's queue: more than the longest that engines make (4096 tokens,
about 200 s, at OpenAI). Each second of it costs us the account of five marks. Beyond it the reply is cut."""

TOO_FAR_AHEAD: Final = "reply_too_far_ahead"
"""The code of the complaint about that."""

SAMPLED_EVERY: Final = 25
"""Of so many frames, one is measured: two a second of each caller."""

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
        self._queue_ms = queue_ms
        self._clock = clock
        self._tell = tell
        self._rearm = rearm

        self._leg: Leg | None = None
        self._session: EngineSession | None = None
        self._playout = Playout()
        self._backlog: Backlog | None = None
        self._up: Chain | None = None
        self._down: Chain | None = None
        self._leg_full = False
        self._spoken_frames = 0
        self._played_frames = 0

        self._replies = Replies()
        self._caller_item_id = ""
        self._settled_elsewhere: set[str] = set()
        """Items of sessions that are gone, of which sound still plays: the next session knows nothing of them."""
        self._unsaid = Unsaid()
        self._wish: Wish | None = None
        self._dropped_before_ms = 0.0
        self._dropped_told_ms = 0.0

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
        self._playout = Playout()
        self._dropped_before_ms = self.dropped_ms
        self._backlog = Backlog(leg.format, self._queue_ms)
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
        self._stop_reply(self._playout.cleared(self._clock()))
        self._turns.forget()
        return leg

    def attach_session(self, session: EngineSession) -> None:
        """Put an engine session on. One that is on is taken off first, and closed."""
        if self._session is not None:
            self.detach_session().close()
        self._session = session
        self._join()
        self._replies.forget()
        self._unsaid.deliver(session)
        session.listen(SessionEar(self, session))
        if self._leg_full and self._session is session:
            session.hold_back(True)
        self._drain_backlog()

    def detach_session(self) -> EngineSession:
        """Take the session off. Sound of it that is on its way to the caller plays on. It is not closed."""
        session, self._session = self._session, None
        if session is None:
            raise ValueError("no engine session is on")
        if self._replies.response_id is not None and self._replies.item_id is not None:
            self._complete(self._replies.item_id, whole=False)
        self._replies.over()
        self._turns.forget()
        self._settled_elsewhere.update(self._playout.items)
        return session

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

    def _join(self) -> None:
        if self._leg is not None and self._session is not None:
            self._up = join(self._leg.format, self._session.hears)
            self._down = join(self._session.speaks, self._leg.format)

    def path(self) -> str:
        """Both directions of the sound, for the log."""
        return f"up {self._up}, down {self._down}"

    # ---- what the call asks ----------------------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """The caller is hearing the agent, as far as is known."""
        return self._playout.playing(self._clock())

    @property
    def plays_until(self) -> float:
        """When the caller will have heard everything sent so far (clock time)."""
        return self._playout.plays_until(self._clock())

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
        return self._dropped_before_ms + (self._backlog.dropped_ms if self._backlog is not None else 0.0)

    @property
    def queued_ms(self) -> float:
        """How much of the caller's sound waits for the engine, here and in its session."""
        waiting_ms = self._backlog.waiting_ms if self._backlog is not None else 0.0
        return waiting_ms + (self._session.waiting_ms if self._session is not None else 0.0)

    @property
    def unsent_bytes(self) -> int:
        """What was played and waits on our side for the caller's connection to take it."""
        return self._leg.unsent_bytes if self._leg is not None else 0

    def heard(self, item_id: str) -> Heard | None:
        """How much of the agent's turn has been heard by now; None if that is settled already."""
        return self._playout.heard(item_id, self._clock())

    def deadline(self) -> float:
        """When ``on_time`` wants to be called (clock time); inf if never."""
        return min(self._turns.deadline(), self._replies.stalled_at)

    def on_time(self, now: float) -> None:
        """The deadline has come."""
        if now >= self._replies.stalled_at:
            self._stalled()
        due_at = self._turns.deadline()
        if self._turns.on_time(now) and (self.replying or self._playout.playing(now)):
            self._interrupt(self._silence(due_at))

    # ---- from the leg ----------------------------------------------------------------------------------------------

    def spoke(self, frame: bytes) -> None:
        """Sound of the caller. On the media path."""
        session = self._session
        backlog = self._backlog
        if session is not None and session.can_hear and not backlog and self._up is not None:
            self._spoken_frames += 1
            sampled = self._spoken_frames % SAMPLED_EVERY == 1
            session.hear(self._timed(self._up, frame) if sampled else self._up.convert(frame))
        elif backlog is not None:
            self.measures.caller_sound_dropped_ms += backlog.add(frame)

    def _timed(self, chain: Chain, frame: bytes) -> bytes:
        """Convert one frame of the sample."""
        began = perf_counter()
        converted = chain.convert(frame)
        self.measures.conversion_s.add(perf_counter() - began)
        return converted

    def marked(self, position_ms: int) -> None:
        """The leg answered a mark."""
        self._playout.marked(position_ms, self._clock())
        self._report_ended()

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
                self._play(event)
            case engine.ReplyWords() if self._leg is not None and not self._replies.dead(
                event.response_id, event.item_id
            ):
                self._tell(events.AgentWords(event.item_id, event.text))
            case engine.ReplySoundDone() if not self._replies.dead(event.response_id, event.item_id):
                self._complete(event.item_id)
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
                self._drain_backlog()
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

    def _play(self, event: engine.ReplySound) -> None:
        """Sound of a reply. On the media path."""
        leg, down = self._leg, self._down
        if self._replies.dead(event.response_id, event.item_id):
            return
        if leg is None or down is None:
            self._unheard(event)
            return
        now = self._clock()
        self._replies.came(now)
        if event.item_id != self._replies.item_id:
            self._begin_item(event.item_id, now)
        self._played_frames += 1
        sampled = self._played_frames % SAMPLED_EVERY == 1
        self._send(leg, event.item_id, self._timed(down, event.audio) if sampled else down.convert(event.audio), now)
        if self._playout.ahead_ms(now) > UNPLAYED_LIMIT_S * 1000:
            self._cut_rest(event)

    def _cut_rest(self, sound: engine.ReplySound) -> None:
        """The engine is too far ahead of the caller's ear. What was sent plays on; the rest of the reply is dropped."""
        session, item = self._session, self.heard(sound.item_id)
        if session is not None:
            session.cancel()
            if item is not None and sound.item_id and session.capabilities.truncates:
                session.truncate(sound.item_id, item.sent_ms)
        self._replies.kill(sound.response_id, sound.item_id)
        self._replies.over()
        if self._down is not None:
            self._down.reset()
        self._complete(sound.item_id, whole=False)
        reason = f"its reply is more than {UNPLAYED_LIMIT_S} s ahead of what the caller has heard; the rest is dropped"
        self._tell(events.EngineComplaint(reason, TOO_FAR_AHEAD))

    def _send(self, leg: Leg, item_id: str, frame: bytes, now: float) -> None:
        """Hand sound to the leg, cut where a mark is due, so that no stretch is longer than promised. On the path."""
        audio = leg.format
        at, end = 0, len(frame)
        while at < end:
            size = audio.size_bytes(self._playout.room_ms()) or audio.bytes_per_sample
            piece = frame[at : at + size]
            at += size
            leg.play(piece)
            position_ms = self._playout.sent(item_id, audio.duration_ms(len(piece)), now)
            if position_ms is not None:
                leg.mark(position_ms)

    def _unheard(self, event: engine.ReplySound) -> None:
        """The engine speaks while nobody is there. It must not believe that it was heard."""
        self._replies.kill(event.response_id, event.item_id)
        if self._session is not None:
            self._session.cancel()
            if event.item_id and self._session.capabilities.truncates:
                self._session.truncate(event.item_id, 0)

    def _reply_started(self, response_id: str) -> None:
        self._replies.began(response_id, self._clock())
        if self._turns.caller_has_it:
            # It was asked for just before the caller began, so the engine has not stopped it by itself.
            self._stop_reply([])
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

    def _begin_item(self, item_id: str, now: float) -> None:
        self._replies.item_id = item_id
        waited_s = self._turns.agent_sounded(now)
        self._tell(events.AgentBegan(item_id, None if waited_s is None else round(waited_s * 1000)))

    def _complete(self, item_id: str, *, whole: bool = True) -> None:
        """All sound of an item is here, or all that will come."""
        if self._leg is None or self._down is None:
            return
        self._send(self._leg, item_id, self._down.flush(), self._clock())
        position_ms = self._playout.completed(item_id, whole=whole)
        if position_ms is not None:
            self._leg.mark(position_ms)
        self._report_ended()

    def _reply_done(self, event: engine.ReplyDone) -> None:
        if event.response_id == self._replies.response_id:
            if self._replies.item_id is not None:
                self._complete(self._replies.item_id, whole=event.status not in UNFINISHED)
            self._replies.over()
        if event.status not in UNFINISHED:
            self._wish = None
        self._tell(event)

    def _caller_started(self, item_id: str) -> None:
        self._caller_item_id = item_id
        now = self._clock()
        agent_speaks = self.replying or self._playout.playing(now)
        interrupts = self._turns.caller_started(now, agent_speaks=agent_speaks)
        settled = self._silence(now) if interrupts else None
        self._tell(events.CallerBegan(item_id))
        if settled is not None:
            self._interrupt(settled)

    # ---- barge-in --------------------------------------------------------------------------------------------------

    def _silence(self, due_at: float) -> list[Heard]:
        """First of all the line goes quiet. Return what was heard by then; a leg may answer its marks at once."""
        settled = self._playout.cleared(self._clock())
        if self._leg is not None:
            self._leg.clear()
            self.measures.barge_in_s.add(self._clock() - due_at)
        return settled

    def _interrupt(self, settled: list[Heard]) -> None:
        """The caller takes the turn; the line is quiet already."""
        self._tell(events.Interrupted(self._caller_item_id))
        self._stop_reply(settled)

    def _stop_reply(self, settled: list[Heard]) -> None:
        """Nothing more of this reply is made or let through, and the account of it is settled with the engine."""
        session = self._session
        if self._down is not None:
            self._down.reset()
        if self._replies.response_id is not None and session is not None:
            session.cancel()
        self._replies.kill(self._replies.response_id, self._replies.item_id)
        self._replies.over()
        for item in settled:
            known = item.item_id and item.item_id not in self._settled_elsewhere
            if item.cut and known and session is not None and session.capabilities.truncates:
                session.truncate(item.item_id, item.heard_ms)
            self._tell(events.AgentEnded(item.item_id, item.heard_ms, item.sent_ms, item.cut))
        self._settled_elsewhere.difference_update(item.item_id for item in settled)

    def _report_ended(self) -> None:
        for item in self._playout.ended():
            self._settled_elsewhere.discard(item.item_id)
            self._tell(events.AgentEnded(item.item_id, item.heard_ms, item.sent_ms, item.cut))

    # ---- the caller's sound that waits -----------------------------------------------------------------------------

    def _drain_backlog(self) -> None:
        session, backlog, up = self._session, self._backlog, self._up
        if session is None or backlog is None or up is None:
            return
        for frame in backlog.drain():
            session.hear(up.convert(frame))
            if not session.can_hear:
                break
        if self.dropped_ms > self._dropped_told_ms:
            self._dropped_told_ms = self.dropped_ms
            self._tell(events.SoundDropped(round(self.dropped_ms)))
