"""A Twilio media stream as a leg.

The socket is opened by Twilio at the URL that our TwiML named; by the time this object exists, signature and token have
been checked. It becomes the call's leg with the ``start`` message.
"""

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Final

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from offhook.audio.formats import PCMU_8K
from offhook.calls.call import Call
from offhook.calls.leg import LeftReason, LegListener
from offhook.errors import WireError
from offhook.legs.stream_pace import StreamPace
from offhook.telemetry.logs import get_logger
from offhook.wires import twilio_media as twilio
from offhook.wires.messages import TEXT_OPCODE, CloseCode, FramingError, TextAssembler

UNSENT_HIGH_BYTES: Final = 64 * 1024
UNSENT_LOW_BYTES: Final = 16 * 1024
"""A reply is handed to Twilio as fast as the engine makes it, and Twilio queues it. What it has not taken off the
socket waits here. Above the first, six seconds of speech, nothing more is read from the engine until it is below the
second."""

UNSENT_LIMIT_BYTES: Final = 2 * 1024 * 1024
"""More than this, and the stream is closed at once. It takes an engine that sends its longest events (1 MiB) to come
near, since what was read before the engine was held back still goes out."""

SLOW_LIMIT_S: Final = 5.0
"""A stream that stays above UNSENT_LOW_BYTES for so long after it was above UNSENT_HIGH_BYTES, and has taken less than
REAL_TIME_BYTES_PER_S of it, is closed: it takes less than what it plays. One that has taken more gets as long again,
since a single event of the engine may hold a minute of sound."""

REAL_TIME_BYTES_PER_S: Final = 11_000
"""A second of sound in messages: 8000 bytes of µ-law in base64, and what is around it where messages are long."""

KERNEL_SENDS_BYTES: Final = 64 * 1024
KERNEL_TAKES_BYTES: Final = 16 * 1024
"""Of the socket, both ways (Linux takes them twice): what lies there is counted by nobody. A second of what a caller
says is 14 KB."""

LOOKED_AT_EVERY: Final = 25
"""Of so many messages, the pace of one is looked at: two a second."""

PLAIN_TEXT: Final = WSMsgType.TEXT
"""Looked up once: an attribute of an enum is slow, and there are fifty frames a second."""

UNKNOWN_EVENTS_LIMIT: Final = 100
"""Twilio may add kinds of messages, which are skipped. So many of them are not additions."""

CLOSE_WITHIN_S: Final = 1.0
"""After our close frame the peer has so long to answer, then the socket is shut."""

log = get_logger("offhook.legs.twilio")


