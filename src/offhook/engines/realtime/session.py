"""One open connection to a server that speaks the OpenAI Realtime protocol."""

import asyncio
import time
from typing import Any, Final

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from offhook.audio.formats import AudioFormat
from offhook.calls import engine
from offhook.calls.engine import Brief, EngineCapabilities, EngineEvent, EngineListener
from offhook.engines.realtime import connection, faults
from offhook.engines.realtime.asking import Asking
from offhook.engines.realtime.setup import session_format, told
from offhook.engines.realtime.tool_calls import ToolCalls
from offhook.errors import EngineError, WireError
from offhook.telemetry.logs import get_logger
from offhook.telemetry.measures import Measures
from offhook.wires.messages import FramingError, TextAssembler
from offhook.wires.openai_realtime import client_events as asks
from offhook.wires.openai_realtime import items
from offhook.wires.openai_realtime import server_events as says

EVENT_LIMIT_BYTES: Final = 1024 * 1024
"""The longest event that a call takes from its engine: more than a minute and a half of µ-law in one piece, where
vendors send tenths of seconds. The limit is also what bounds the socket's read buffer, which grows to the longest
message and never shrinks."""

UNSENT_LIMIT_BYTES: Final = 16 * 1024
"""Above this the session takes no more sound: about a second of µ-law in base64. The call keeps what follows."""

PLAIN_TEXT: Final = WSMsgType.TEXT
"""Looked up once: an attribute of an enum is slow, and there are fifty frames a second."""

BAD_MESSAGES_LIMIT: Final = 100
"""So many broken events in a row are skipped; then the session is given up."""

ACTIVE_ALREADY: Final = "conversation_already_has_active_response"

SETUP_EVENT_ID: Final = "offhook_setup"

log = get_logger("offhook.engines")


