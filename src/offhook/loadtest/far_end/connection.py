"""One socket of a far end. Nothing waits here: a message in, messages out."""

from collections.abc import Sequence
from math import inf
from typing import Final, Protocol

from picows import WSFrame, WSMsgType, WSTransport

from offhook.loadtest.far_end.appends import sound_of
from offhook.loadtest.far_end.faults import HangUp, Noise
from offhook.loadtest.far_end.gauges import SessionGauge
from offhook.loadtest.far_end.session import Said, Session
from offhook.loadtest.far_end.speaking import Speaking
from offhook.loadtest.far_end.timetable import Timetable
from offhook.loadtest.twilio.clock import Clock
from offhook.realtime_server.socket import Connection
from offhook.wires.messages import FramingError
from offhook.wires.openai_realtime.asides import encode
from offhook.wires.openai_realtime.server_events import AudioDelta, Failure

_TEXT: Final = WSMsgType.TEXT


class Desk(Protocol):
    """The server, as its connections see it."""

    def joined(self, connection: "FarEndConnection") -> None:
        """It is open."""

    def left(self, connection: "FarEndConnection") -> None:
        """It is gone."""

    def moved(self) -> None:
        """A session heard or said something, or ended."""


class FarEndConnection(Connection):
    """Carries between a socket and its session.

    With a ``clock`` replies are paced by it, 20 ms at a time: the short way, for load. ``gauge`` is told what happens.
    """

    def __init__(
        self,
        session: Session,
        timetable: Timetable,
        desk: Desk,
        clock: Clock | None = None,
        gauge: SessionGauge | None = None,
    ) -> None:
        super().__init__()  # a peer that reads slowly is sent to regardless, as the vendor's server does
        self.session = session
        self.due_at = inf
        self._timetable = timetable
        self._desk = desk
        self._clock = clock
        self._ticks = False
        self._speaking: Speaking | None = None  # what the clock paces
        self._gauge = gauge

    def on_open(self) -> None:
        """Called by the socket."""
        self._desk.joined(self)
        self._pass_on(self.session.open(self._loop.time()))

    def on_message(self, message: bytes) -> None:
        """Called by the socket."""
        session, now = self.session, self._loop.time()
        sound = sound_of(message)
        said = session.receive(message, now) if sound is None else session.hear(sound, now)
        if self._gauge is not None:
            self._gauge.heard(session.appended.duration_ms, is_loud=session.caller_is_loud)
        if said:
            self._pass_on(said)
        else:  # then nothing is due that was not before
            self._desk.moved()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Called by picows. Under load the frequent message takes the short way; all others that of any server."""
        if self._gauge is not None and frame.msg_type is _TEXT and frame.fin and not self.is_ending:
            sound = sound_of(frame.get_payload_as_bytes())
            if sound is not None:
                session = self.session
                said = session.hear(sound, self._loop.time())
                self._gauge.heard(session.appended.duration_ms, is_loud=session.caller_is_loud)
                if said:
                    self._pass_on(said)
                return
        super().on_ws_frame(transport, frame)

    def on_refused_frame(self, error: FramingError) -> None:
        """Called by the socket."""
        self.session.hung_up = HangUp(error.close_code, error.reason)
        if self._gauge is not None:
            self._gauge.complained()
        self._stop()

    def on_lost(self) -> None:
        """Called by the socket."""
        self.session.is_over = True
        if self._gauge is not None:
            self._gauge.left()
        self._stop()
        self._desk.left(self)

    def on_time(self, now: float) -> None:
        """Called by the timetable."""
        self._pass_on(self.session.on_time(now))

    def on_tick(self, at: float, now: float) -> None:
        """Called by the clock while a reply is given: the next 20 ms of it are due."""
        speaking = self._speaking
        message = speaking.next_delta() if speaking is not None else None
        if message is None:
            # The last piece, and what comes with it. The clock is up to 20 ms ahead of the reply's own time.
            self._pass_on(self.session.on_time(max(now, speaking.deadline()) if speaking is not None else now))
        elif self._transport is not None and not self.is_ending:
            self._transport.send(WSMsgType.TEXT, message)
            if self._gauge is not None and speaking is not None:
                self._gauge.said_late(at, speaking.step_ms)

    def _pass_on(self, said: Sequence[Said]) -> None:
        for each in said:
            match each:
                case Noise():
                    self.send(each.payload, is_binary=each.is_binary)
                case HangUp():
                    self._leave(each)
                case _:
                    self.send(encode(each))
                    if self._gauge is not None:
                        self._note(self._gauge, each)
        self._wind()
        self._desk.moved()

    def _note(self, gauge: SessionGauge, event: object) -> None:
        if type(event) is AudioDelta:
            gauge.said(self.session.config.output_format.duration_ms(len(event.delta)))
        elif type(event) is Failure:
            gauge.complained()

    def _wind(self) -> None:
        """See to it that we are called when something is due."""
        if self.is_ending:
            self._stop()
            return
        session, clock = self.session, self._clock
        if clock is None:
            self._timetable.set(self, session.deadline())
            return
        active = session.active
        is_speaking = active is not None and active.has_begun
        if is_speaking and not self._ticks:
            clock.start(self)
        elif self._ticks and not is_speaking:
            clock.stop(self)
        self._ticks = is_speaking
        self._speaking = active if is_speaking else None
        self._timetable.set(self, session.aside_deadline() if is_speaking else session.deadline())

    def _stop(self) -> None:
        self._timetable.set(self, inf)
        if self._clock is not None and self._ticks:
            self._clock.stop(self)
            self._ticks, self._speaking = False, None

    def _leave(self, how: HangUp) -> None:
        if how.code is None:
            self.cut()
        else:
            self.hang_up(how.code, how.reason)
