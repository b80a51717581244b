"""One Media Streams connection, Twilio's end of it (Twilio docs: "Media Streams - WebSocket Messages").

A picows client. It opens the URL of the TwiML, says ``connected`` and ``start``, sends a frame of the caller whenever
the clock tells its line to, and answers marks from the playback queue. Nothing here waits but ``open``.
"""

import asyncio
import socket
import ssl
import struct
import time
from binascii import b2a_base64
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from picows import WSCloseCode as PeerCode
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from offhook.errors import WireError
from offhook.loadtest.twilio.debugger import (
    OWN_LIMIT,
    STREAM_INVALID,
    STREAM_MALFORMED,
    STREAM_OVERFLOW,
    Debugger,
)
from offhook.loadtest.twilio.endings import ENDINGS, StreamEnd
from offhook.loadtest.twilio.frames import FrameWriter, PlayReader
from offhook.loadtest.twilio.playback import Playback
from offhook.loadtest.twilio.replies import read_reply
from offhook.loadtest.twilio.talker import Talker
from offhook.wires.messages import FramingError, Opcode, TextAssembler
from offhook.wires.twilio_media import (
    Clear,
    Connected,
    Digit,
    Dtmf,
    FromTwilio,
    Mark,
    Play,
    Start,
    StartBody,
    Stop,
    StopBody,
    ToTwilio,
    encode,
)

CLOSE_WAIT_S: Final = 2.0
"""How long a server may take to answer our close frame before the connection is cut."""

REPLY_LIMIT_BYTES: Final = 1024 * 1024
"""Of one message of the server: 98 s of sound. Ours; Twilio's documentation sets no limit."""

READ_BUFFER_BYTES: Final = 4096
FRAME_MS: Final = 20

ECHOES_KEPT: Final = 10_000
"""Names of echoed marks that a stream remembers, for tests."""

_TEXT: Final = WSMsgType.TEXT
_OPCODES = {
    WSMsgType.TEXT: Opcode.TEXT,
    WSMsgType.BINARY: Opcode.BINARY,
    WSMsgType.CONTINUATION: Opcode.CONTINUATION,
}