class RealtimeSession(WSListener):
    """An EngineSession. It becomes ready when the server has confirmed its set-up."""

    capabilities = EngineCapabilities(truncates=True)

    def __init__(
        self,
        name: str,
        brief: Brief,
        config: dict[str, Any],
        *,
        uplink_ms: int = 20,
        measures: Measures | None = None,
    ) -> None:
        """``uplink_ms``: so much of the caller's sound goes into one message."""
        self._measures = measures if measures is not None else Measures()
        self._name = name
        self._brief = brief
        self._config = config
        self._format = session_format(brief.audio)
        self._uplink_bytes = self._format.size_bytes(uplink_ms)
        self._held = bytearray()
        """The caller's sound that waits for its message to be full."""
        self._asked_at = 0.0
        """When something was asked that the server answers at once (``time.monotonic``)."""
        self._log = log.bind(call_id=brief.call_id, engine=name)
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the server has confirmed the set-up. Raises EngineError."""
        self._transport: WSTransport | None = None
        self._assembler = TextAssembler(EVENT_LIMIT_BYTES)
        self._listener: EngineListener | None = None
        self._early: list[EngineEvent] = []
        self._closed = False
        self._takes_sound = True
        self._hears_speech = False
        self._began_in_speech = False
        """The reply began while the caller was speaking already, so the server does not stop it for that."""
        self._asking = Asking(brief.instructions)
        self._tool_calls = ToolCalls()
        self._bad_messages = 0
        self._farewell: asyncio.Task[None] | None = None

    # ---- EngineSession ---------------------------------------------------------------------------------------------

    @property
    def hears(self) -> AudioFormat:
        """What ``hear`` takes."""
        return self._format

    @property
    def speaks(self) -> AudioFormat:
        """What ReplySound carries."""
        return self._format

    @property
    def can_hear(self) -> bool:
        """False while the server does not take what was sent already."""
        return self._takes_sound

    def listen(self, listener: EngineListener) -> None:
        """Tell this listener, beginning with what came since the session opened."""
        self._listener = listener
        early, self._early = self._early, []
        for event in early:
            listener.on_engine(event)

    @property
    def waiting_ms(self) -> float:
        """How much of the caller's sound is held back, or lies before the socket."""
        unsent_bytes = self._transport.underlying_transport.get_write_buffer_size() if self._transport else 0
        return self._format.duration_ms(len(self._held) + unsent_bytes * 3 // 4)  # base64: 3 bytes of sound are 4

    def hear(self, frame: bytes) -> None:
        """Sound of the caller: sent as soon as there is enough for one message. On the media path.

        No timer is behind it: callers' streams send without a pause, so what is held back goes out with the next frame,
        and where a stream ends ``flush`` is called.
        """
        held = self._held
        if not held and len(frame) >= self._uplink_bytes:
            self._append(frame)
            return
        held += frame
        if len(held) >= self._uplink_bytes:
            self.flush()

    def flush(self) -> None:
        """Send what is held back of the caller's sound."""
        if self._held:
            self._append(self._held)
            self._held.clear()

    def _append(self, sound: bytes | bytearray) -> None:
        if self._transport is not None:
            self._transport.send(PLAIN_TEXT, asks.append(sound))

    def hold_back(self, holding: bool) -> None:
        """Stop reading from the server, or read on. What it sends meanwhile fills its own buffers, and it waits."""
        if self._transport is None or self._closed:
            return
        if holding:
            self._transport.underlying_transport.pause_reading()
        else:
            self._transport.underlying_transport.resume_reading()

    def cancel(self) -> None:
        """Stop replying, unless the server has done so by itself when it heard the caller."""
        self._asking.taken_back()
        stops_itself = self._brief.interrupt_itself and self._hears_speech and not self._began_in_speech
        active = self._asking.active
        if active is not None and not stops_itself:
            self._send(asks.ResponseCancel(active or None))

    def truncate(self, item_id: str, heard_ms: int) -> None:
        """Forget what the caller has not heard of an item."""
        self._send(asks.Truncate(item_id, max(0, heard_ms), 0))

    def tell(self, text: str) -> None:
        """Put a note before the model."""
        self._send(asks.ItemCreate(items.system_text(text)))

    def answer(self, call_id: str, output: str) -> None:
        """What a tool answered."""
        self._send(asks.ItemCreate(items.function_call_output(call_id, output)))

    def respond(self, instructions: str | None = None, *, tools: bool = True) -> None:
        """Ask for a reply now; if one is being made, when that is done."""
        self._ask(self._asking.respond(instructions, tools=tools))

    def close(self) -> None:
        """Say goodbye and close. Nothing is told of this session any more."""
        self._closed = True
        self._listener = None
        self.ready.cancel()
        self._hang_up(WSCloseCode.OK)

    # ---- the socket ------------------------------------------------------------------------------------------------

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Set the session up at once; the server's own greeting says nothing that we need first."""
        self._transport = transport
        connection.narrow(transport, unsent_bytes=UNSENT_LIMIT_BYTES)
        self._asked_at = time.monotonic()
        self._send(asks.SessionUpdate(self._config, event_id=SETUP_EVENT_ID))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """One frame of the server. On the media path."""
        if self._closed:
            return  # what was read together with the frame that ended the session
        kind = frame.msg_type
        if kind is not PLAIN_TEXT:
            if kind is WSMsgType.CLOSE:
                code, reason = int(frame.get_close_code().value), frame.get_close_reason()
                self._ended(transport, faults.from_close(self._name, code, reason))
                transport.disconnect()
                return
            if kind is WSMsgType.PING or kind is WSMsgType.PONG:
                return
        try:
            message = self._assembler.add(kind.value, frame.get_payload_as_bytes(), final=frame.fin)
            event = says.parse(message) if message is not None else None
        except FramingError as error:
            self._skip(error)
        except WireError as error:
            self._skip(error)
        else:
            self._bad_messages = 0
            if event is not None:
                self._on_event(event)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The connection is gone, however it ended."""
        self._transport = None
        self._ended(transport, faults.from_close(self._name, None, ""))

    def _ended(self, transport: WSTransport, error: EngineError) -> None:
        """``error``: how it looks, if it was not us who closed."""
        sent = transport.close_handshake.sent if transport.close_handshake is not None else None
        if sent is not None and sent.code is not WSCloseCode.OK and self._farewell is None:
            self._farewell = asyncio.get_running_loop().create_task(connection.take_note(transport))
        if sent is not None and not self._closed:
            # picows itself refused a frame: too long, or malformed. Or nobody answered its ping.
            code = int(sent.code.value)
            self._log.warning("closed the connection to the engine", close_code=code, reason=sent.reason)
            error = faults.from_refusal(self._name, code, sent.reason)
        self._gone(error)

    def pause_writing(self) -> None:
        """The server does not keep up with what is sent."""
        self._takes_sound = False

    def resume_writing(self) -> None:
        """It has caught up."""
        self._takes_sound = True
        self._emit(engine.SessionRelieved())

    def _send(self, event: asks.ClientEvent) -> None:
        self.flush()  # what is said comes behind the sound that was before it
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, asks.encode(event))

    def _hang_up(self, code: WSCloseCode) -> None:
        if self._transport is not None:
            connection.hang_up(self._transport, code)

    def _skip(self, error: WireError) -> None:
        """A broken event says nothing about the next one. A server that sends only such is none."""
        self._bad_messages += 1
        self._log.warning("skipped a broken message of the engine", reason=error.reason, excerpt=error.excerpt)
        if self._bad_messages > BAD_MESSAGES_LIMIT:
            self._gone(EngineError(self._name, "it sends messages that cannot be read", retryable=False))
            self._hang_up(WSCloseCode.PROTOCOL_ERROR)

    # ---- what the server says --------------------------------------------------------------------------------------

    def _on_event(self, event: says.ServerEvent) -> None:
        match event:
            case says.AudioDelta():
                self._emit(engine.ReplySound(event.response_id, event.item_id, event.delta))
            case says.TranscriptDelta():
                self._emit(engine.ReplyWords(event.response_id, event.item_id, event.delta))
            case says.AudioDone():
                self._emit(engine.ReplySoundDone(event.response_id, event.item_id))
            case says.SessionUpdated():
                self._begin()
            case says.SpeechStarted():
                self._hears_speech = True
                self._emit(engine.CallerStarted(event.item_id))
            case says.SpeechStopped():
                self._hears_speech = False
                self._emit(engine.CallerStopped(event.item_id))
            case says.Committed():
                self._emit(engine.CallerTurn(event.item_id))
            case says.InputTranscript():
                self._emit(engine.CallerWords(event.item_id, event.transcript.strip()))
            case says.InputTranscriptFailed():
                self._emit(engine.CallerWords(event.item_id, None))
                self._emit(engine.EngineComplained(f"no transcript: {event.error.message}", event.error.code))
            case says.ResponseCreated():
                if self._asking.waits:
                    self._measures.engine_round_trip_s.add(time.monotonic() - self._asked_at)
                self._asking.began(event.response.id)
                self._began_in_speech = self._hears_speech
                self._emit(engine.ReplyStarted(event.response.id))
            case says.OutputItemDone():
                if (wanted := self._tool_calls.called(event.response_id, event.item)) is not None:
                    self._emit(wanted)
            case says.ResponseDone():
                self._response_done(event.response)
            case says.Failure():
                self._failed(event.error)

    def _begin(self) -> None:
        if self.ready.done():
            return
        self._measures.engine_round_trip_s.add(time.monotonic() - self._asked_at)
        for item in told(self._brief.history, self._brief.running_tools):
            self._send(asks.ItemCreate(item))
        self.ready.set_result(None)

    def _response_done(self, response: says.Response) -> None:
        self._asking.done(response.id)
        for wanted in self._tool_calls.done(response):
            self._emit(wanted)
        details = response.status_details
        reason = None
        if details is not None:
            reason = details.reason or (details.error.code or details.error.message if details.error else None)
        if response.status == "failed":
            self._asking.failed()
        self._emit(engine.ReplyDone(response.id, response.status, reason, response.usage))
        if details is not None and details.error is not None and faults.gravity(details.error) is faults.Gravity.FATAL:
            # The socket works, and every reply fails: another session would do the same, for ever.
            self._lost(details.error, retryable=False)
        else:
            self._ask(self._asking.due())

    def _ask(self, request: asks.ResponseCreate | None) -> None:
        if request is not None:
            self._asked_at = time.monotonic()
            self._send(request)

    def _failed(self, error: says.ErrorBody) -> None:
        weight = faults.gravity(error)
        if weight is faults.Gravity.FATAL or weight is faults.Gravity.LOSES_SESSION:
            self._lost(error, retryable=weight is faults.Gravity.LOSES_SESSION)
        elif error.event_id == SETUP_EVENT_ID:
            self._lost(error, retryable=False)
        elif self._asking.is_ours(error.event_id):
            if error.code == ACTIVE_ALREADY:
                self._ask(self._asking.crossed())
            else:
                self._asking.refused()
                self._emit(engine.ReplyDone("", "failed", error.code or error.message))
        elif error.code == ACTIVE_ALREADY:
            self._ask(self._asking.server_wanted_to())
        elif weight is faults.Gravity.COMPLAINT:
            self._log.warning("the engine complained", code=error.code, reason=error.message, param=error.param)
            self._emit(engine.EngineComplained(error.message, error.code))

    def _lost(self, error: says.ErrorBody, *, retryable: bool) -> None:
        self._gone(EngineError(self._name, error.message, retryable=retryable, code=error.code or error.type))
        self._hang_up(WSCloseCode.OK)

    def _gone(self, error: EngineError) -> None:
        if self._closed:
            return
        self._closed = True
        if not self.ready.done():
            self.ready.set_exception(error)
        else:
            self._emit(engine.EngineGone(error))

    def _emit(self, event: EngineEvent) -> None:
        if self._listener is not None:
            self._listener.on_engine(event)
        elif not self._closed or isinstance(event, engine.EngineGone):
            self._early.append(event)