class TwilioLeg(WSListener):
    """One media stream."""

    format = PCMU_8K

    def __init__(
        self,
        call: Call,
        *,
        start_within_s: float,
        closed: Callable[["TwilioLeg"], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._call = call
        self._measures = call.measures
        self._clock = clock
        self._start_within_s = start_within_s
        self._closed = closed
        self._log = log.bind(call_id=call.call_id)
        self._assembler = TextAssembler(twilio.MESSAGE_LIMIT_BYTES)
        self._transport: WSTransport | None = None
        self._listener: LegListener | None = None
        self._writer: twilio.ReplyWriter | None = None
        self._stream_sid = ""
        self._start_timer: asyncio.TimerHandle | None = None
        self._pace = StreamPace(clock())
        self._messages = 0
        self._sound_bytes = 0
        self._slow_timer: asyncio.TimerHandle | None = None
        self._given_bytes = 0
        """Sound that the socket was given, in messages, over all."""
        self._taken_before_bytes = 0
        """What Twilio had taken of it when the slow timer was set."""
        self._unknown = 0
        self._left: LeftReason | None = None

    # ---- Leg -------------------------------------------------------------------------------------------------------

    def listen(self, listener: LegListener) -> None:
        """Tell this listener from now on."""
        self._listener = listener

    def play(self, frame: bytes) -> None:
        """Append sound to Twilio's queue. On the media path."""
        transport, writer = self._transport, self._writer
        if transport is None or writer is None:
            return
        message = writer.media(frame)
        self._given_bytes += len(message)
        transport.send(PLAIN_TEXT, message)
        if self._slow_timer is not None and self.unsent_bytes > UNSENT_LIMIT_BYTES:
            asyncio.get_running_loop().call_soon(self._too_slow)

    def mark(self, position_ms: int) -> None:
        """Have Twilio echo that position when it has played everything before it."""
        if self._transport is not None and self._writer is not None:
            self._transport.send(PLAIN_TEXT, self._writer.mark(str(position_ms)))

    def clear(self) -> None:
        """Empty Twilio's queue. It echoes every pending mark at once."""
        if self._transport is not None and self._writer is not None:
            self._transport.send(PLAIN_TEXT, self._writer.clear())

    @property
    def unsent_bytes(self) -> int:
        """What Twilio has not taken off the socket, as far as it waits on our side of the kernel."""
        return self._transport.underlying_transport.get_write_buffer_size() if self._transport is not None else 0

    def hang_up(self) -> None:
        """Close the stream. Twilio goes on with the TwiML behind it: the ``action`` of ``<Connect>``."""
        self._leave(LeftReason.CLOSED, CloseCode.NORMAL, "")

    # ---- the socket ------------------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The upgrade is done; ``start`` has to follow."""
        self._transport = transport
        underlying = transport.underlying_transport
        underlying.set_write_buffer_limits(high=UNSENT_HIGH_BYTES, low=UNSENT_LOW_BYTES)
        plug = underlying.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_SENDS_BYTES)
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_TAKES_BYTES)
        loop = asyncio.get_running_loop()
        self._start_timer = loop.call_later(self._start_within_s, self._said_nothing)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """One frame of Twilio. On the media path."""
        kind = frame.msg_type
        if self._left is not None:
            if kind is WSMsgType.CLOSE:
                transport.disconnect()
            return
        if kind is not PLAIN_TEXT:
            if kind is WSMsgType.CLOSE:
                # Twilio closes after `stop`. Without one, nobody said that the caller had hung up.
                self._leave(LeftReason.LOST, CloseCode.NORMAL, "")
                return
            if kind is WSMsgType.PING or kind is WSMsgType.PONG:
                return
        try:
            opcode = TEXT_OPCODE if kind is PLAIN_TEXT else kind.value
            message = self._assembler.add(opcode, frame.get_payload_as_bytes(), final=frame.fin)
            if message is not None:
                event = twilio.parse(message)
                self._messages += 1
                if self._messages % LOOKED_AT_EVERY == 1:
                    self._look(event)
                self._on_message(event)
        except FramingError as error:
            self._refuse(error.close_code, error)
        except WireError as error:
            self._refuse(CloseCode.INVALID_DATA, error)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The socket is gone, however that came."""
        self._transport = None
        for timer in (self._start_timer, self._slow_timer):
            if timer is not None:
                timer.cancel()
        sent = transport.close_handshake.sent if transport.close_handshake is not None else None
        if self._left is None and sent is not None:
            # picows itself refused a frame: too long, not masked, or malformed.
            self._log_refusal(int(sent.code.value), WireError(sent.reason))
            self._tell_left(LeftReason.REFUSED)
        self._tell_left(LeftReason.LOST)
        self._closed(self)

    def pause_writing(self) -> None:
        """Twilio has not taken UNSENT_HIGH_BYTES."""
        if self._left is None and self._slow_timer is None:
            self._set_slow_timer()
            if self._listener is not None:
                self._listener.filled()

    def resume_writing(self) -> None:
        """It has taken them, but for UNSENT_LOW_BYTES."""
        if self._slow_timer is not None:
            self._slow_timer.cancel()
            self._slow_timer = None
            if self._listener is not None:
                self._listener.drained()

    # ---- messages --------------------------------------------------------------------------------------------------

    def _on_message(self, event: twilio.FromTwilio | twilio.UnknownEvent) -> None:
        match event:
            case twilio.Media():
                if self._listener is None:
                    raise FramingError("media before start", CloseCode.POLICY_VIOLATION)
                sound = event.media
                if sound.track == "inbound":
                    self._sound_bytes += len(sound.payload)
                    self._listener.spoke(sound.payload)
            case twilio.Mark():
                # Marks are ours, and named by position; others say nothing to us.
                if self._listener is not None and event.mark.name.isdecimal() and len(event.mark.name) < 16:
                    self._listener.heard(int(event.mark.name))
            case twilio.Start():
                self._start(event)
            case twilio.Dtmf():
                self._pressed(event.dtmf.digit)
            case twilio.Stop():
                self._leave(LeftReason.HUNG_UP, CloseCode.NORMAL, "")
            case twilio.UnknownEvent():
                self._unknown_event(event)

    def _look(self, event: twilio.FromTwilio | twilio.UnknownEvent) -> None:
        """At one message of the sample: when it came, and how much came before it."""
        now = self._clock()
        if isinstance(event, twilio.Media) and (timestamp_ms := event.media.timestamp).isdecimal():
            self._measures.frame_lateness_s.add(self._pace.lateness_s(int(timestamp_ms[:15]), now))
        excess = self._pace.excess(self._sound_bytes / twilio.RATE_HZ, self._messages, now)
        if excess is not None:
            raise FramingError(f"more than a telephone sends: {excess}", CloseCode.POLICY_VIOLATION)

    def _start(self, event: twilio.Start) -> None:
        if self._listener is not None:
            raise FramingError("a second start", CloseCode.POLICY_VIOLATION)
        media = event.start.media_format
        if (media.encoding, media.sample_rate, media.channels) != (twilio.ENCODING, twilio.RATE_HZ, 1):
            reason = f"cannot take {media.encoding} at {media.sample_rate} Hz, {media.channels} channels"
            raise FramingError(reason, CloseCode.UNSUPPORTED_DATA)
        expected = self._call.line.carrier_call_id
        if expected is not None and event.start.call_sid != expected:
            raise FramingError(f"this stream is for {expected}, not {event.start.call_sid}", CloseCode.POLICY_VIOLATION)
        if self._start_timer is not None:
            self._start_timer.cancel()
        self._stream_sid = event.stream_sid
        self._writer = twilio.ReplyWriter(event.stream_sid)
        self._log.info("stream started", stream_sid=event.stream_sid)
        self._call.leg_came(self)

    def _pressed(self, digit: str) -> None:
        if len(digit) != 1 or digit not in "0123456789*#ABCD":
            raise WireError("not a key of a telephone", digit)
        if self._listener is not None:
            self._listener.pressed(digit)

    def _unknown_event(self, event: twilio.UnknownEvent) -> None:
        self._unknown += 1
        # Of this stream: something new of Twilio's. Else: not Twilio.
        if not self._stream_sid or event.stream_sid != self._stream_sid or self._unknown > UNKNOWN_EVENTS_LIMIT:
            raise FramingError(f"unknown event {event.event[:40]!r}", CloseCode.POLICY_VIOLATION)
        if self._unknown == 1:
            self._log.warning("skipped an unknown kind of message", kind=event.event[:40])

    def _said_nothing(self) -> None:
        reason = f"no start message within {self._start_within_s:g} s"
        self._refuse(CloseCode.POLICY_VIOLATION, WireError(reason))

    # ---- the end ---------------------------------------------------------------------------------------------------

    def _set_slow_timer(self) -> None:
        self._taken_before_bytes = self._given_bytes - self.unsent_bytes
        self._slow_timer = asyncio.get_running_loop().call_later(SLOW_LIMIT_S, self._look_if_slow)

    def _look_if_slow(self) -> None:
        taken_bytes = self._given_bytes - self.unsent_bytes - self._taken_before_bytes
        if taken_bytes >= REAL_TIME_BYTES_PER_S * SLOW_LIMIT_S:
            self._set_slow_timer()
        else:
            self._too_slow()

    def _too_slow(self) -> None:
        if self._left is not None:
            return
        self._log.warning(
            "the stream does not take what is played; closing it",
            unsent_bytes=self.unsent_bytes,
            unsent_limit_bytes=UNSENT_LIMIT_BYTES,
            slow_limit_s=SLOW_LIMIT_S,
        )
        if self._transport is not None:
            self._transport.disconnect(graceful=False)
        self._tell_left(LeftReason.TOO_SLOW)

    def _refuse(self, code: CloseCode, error: WireError) -> None:
        self._log_refusal(int(code), error)
        self._leave(LeftReason.REFUSED, code, error.reason)

    def _log_refusal(self, close_code: int, error: WireError) -> None:
        self._log.warning(
            "stream refused",
            close_code=close_code,
            reason=error.reason,
            excerpt=error.excerpt,
            stream_sid=self._stream_sid,
        )

    def _leave(self, reason: LeftReason, code: CloseCode, why: str) -> None:
        transport = self._transport
        if transport is not None and self._left is None:
            transport.send_close(WSCloseCode(int(code)), why.encode()[:120])
            # The peer answers with its own close frame; one that does not, or does not even read ours, has a second.
            asyncio.get_running_loop().call_later(CLOSE_WITHIN_S, transport.disconnect, False)
            if reason not in (LeftReason.CLOSED, LeftReason.REFUSED):
                transport.disconnect()
        self._tell_left(reason)

    def _tell_left(self, reason: LeftReason) -> None:
        """Once; nothing that comes after it is heard."""
        if self._left is not None:
            return
        self._left = reason
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.left(reason)
