"""A Twilio media stream as a leg.

The socket is opened by Twilio at the URL that our TwiML named; by the time this object exists, signature and token have
been checked. It becomes the call's leg with the ``start`` message.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from offhook.audio.formats import PCMU_8K
from offhook.calls.call import Call
from offhook.calls.leg import LeftReason, LegListener
from offhook.errors import WireError
from offhook.telemetry.logs import get_logger
from offhook.wires import twilio_media as twilio
from offhook.wires.messages import CloseCode, FramingError, TextAssembler

UNSENT_LIMIT_BYTES: Final = 4 * 1024 * 1024
"""A reply is handed to Twilio as fast as the engine makes it, and Twilio queues it. What it has not taken off the
socket waits here; more than this, six minutes of speech, and it is not reading."""

UNKNOWN_EVENTS_LIMIT: Final = 100
"""Twilio may add kinds of messages, which are skipped. So many of them are not additions."""

CLOSE_WITHIN_S: Final = 1.0
"""After our close frame the peer has so long to answer, then the socket is shut."""

log = get_logger("offhook.legs.twilio")


class TwilioLeg(WSListener):
    """One media stream."""

    format = PCMU_8K

    def __init__(self, call: Call, *, start_within_s: float, closed: Callable[["TwilioLeg"], None]) -> None:
        self._call = call
        self._start_within_s = start_within_s
        self._closed = closed
        self._log = log.bind(call_id=call.call_id)
        self._assembler = TextAssembler(twilio.MESSAGE_LIMIT_BYTES)
        self._transport: WSTransport | None = None
        self._listener: LegListener | None = None
        self._writer: twilio.ReplyWriter | None = None
        self._stream_sid = ""
        self._start_timer: asyncio.TimerHandle | None = None
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
        transport.send(WSMsgType.TEXT, writer.media(frame))

    def mark(self, position_ms: int) -> None:
        """Have Twilio echo that position when it has played everything before it."""
        if self._transport is not None and self._writer is not None:
            self._transport.send(WSMsgType.TEXT, self._writer.mark(str(position_ms)))

    def clear(self) -> None:
        """Empty Twilio's queue. It echoes every pending mark at once."""
        if self._transport is not None and self._writer is not None:
            self._transport.send(WSMsgType.TEXT, self._writer.clear())

    def hang_up(self) -> None:
        """Close the stream. Twilio goes on with the TwiML behind it: the ``action`` of ``<Connect>``."""
        self._leave(LeftReason.CLOSED, CloseCode.NORMAL, "")

    # ---- the socket ------------------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The upgrade is done; ``start`` has to follow."""
        self._transport = transport
        transport.underlying_transport.set_write_buffer_limits(high=UNSENT_LIMIT_BYTES)
        loop = asyncio.get_running_loop()
        self._start_timer = loop.call_later(self._start_within_s, self._said_nothing)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """One frame of Twilio. On the media path."""
        kind = frame.msg_type
        if self._left is not None:
            if kind == WSMsgType.CLOSE:
                transport.disconnect()
            return
        if kind == WSMsgType.CLOSE:
            # Twilio closes after `stop`. Without one, nobody said that the caller had hung up.
            self._leave(LeftReason.LOST, CloseCode.NORMAL, "")
            return
        if kind in (WSMsgType.PING, WSMsgType.PONG):
            return
        try:
            message = self._assembler.add(kind.value, frame.get_payload_as_bytes(), final=frame.fin)
            if message is not None:
                self._on_message(twilio.parse(message))
        except FramingError as error:
            self._refuse(error.close_code, error)
        except WireError as error:
            self._refuse(CloseCode.INVALID_DATA, error)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The socket is gone, however that came."""
        self._transport = None
        if self._start_timer is not None:
            self._start_timer.cancel()
        sent = transport.close_handshake.sent if transport.close_handshake is not None else None
        if self._left is None and sent is not None:
            # picows itself refused a frame: too long, not masked, or malformed.
            self._log_refusal(int(sent.code.value), WireError(sent.reason))
            self._tell_left(LeftReason.REFUSED)
        self._tell_left(LeftReason.LOST)
        self._closed(self)

    def pause_writing(self) -> None:
        """Twilio has not taken UNSENT_LIMIT_BYTES."""
        # This comes out of the middle of play(), whose caller is not done with it.
        asyncio.get_running_loop().call_soon(self._too_slow)

    def resume_writing(self) -> None:
        """Nothing to do: a stream that was too slow is closed."""

    # ---- messages --------------------------------------------------------------------------------------------------

    def _on_message(self, event: twilio.FromTwilio | twilio.UnknownEvent) -> None:
        match event:
            case twilio.Media():
                if self._listener is None:
                    raise FramingError("media before start", CloseCode.POLICY_VIOLATION)
                if event.media.track == "inbound":
                    self._listener.spoke(event.media.payload)
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

    def _too_slow(self) -> None:
        if self._left is not None:
            return
        self._log.warning("the stream does not take what is played; closing it", unsent_limit_bytes=UNSENT_LIMIT_BYTES)
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
