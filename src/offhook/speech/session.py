"""The protocol of one session: messages of the client in, events of the server out. No socket.

While a session learns what to listen for (``session.update``), messages wait, in order.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from offhook.dialogue.port import Role
from offhook.ears.endpointing import Endpointing
from offhook.errors import OffhookError, RecogniserError, VoiceError, WireError
from offhook.realtime_server.configuration import response_params, updated
from offhook.realtime_server.conversation import Conversation
from offhook.realtime_server.ids import Ids
from offhook.realtime_server.input_account import InputAccount
from offhook.realtime_server.refusal import EventError
from offhook.recognisers.vocabulary import Vocabulary
from offhook.speech.answers import Answers
from offhook.speech.configuration import SpeechConfiguration, voice_name
from offhook.speech.faculties import Faculties
from offhook.speech.hearing import Deaf, Hearing, HearingEvent, TurnEnded, TurnStarted
from offhook.speech.lessons import Lesson
from offhook.speech.turns import Turns
from offhook.telemetry.logs import get_logger
from offhook.wires.messages import CloseCode
from offhook.wires.openai_realtime import client_events as client
from offhook.wires.openai_realtime import server_events as server
from offhook.wires.openai_realtime.asides import (
    Aside,
    ConversationBody,
    ConversationCreated,
    InputCleared,
    ItemDeleted,
    ItemRetrieved,
)
from offhook.wires.unreadable import UNREADABLE

HELD_LIMIT_BYTES: Final = 4 * 1024 * 1024
"""Messages that may wait while a session learns; learning takes half a second."""

Event = server.ServerEvent | Aside

_OUR_FAULT: Final = "The server had an error."
_log = get_logger(__name__)


class Session:
    """One client's. ``open`` it, have it ``receive`` messages, and ``close`` it when the connection is gone.

    ``say`` takes each event as it comes, ``hang_up`` a close code and a reason when the session is at its end.
    """

    def __init__(
        self,
        faculties: Faculties,
        lesson: Lesson,
        *,
        number: int,
        model: str,
        expires_at: int,
        say: Callable[[Event], None],
        hang_up: Callable[[CloseCode, str], None],
    ) -> None:
        self.number = number
        self.config = SpeechConfiguration(model=model)
        self.is_over = False
        self._faculties = faculties
        self._expires_at = expires_at
        self._send = say
        self._hang_up = hang_up
        self._ids = Ids(number)
        self._conversation = Conversation(f"conv_{number}")
        self._account = InputAccount(self.config.input_format)
        self._hearing = Hearing(
            faculties.vad,
            faculties.recogniser,
            self._heard,
            form=self.config.input_format,
            endpointing=self.config.endpointing(),
            vocabulary=self._awaited,
        )
        self._lesson = lesson
        self._role = Role()
        self._turns = Turns(self._conversation, self._ids, tell=self._say_all, lost=self._lost)
        self._answers = Answers(
            self._conversation,
            self._ids,
            self._turns,
            faculties.voice,
            config=self.config,
            dialogue=faculties.dialogue(self._role),
            tell=self._say_all,
            lost=self._lost,
        )
        self._learning: asyncio.Task[None] | None = None
        self._held: deque[bytes] = deque()
        self._held_bytes = 0

    def open(self) -> None:
        """Say the first words: session.created."""
        self._say(server.SessionCreated(self._session()))
        self._say(ConversationCreated(ConversationBody(self._conversation.id)))

    def receive(self, message: bytes) -> None:
        """Take in one text message of the client. Bad ones are answered with an error; nothing raises."""
        if self.is_over:
            return
        if self._learning is None:
            self._take(message)
            return
        self._held.append(message)
        self._held_bytes += len(message)
        if self._held_bytes > HELD_LIMIT_BYTES:
            self._end(CloseCode.TOO_BIG, f"more than {HELD_LIMIT_BYTES} bytes before the session was set up")

    def close(self) -> None:
        """The connection is gone. Stop hearing, thinking and speaking."""
        self.is_over = True
        self._held.clear()
        self._hearing.close()
        if self._learning is not None:
            self._learning.cancel()
        self._answers.stop("client_cancelled")

    def expire(self, reason: str) -> None:
        """It has lasted long enough."""
        self._fail(reason, "session_expired", CloseCode.GOING_AWAY)

    # ---- What the client says --------------------------------------------------------------------------------------

    def _take(self, message: bytes) -> None:
        try:
            event = client.parse(message)
        except WireError as error:
            self._complain(EventError("invalid_value", error.reason), _event_id(message))
            return
        try:
            self._obey(event)
        except EventError as refusal:
            self._complain(refusal, event.event_id)
        except Exception as error:  # the process is shared with all other sessions, who shall not suffer from it
            self._lost(error)

    def _obey(self, event: client.ClientEvent | client.UnknownEvent) -> None:
        match event:
            case client.Append():
                self._account.append(len(event.audio))
                self._hearing.append(event.audio)
            case client.SessionUpdate():
                self._update(event)
            case client.Commit():
                self._turns.take(self._account.commit(), self._hearing.commit())
            case client.ClearInput():
                self._account.clear()
                self._hearing.clear()
                self._say(InputCleared())
            case client.ItemCreate():
                form, listen = self.config.input_format, self._hearing.words_of
                self._turns.create(event.item, event.previous_item_id, form, listen)
            case client.ItemRetrieve():
                self._say(ItemRetrieved(self._conversation.retrieve(event.item_id).item))
            case client.ItemDelete():
                self._conversation.delete(event.item_id)
                self._say(ItemDeleted(event.item_id))
            case client.Truncate(item_id, audio_end_ms, content_index):
                now, heard = asyncio.get_running_loop().time(), self._answers.heard(item_id, audio_end_ms)
                self._conversation.truncate(item_id, content_index, audio_end_ms, now, heard)
                self._say(server.Truncated(item_id, audio_end_ms, content_index))
            case client.ResponseCreate():
                self._answers.give(response_params(event.response))
            case client.ResponseCancel():
                reply = self._answers.active
                if reply is None or event.response_id not in (None, reply.response.id):
                    raise EventError("response_cancel_not_active", "Cancellation failed: no active response found")
                self._answers.stop("client_cancelled")
            case client.UnknownEvent():
                raise EventError("invalid_value", f"Invalid value: '{event.type:.64}'.", "type")

    def _update(self, event: client.SessionUpdate) -> None:
        config = updated(self.config, event.session, has_spoken=self._answers.has_sounded)
        role, endpointing = config.role(), config.endpointing()
        try:
            self._faculties.voice.check(voice_name(config.audio.output.voice))
        except VoiceError as error:
            raise EventError("invalid_value", error.reason, "session.audio.output.voice") from error
        if role == self._role:
            self._configure(config, endpointing)
        else:
            self._learning = asyncio.create_task(self._learn(role, config, endpointing, event.event_id))

    async def _learn(
        self, role: Role, config: SpeechConfiguration, endpointing: Endpointing | None, event_id: str | None
    ) -> None:
        try:
            lesson = await self._faculties.lessons.lesson(role)
            self._answers.dialogue = self._faculties.dialogue(role, lesson.domain)
        except RecogniserError as error:
            if error.code is not None:
                self._lost(error)
                return
            self._complain(EventError("invalid_value", error.reason, "session.tools"), event_id)
        except Exception:
            _log.exception("an agent could not be learnt", session=self.number)
            self._complain(EventError("invalid_value", "The tools cannot be understood.", "session.tools"), event_id)
        else:
            self._role = role
            self._lesson = lesson
            self._configure(config, endpointing)
        self._learning = None
        while self._held and self._learning is None:
            message = self._held.popleft()
            self._held_bytes -= len(message)
            self._take(message)

    def _configure(self, config: SpeechConfiguration, endpointing: Endpointing | None) -> None:
        if config.input_format != self.config.input_format or (endpointing is None) != (
            self.config.endpointing() is None
        ):
            self._account.clear()  # what it hears anew, or by other ears, it forgets
        self.config = self._answers.config = config
        self._turns.is_transcribed = config.audio.input.transcription is not None
        self._account.configure(config.input_format)
        self._hearing.form = config.input_format
        self._hearing.endpointing = endpointing
        self._say(server.SessionUpdated(self._session()))

    # ---- What the caller says --------------------------------------------------------------------------------------

    def _awaited(self) -> Vocabulary:
        return self._lesson.vocabulary(self._answers.dialogue.awaits())

    def _heard(self, event: HearingEvent) -> None:
        try:
            self._obey_ear(event)
        except Exception as error:  # the ears are shared, too
            self._lost(error)

    def _obey_ear(self, event: HearingEvent) -> None:
        vad = self.config.turn_detection
        match event:
            case TurnStarted(start_ms):
                self._say(server.SpeechStarted(self._turns.begin(), start_ms))
                if self._answers.active is not None and vad is not None and vad.interrupt_response:
                    self._answers.stop("turn_detected")
            case TurnEnded(start_ms, end_ms, words):
                self._account.turn_ended()
                item_id = self._turns.end(start_ms, end_ms, words)
                if vad is not None and vad.create_response:
                    self._answers.answer(item_id)
            case Deaf(error):
                self._lost(error)

    # ---- What goes wrong -------------------------------------------------------------------------------------------

    def _complain(self, refusal: EventError, event_id: str | None) -> None:
        body = server.ErrorBody(
            refusal.message, type="invalid_request_error", code=refusal.code, param=refusal.param, event_id=event_id
        )
        self._say(server.Failure(body))

    def _lost(self, error: BaseException) -> None:
        """Ears, recogniser, dialogue or voice failed. Too much at once passes; what else there is ends the session."""
        if self.is_over:
            return
        if isinstance(error, RecogniserError) and error.code == "overloaded":
            self._say(server.Failure(server.ErrorBody(str(error), type="server_error", code="overloaded")))
            return
        if isinstance(error, OffhookError):
            _log.error("a session ends: a part of it failed", session=self.number, reason=str(error))
            self._fail(str(error), "server_error")
        else:
            _log.error("a session ends: a fault of ours", session=self.number, exc_info=error)
            self._fail(_OUR_FAULT, "server_error")

    def _fail(self, message: str, code: str, close_code: CloseCode = CloseCode.INTERNAL_ERROR) -> None:
        self._say(server.Failure(server.ErrorBody(message, type="server_error", code=code)))
        self._end(close_code, message)

    def _end(self, code: CloseCode, reason: str) -> None:
        if not self.is_over:
            self.close()
            self._hang_up(code, reason)

    # ---- The way out -----------------------------------------------------------------------------------------------

    def _session(self) -> dict[str, object]:
        return self.config.as_session(id=f"sess_{self.number}", expires_at=self._expires_at)

    def _say_all(self, events: Iterable[Event]) -> None:
        for event in events:
            self._say(event)

    def _say(self, event: Event) -> None:
        if not self.is_over:
            self._send(msgspec.structs.replace(event, event_id=self._ids("event")))


def _event_id(message: bytes) -> str | None:
    """The id in a message that could not be read, if that at least can."""
    try:
        return msgspec.json.decode(message, type=client.UnknownEvent).event_id
    except UNREADABLE:
        return None