class MediaStream(WSListener):
    """A bidirectional stream of one call.

    ``ended`` is done when it is over, whoever ended it. ``on_open`` is called once ``start`` has been sent, ``on_end``
    once, with what ended it and a sentence about it. With a ``talker``, who listens to no more than the length of what
    is played, the sound itself is neither decoded nor kept.
    """

    def __init__(
        self,
        start: StartBody,
        playback: Playback,
        debugger: Debugger,
        on_open: Callable[["MediaStream"], None],
        on_end: Callable[["MediaStream", StreamEnd, str], None],
        talker: Talker | None = None,
    ) -> None:
        self.sid = start.stream_sid
        self.playback = playback
        self.is_open = False
        self.marks_echoed: deque[str] = deque(maxlen=ECHOES_KEPT)
        self.chunks_sent = 0
        self.chunks_discarded = 0
        self._start = start
        self._debugger = debugger
        self._on_open = on_open
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[StreamEnd] = self._loop.create_future()
        self._transport: WSTransport | None = None
        self._assembler = TextAssembler(REPLY_LIMIT_BYTES)
        self._writer = FrameWriter(start.stream_sid)
        self._plays = PlayReader(start.stream_sid) if talker is not None else None
        self._talker = talker
        self._in_parts = False  # a message came in fragments, and its last one has not
        self._sequence = 0
        self._chunk = 0
        self._first_tick_at: float | None = None
        self._backed_up = False
        self._warned: set[int] = set()
        self._ended_at = 0.0
        self._fault: asyncio.Task[None] | None = None
        self._gone = asyncio.Event()

    @property
    def played_ms(self) -> float:
        """How much of the server's sound the caller has heard on this stream."""
        return self.playback.played_ms(self._ended_at or self._loop.time())

    async def open(
        self, url: str, headers: dict[str, str], timeout_s: float, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        """Connect. Raises nothing: if it fails, ``ended`` says how."""
        try:
            async with asyncio.timeout(timeout_s):
                await ws_connect(
                    lambda request, response: self,
                    url,
                    ssl_context=ssl_context,
                    extra_headers=headers,
                    websocket_handshake_timeout=timeout_s,
                    max_redirects=0,
                    max_frame_size=REPLY_LIMIT_BYTES,
                    read_buffer_init_size=READ_BUFFER_BYTES,
                )
        except TimeoutError:
            self._finish(StreamEnd.TIMED_OUT, f"no answer from {url} within {timeout_s} s")
        except (WSError, ssl.SSLError) as error:
            self._finish(StreamEnd.REFUSED, f"{url}: {error}")
        except OSError as error:
            self._finish(StreamEnd.UNREACHABLE, f"{url}: {error}")
        else:
            if self._transport is None:  # picows returns, without a listener, when the server hangs up in between
                self._finish(StreamEnd.REFUSED, f"{url}: closed during the handshake")

    def send_frame(self, frame: bytes, at: float, now: float) -> None:
        """Send 20 ms of the caller, and the echoes that are due."""
        self.send_payload(b2a_base64(frame, newline=False), at, now)

    def send_payload(self, payload: bytes, at: float, now: float) -> None:
        """The same, for µ-law that is in base64 already."""
        if not self.is_open:
            return
        if self._first_tick_at is None:
            self._first_tick_at = at
        self._chunk += 1
        if self._backed_up:
            # UNVERIFIED that chunk numbers go on while sound is discarded; a server should read timestamps.
            self.chunks_discarded += 1
            self._warn_once(STREAM_OVERFLOW, "the server does not read; sound is discarded")
        elif self._transport is not None:
            timestamp_ms = round((at - self._first_tick_at) * 1000) + FRAME_MS
            self._sequence += 1
            message = self._writer.media(payload, timestamp_ms, self._chunk, self._sequence)
            self._transport.send(WSMsgType.TEXT, message)
            self.chunks_sent += 1
        if self.playback.has_marks and now >= self.playback.deadline():
            self._echo(self.playback.on_time(now))

    def press(self, digit: str) -> None:
        """Send one key."""
        self._send(Dtmf(Digit(digit), self.sid, self._next()))

    def stop(self) -> None:
        """End the stream from Twilio's side: ``stop``, then a close frame."""
        if self.ended.done():
            return
        if self._transport is not None:
            self._send(Stop(StopBody(self._start.call_sid, self._start.account_sid), self.sid, self._next()))
            self._close(PeerCode.OK)
        self._finish(StreamEnd.STOPPED, "")

    async def gone(self, timeout_s: float) -> None:
        """Wait until the connection of an ended stream is closed; after ``timeout_s`` it is cut."""
        if self._transport is None:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._gone.wait()
        except TimeoutError:
            self._transport.disconnect(False)
            await self._gone.wait()

    def drop(self) -> None:
        """Break the connection, with a TCP reset."""
        if self._transport is not None:
            peer = self._transport.underlying_transport
            peer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.abort()

    def stall(self, seconds: float) -> None:
        """Read nothing from the socket for that long."""
        if self._transport is not None:
            self._transport.underlying_transport.pause_reading()
            self._loop.call_later(seconds, self._resume)

    def send_raw(self, message: str | bytes, *, final: bool = True, continuation: bool = False) -> None:
        """Send a frame as it is, text or binary. What Twilio would never do."""
        if self._transport is not None:
            kind = WSMsgType.TEXT if isinstance(message, str) else WSMsgType.BINARY
            self._transport.send(WSMsgType.CONTINUATION if continuation else kind, message, fin=final)

    # What picows calls.

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Say who we are."""
        self._transport = transport
        if self.ended.done():  # given up while the handshake ran
            self._close(PeerCode.GOING_AWAY)
            return
        self._send(Connected())
        self._send(Start(self._start, self.sid, self._next()))
        self.is_open = True
        self._on_open(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Read what the server says."""
        if self._plays is not None and frame.msg_type is _TEXT and frame.fin and self.is_open and not self._in_parts:
            message = frame.get_payload_as_bytes()
            size_bytes = self._plays.size_bytes(message)
            if size_bytes:
                self._heard(size_bytes)
            elif (name := self._plays.mark(message)) is not None:
                self._marked(name, self._loop.time())
            else:
                self._hear(message)
            return
        opcode = _OPCODES.get(frame.msg_type)
        if opcode is None:
            if frame.msg_type == WSMsgType.CLOSE:
                self._peer_closed(transport, frame)
            return
        if self.ended.done():
            return
        try:
            whole = self._assembler.add(opcode, frame.get_payload_as_bytes(), final=frame.fin)
        except FramingError as error:
            if opcode is Opcode.BINARY:
                self._warn_once(STREAM_MALFORMED, "a binary frame")
            else:
                self._close(PeerCode(error.close_code))
                self._finish(StreamEnd.BROKEN_RULES, error.reason)
            return
        self._in_parts = whole is None
        if whole is not None:
            self._hear(whole)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The connection is gone; if nobody said good-bye, it was lost."""
        hands = transport.close_handshake
        if hands is not None and hands.sent is not None:  # picows found the fault itself, and closed
            self._finish(StreamEnd.BROKEN_RULES, hands.sent.reason)
            self._collect_fault(transport)
        else:
            self._finish(StreamEnd.LOST, "the connection broke")
        self._transport = None
        self._gone.set()

    def pause_writing(self) -> None:
        """The server reads too slowly."""
        self._backed_up = True

    def resume_writing(self) -> None:
        """The server reads again."""
        self._backed_up = False

    def _hear(self, message: bytes) -> None:
        try:
            reply = read_reply(message, self.sid)
        except WireError as error:
            self._warn_once(STREAM_INVALID, str(error))
            return
        self._obey(reply, self._loop.time())

    def _heard(self, size_bytes: int) -> None:
        now = time.monotonic()  # which is the loop's clock, but not only once a turn
        if self.playback.has_marks:
            self._echo(self.playback.on_time(now))
        if not self.playback.play_unkept(size_bytes, now):
            self._warn_once(OWN_LIMIT, "the queue of sound is full")
        if self._talker is not None:
            self._talker.hears(size_bytes, now)

    def _obey(self, reply: ToTwilio, now: float) -> None:
        match reply:
            case Play() if self._talker is not None:
                self._heard(len(reply.media.payload))
            case Play():
                self._echo(self.playback.on_time(now))
                if not self.playback.play(reply.media.payload, now):
                    self._warn_once(OWN_LIMIT, "the queue of sound is full")
            case Mark():
                self._marked(reply.mark.name, now)
            case Clear():
                self._echo(self.playback.clear(now))

    def _marked(self, name: str, now: float) -> None:
        due = self.playback.mark(name, now)
        if due is None:
            self._warn_once(OWN_LIMIT, "too many marks are pending")
        else:
            self._echo(due)

    def _echo(self, names: Iterable[str]) -> None:
        for name in names:
            self.marks_echoed.append(name)
            self._sequence += 1
            if self._transport is not None:
                self._transport.send(WSMsgType.TEXT, self._writer.mark(name, self._sequence))

    def _next(self) -> str:
        self._sequence += 1
        return str(self._sequence)

    def _send(self, message: FromTwilio) -> None:
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, encode(message))

    def _warn_once(self, code: int, text: str) -> None:
        if code not in self._warned:
            self._warned.add(code)
            self._debugger.warning(code, text)

    def _resume(self) -> None:
        if self._transport is not None:
            self._transport.underlying_transport.resume_reading()

    def _collect_fault(self, transport: WSTransport) -> None:
        """Take the exception that picows kept: one that nobody asks for would be reported as forgotten."""
        self._fault = self._loop.create_task(transport.wait_disconnected())
        self._fault.add_done_callback(lambda task: task.cancelled() or task.exception())

    def _peer_closed(self, transport: WSTransport, frame: WSFrame) -> None:
        code = frame.get_close_code()
        if not transport.is_close_frame_sent:
            transport.send_close(PeerCode.OK if code == PeerCode.NO_INFO else code)
        transport.disconnect()
        reason = frame.get_close_reason()
        self._finish(StreamEnd.SERVER_CLOSED, f"the server closed with {code.value}" + (f" {reason}" if reason else ""))

    def _close(self, code: PeerCode) -> None:
        transport = self._transport
        if transport is not None:
            transport.send_close(code)
            self._loop.call_later(CLOSE_WAIT_S, transport.disconnect, False)

    def _finish(self, end: StreamEnd, text: str) -> None:
        if self.ended.done():
            return
        self.is_open = False
        self._ended_at = self._loop.time()
        self.playback.stop(self._ended_at)
        code = ENDINGS[end].code
        if code is not None:
            self._debugger.error(code, text)
        self.ended.set_result(end)
        self._on_end(self, end, text)
