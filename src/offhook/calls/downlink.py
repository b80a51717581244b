"""The way down: the engine's replies from its session to the caller's ear.

A reply is let through if it is not dead and somebody is there, converted, handed to the leg in pieces with a mark
behind each, and entered into the account of what was sent and heard. When it is stopped, that account is settled with
the engine, so that the model knows what the caller did not hear.
"""

from collections.abc import Callable, Iterable

from offhook.audio.chain import Chain
from offhook.calls import events
from offhook.calls.engine import EngineSession, ReplySound
from offhook.calls.leg import Leg
from offhook.calls.playout import Heard, Playout
from offhook.calls.replies import Replies
from offhook.calls.sampling import SAMPLED_EVERY, timed
from offhook.calls.turns import Turns
from offhook.telemetry.measures import Measures


class Downlink:
    """Of one call, whatever legs and sessions it has. The bridge says which are on."""

    __slots__ = (
        "_clock",
        "_frames",
        "_measures",
        "_settled_elsewhere",
        "_tell",
        "_turns",
        "chain",
        "leg",
        "playout",
        "replies",
        "session",
    )

    def __init__(
        self,
        turns: Turns,
        *,
        clock: Callable[[], float],
        measures: Measures,
        tell: Callable[[events.AgentBegan | events.AgentEnded], None],
    ) -> None:
        self.leg: Leg | None = None
        self.session: EngineSession | None = None
        """Those that are on."""
        self.chain: Chain | None = None
        """From what the session speaks to the leg's format; None until both were there once."""
        self.playout = Playout()
        self.replies = Replies()
        self._turns = turns
        self._clock = clock
        self._measures = measures
        self._tell = tell
        self._frames = 0
        self._settled_elsewhere: set[str] = set()
        """Items of sessions that are gone, of which sound still plays: the next session knows nothing of them."""

    # ---- the two ends ----------------------------------------------------------------------------------------------

    def leg_came(self, leg: Leg) -> None:
        """Another leg plays from now on; its account begins at nothing."""
        self.leg = leg
        self.playout = Playout()

    def leg_went(self) -> None:
        """What the leg had not played is cut."""
        self.leg = None
        self.stop(self.playout.cleared(self._clock()))

    def session_came(self, session: EngineSession) -> None:
        """Another session makes replies from now on."""
        self.session = session
        self.replies.forget()

    def session_went(self) -> None:
        """What it was saying stays unfinished. What came of that plays on."""
        self.session = None
        if self.replies.response_id is not None and self.replies.item_id is not None:
            self.complete(self.replies.item_id, whole=False)
        self.replies.over()
        self._settled_elsewhere.update(self.playout.items)

    # ---- sound -----------------------------------------------------------------------------------------------------

    def play(self, sound: ReplySound) -> float:
        """Sound of a reply. Return how far ahead of the caller's ear that is now, in ms. On the media path."""
        leg, chain = self.leg, self.chain
        replies = self.replies
        if replies.dead(sound.response_id, sound.item_id):
            return 0.0
        if leg is None or chain is None:
            self._unheard(sound)
            return 0.0
        now = self._clock()
        replies.came(now)
        if sound.item_id != replies.item_id:
            self._begin_item(sound.item_id, now)
        self._frames += 1
        sampled = self._frames % SAMPLED_EVERY == 1
        audio = timed(chain, sound.audio, self._measures) if sampled else chain.convert(sound.audio)
        self._send(leg, sound.item_id, audio, now)
        return self.playout.ahead_ms(now)

    def _send(self, leg: Leg, item_id: str, frame: bytes, now: float) -> None:
        """Hand sound to the leg, cut where a mark is due, so that no stretch is longer than promised. On the path."""
        playout = self.playout
        audio = leg.format
        at, end = 0, len(frame)
        while at < end:
            size = audio.size_bytes(playout.room_ms()) or audio.bytes_per_sample
            piece = frame[at : at + size]
            at += size
            leg.play(piece)
            position_ms = playout.sent(item_id, audio.duration_ms(len(piece)), now)
            if position_ms is not None:
                leg.mark(position_ms)

    def _begin_item(self, item_id: str, now: float) -> None:
        self.replies.item_id = item_id
        waited_s = self._turns.agent_sounded(now)
        self._tell(events.AgentBegan(item_id, None if waited_s is None else round(waited_s * 1000)))

    def complete(self, item_id: str, *, whole: bool = True) -> None:
        """All sound of an item is here, or all that will come."""
        if self.leg is None or self.chain is None:
            return
        self._send(self.leg, item_id, self.chain.flush(), self._clock())
        position_ms = self.playout.completed(item_id, whole=whole)
        if position_ms is not None:
            self.leg.mark(position_ms)
        self._tell_ended(self.playout.ended())

    def marked(self, position_ms: int) -> None:
        """The leg answered a mark."""
        self.playout.marked(position_ms, self._clock())
        self._tell_ended(self.playout.ended())

    # ---- what is not to be heard -----------------------------------------------------------------------------------

    def stop(self, settled: list[Heard]) -> None:
        """Nothing more of this reply is made or let through, and the account of it is settled with the engine."""
        session, replies = self.session, self.replies
        if self.chain is not None:
            self.chain.reset()
        if replies.response_id is not None and session is not None:
            session.cancel()
        replies.kill(replies.response_id, replies.item_id)
        replies.over()
        for item in settled:
            if item.cut and item.item_id not in self._settled_elsewhere:
                _truncate(session, item.item_id, item.heard_ms)
            self._tell(events.AgentEnded(item.item_id, item.heard_ms, item.sent_ms, item.cut))
        self._settled_elsewhere.difference_update(item.item_id for item in settled)

    def cut_rest(self, sound: ReplySound) -> None:
        """What was sent of this reply plays on; the rest is dropped."""
        session, item = self.session, self.playout.heard(sound.item_id, self._clock())
        if session is not None:
            session.cancel()
            if item is not None:
                _truncate(session, sound.item_id, item.sent_ms)
        self.replies.kill(sound.response_id, sound.item_id)
        self.replies.over()
        if self.chain is not None:
            self.chain.reset()
        self.complete(sound.item_id, whole=False)

    def _unheard(self, sound: ReplySound) -> None:
        """The engine speaks while nobody is there. It must not believe that it was heard."""
        self.replies.kill(sound.response_id, sound.item_id)
        if self.session is not None:
            self.session.cancel()
            _truncate(self.session, sound.item_id, 0)

    def _tell_ended(self, items: Iterable[Heard]) -> None:
        for item in items:
            self._settled_elsewhere.discard(item.item_id)
            self._tell(events.AgentEnded(item.item_id, item.heard_ms, item.sent_ms, item.cut))


def _truncate(session: EngineSession | None, item_id: str, heard_ms: int) -> None:
    if item_id and session is not None and session.capabilities.truncates:
        session.truncate(item_id, heard_ms)
