"""Moves sound and turns between one leg and one engine session. Either side can be taken off and another put on.

Nothing here waits: every method is called from a socket's callback or a timer, does its work, and returns. What
happens is told to ``tell`` as the values of ``events``; the two things that need somebody to act, a tool that is wanted
and an engine that is gone, are told as the engine said them.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from offhook.audio.chain import Chain, join
from offhook.calls import engine, events
from offhook.calls.backlog import Backlog
from offhook.calls.engine import EngineEvent, EngineSession
from offhook.calls.leg import LeftReason, Leg
from offhook.calls.playout import Heard, Playout
from offhook.calls.turns import Turns

DEAD_REPLIES_KEPT: Final = 16
"""Late sound of a cut reply arrives within a second; a handful of replies back is plenty."""

BridgeEvent = events.CallEvent | engine.ToolWanted | engine.ReplyDone | engine.EngineGone


class Bridge:
    """Between one leg and one engine session."""

    def __init__(
        self, turns: Turns, *, queue_ms: int, clock: Callable[[], float], tell: Callable[[BridgeEvent], None]
    ) -> None:
        self._turns = turns
        self._queue_ms = queue_ms
        self._clock = clock
        self._tell = tell

        self._leg: Leg | None = None
        self._session: EngineSession | None = None
        self._playout = Playout()
        self._backlog: Backlog | None = None
        self._up: Chain | None = None
        self._down: Chain | None = None

        self._response_id: str | None = None
        self._item_id: str | None = None
        self._dead_replies: deque[str] = deque(maxlen=DEAD_REPLIES_KEPT)
        self._caller_item_id = ""
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
        self._backlog = Backlog(leg.format, self._queue_ms)
        self._join()
        leg.listen(_LegEar(self, leg))

    def detach_leg(self) -> Leg:
        """Take the leg off: what it had not played is cut. It is not closed."""
        leg, self._leg = self._leg, None
        if leg is None:
            raise ValueError("no leg is on")
        self._stop_reply()
        return leg

    def attach_session(self, session: EngineSession) -> None:
        """Put an engine session on. One that is on is taken off first, and closed."""
        if self._session is not None:
            self.detach_session().close()
        self._session = session
        self._join()
        session.listen(_EngineEar(self, session))
        self._drain_backlog()

    def detach_session(self) -> EngineSession:
        """Take the session off. Sound of it that is on its way to the caller plays on. It is not closed."""
        session, self._session = self._session, None
        if session is None:
            raise ValueError("no engine session is on")
        if self._item_id is not None:
            self._complete(self._item_id)
        self._reply_over()
        return session

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
        return self._response_id is not None

    @property
    def dropped_ms(self) -> float:
        """How much of the caller's sound the engine did not take in time, on this leg."""
        return self._backlog.dropped_ms if self._backlog else 0.0

    def heard(self, item_id: str) -> Heard | None:
        """How much of the agent's turn has been heard by now; None if that is settled already."""
        return self._playout.heard(item_id, self._clock())

    def deadline(self) -> float:
        """When ``on_time`` wants to be called (clock time); inf if never."""
        return self._turns.deadline()

    def on_time(self, now: float) -> None:
        """The deadline has come."""
        if self._turns.on_time(now):
            self._silence()
            self._interrupt()

    # ---- from the leg ----------------------------------------------------------------------------------------------

    def spoke(self, frame: bytes) -> None:
        """Sound of the caller. On the media path."""
        session = self._session
        backlog = self._backlog
        if session is not None and session.can_hear and not backlog and self._up is not None:
            session.hear(self._up.convert(frame))
        elif backlog is not None:
            backlog.add(frame)

    def marked(self, position_ms: int) -> None:
        """The leg answered a mark."""
        self._playout.marked(position_ms, self._clock())
        self._report_ended()

    def pressed(self, digit: str) -> None:
        """A key."""
        self._tell(events.DigitPressed(digit))

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
            case engine.ReplyWords() if not self._is_dead(event.response_id, event.item_id):
                self._tell(events.AgentWords(event.item_id, event.text))
            case engine.ReplySoundDone() if not self._is_dead(event.response_id, event.item_id):
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
                self._response_id = event.response_id
            case engine.ReplyDone():
                self._reply_done(event)
            case engine.SessionRelieved():
                self._drain_backlog()
            case engine.EngineComplained():
                self._tell(events.EngineComplaint(event.reason, event.code))
            case engine.EngineGone():
                self.detach_session()
                self._tell(event)
            case engine.ToolWanted() if not self._is_dead(event.response_id):
                self._tell(event)

    def _play(self, event: engine.ReplySound) -> None:
        """Sound of a reply. On the media path."""
        leg, down = self._leg, self._down
        if leg is None or down is None or self._is_dead(event.response_id, event.item_id):
            return
        now = self._clock()
        if event.item_id != self._item_id:
            self._begin_item(event.item_id, now)
        frame = down.convert(event.audio)
        audio = leg.format
        while frame:
            # Cut where a mark is due, so that no stretch between two marks is longer than promised.
            size = audio.size_bytes(self._playout.room_ms()) or audio.bytes_per_sample
            piece, frame = frame[:size], frame[size:]
            leg.play(piece)
            position_ms = self._playout.sent(event.item_id, audio.duration_ms(len(piece)), now)
            if position_ms is not None:
                leg.mark(position_ms)

    def _begin_item(self, item_id: str, now: float) -> None:
        self._item_id = item_id
        waited_s = self._turns.agent_sounded(now)
        self._tell(events.AgentBegan(item_id, None if waited_s is None else round(waited_s * 1000)))

    def _complete(self, item_id: str) -> None:
        """All sound of an item is here."""
        if self._leg is None or self._down is None:
            return
        if tail := self._down.flush():
            self._leg.play(tail)
            self._playout.sent(item_id, self._leg.format.duration_ms(len(tail)), self._clock())
        position_ms = self._playout.completed(item_id)
        if position_ms is not None:
            self._leg.mark(position_ms)
        self._report_ended()

    def _reply_done(self, event: engine.ReplyDone) -> None:
        if event.response_id == self._response_id:
            if self._item_id is not None:
                self._complete(self._item_id)
            self._reply_over()
        self._tell(event)

    def _reply_over(self) -> None:
        self._response_id = self._item_id = None

    def _caller_started(self, item_id: str) -> None:
        self._caller_item_id = item_id
        now = self._clock()
        agent_speaks = self.replying or self._playout.playing(now)
        interrupts = self._turns.caller_started(now, agent_speaks=agent_speaks)
        if interrupts:
            self._silence()
        self._tell(events.CallerBegan(item_id))
        if interrupts:
            self._interrupt()

    # ---- barge-in --------------------------------------------------------------------------------------------------

    def _interrupt(self) -> None:
        """The caller takes the turn; the line is quiet already."""
        self._tell(events.Interrupted(self._caller_item_id))
        self._stop_reply()

    def _silence(self) -> None:
        """First of all the line goes quiet; accounts are settled after."""
        if self._leg is not None:
            self._leg.clear()

    def _stop_reply(self) -> None:
        """Nothing more of this reply is made or let through, and what was heard of it is settled with the engine."""
        session = self._session
        if self._down is not None:
            self._down.reset()
        if self._response_id is not None and session is not None:
            session.cancel()
        self._dead_replies.extend(name for name in (self._response_id, self._item_id) if name)
        self._reply_over()
        self._cut(self._playout.cleared(self._clock()))

    def _is_dead(self, *names: str) -> bool:
        return any(name in self._dead_replies for name in names)

    def _cut(self, items: list[Heard]) -> None:
        session = self._session
        for item in items:
            missing = item.heard_ms < item.sent_ms
            if missing and item.item_id and session is not None and session.capabilities.truncates:
                session.truncate(item.item_id, item.heard_ms)
            self._tell(events.AgentEnded(item.item_id, item.heard_ms, item.sent_ms, cut=missing))

    def _report_ended(self) -> None:
        for item in self._playout.ended():
            self._tell(events.AgentEnded(item.item_id, item.heard_ms, item.sent_ms, cut=False))

    # ---- the caller's sound that waits -----------------------------------------------------------------------------

    def _drain_backlog(self) -> None:
        session, backlog, up = self._session, self._backlog, self._up
        if session is None or backlog is None or up is None:
            return
        for frame in backlog.drain():
            session.hear(up.convert(frame))
            if not session.can_hear:
                break
        if backlog.dropped_ms > self._dropped_told_ms:
            self._dropped_told_ms = backlog.dropped_ms
            self._tell(events.SoundDropped(round(backlog.dropped_ms)))


class _LegEar:
    """Listens to one leg, and falls deaf when that leg is not the one that is on any more."""

    __slots__ = ("_bridge", "_leg")

    def __init__(self, bridge: Bridge, leg: Leg) -> None:
        self._bridge = bridge
        self._leg = leg

    def spoke(self, frame: bytes) -> None:
        if self._bridge.leg is self._leg:
            self._bridge.spoke(frame)

    def heard(self, position_ms: int) -> None:
        if self._bridge.leg is self._leg:
            self._bridge.marked(position_ms)

    def pressed(self, digit: str) -> None:
        if self._bridge.leg is self._leg:
            self._bridge.pressed(digit)

    def left(self, reason: LeftReason) -> None:
        if self._bridge.leg is self._leg:
            self._bridge.left(reason)


class _EngineEar:
    """Listens to one session, and falls deaf when that session is not the one that is on any more."""

    __slots__ = ("_bridge", "_session")

    def __init__(self, bridge: Bridge, session: EngineSession) -> None:
        self._bridge = bridge
        self._session = session

    def on_engine(self, event: EngineEvent) -> None:
        if self._bridge.session is self._session:
            self._bridge.on_engine(event)
