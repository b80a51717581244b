"""The caller's phone: a mouth, an ear, and what went through both."""

from collections.abc import Callable

from offhook.loadtest.twilio.clock import TICK_S
from offhook.loadtest.twilio.stream import MediaStream
from offhook.loadtest.twilio.talker import Talker
from offhook.loadtest.twilio.track import SAMPLES_PER_S, Track
from offhook.loadtest.twilio.voice import SILENT_FRAME, Voice


class Handset:
    """Speaks into the stream that it is plugged into, every 20 ms; ``on_hushed`` when all has been said.

    From the first stream on time passes for the caller: what is said while no stream is open is lost, as on a phone.
    A ``talker``, if there is one, speaks and listens in place of all this.
    """

    def __init__(self, record_s: float, on_hushed: Callable[[], None]) -> None:
        self.voice = Voice()
        self.spoken = Track(record_s)
        self.heard = Track(record_s)
        self.answered_at = 0.0
        self.stream: MediaStream | None = None
        self.talker: Talker | None = None
        self._on_hushed = on_hushed

    def on_tick(self, at: float, now: float) -> None:
        """Say the next 20 ms: what is sent now was spoken until now."""
        if self.talker is not None:
            if self.stream is not None:
                self.stream.send_payload(self.talker.next_payload(at), at, now)
            return
        began_at = at - TICK_S
        frame = self.voice.next_frame() if began_at >= self.answered_at else b""
        if frame:
            start = self.place(began_at)
            end = self.spoken.end
            self.spoken.put(end if abs(start - end) <= 1 else start, frame)  # rounding makes no gaps
        if self.stream is not None:
            self.stream.send_frame(frame or SILENT_FRAME, at, now)
        if frame and self.voice.silent:
            self._on_hushed()

    def place(self, at: float) -> int:
        """Samples since the call was answered."""
        return max(0, int((at - self.answered_at) * SAMPLES_PER_S))
