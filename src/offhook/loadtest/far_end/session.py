"""One connection's protocol: bytes of client events and the time in, server events out. No socket, no clock.

It keeps an account of all that happened, for tests and reports to read. ``now`` is any clock in seconds that only
rises.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import cycle
from math import inf

import msgspec

from offhook.errors import WireError
from offhook.loadtest.far_end.cuts import Cuts
from offhook.loadtest.far_end.ears import Started, Stopped
from offhook.loadtest.far_end.faults import NO_FAULTS, Faults, HangUp, Noise
from offhook.loadtest.far_end.input_buffer import Appended, InputBuffer
from offhook.loadtest.far_end.prompter import Prompter
from offhook.loadtest.far_end.script import STOCK_REPLY, Reply, Script
from offhook.loadtest.far_end.speaking import Speaking
from offhook.realtime_server.configuration import Configuration, ResponseParams, response_params, updated
from offhook.realtime_server.conversation import Conversation, Entry, Truncation, sound_of
from offhook.realtime_server.ids import Ids
from offhook.realtime_server.refusal import EventError
from offhook.realtime_server.tokens import NO_TOKENS, Tokens, text_tokens
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
from offhook.wires.openai_realtime.items import Item, Part

Said = server.ServerEvent | Aside | Noise | HangUp

_DEFAULT_PARAMS = ResponseParams()
_FAILED = "The response failed, because the script of this server says so."
_EXPIRED = "Your session hit the maximum duration of 60 minutes."


class Session:
    """The far end of one connection. Call ``open`` once, then ``receive`` and, at ``deadline``, ``on_time``."""

    def __init__(
        self,
        script: Script,
        *,
        faults: Faults = NO_FAULTS,
        number: int = 0,
        model: str = "gpt-realtime-2",
        cuts: Cuts | None = None,
        keep_audio: bool = False,
        hears_turns: bool = True,
        expires_at: int = 0,
    ) -> None:
        self.number = number
        self.script = script
        self.config = Configuration(model=model)
        self.received: list[client.ClientEvent | client.UnknownEvent] = []
        """All events of the client but the sound, which is in ``appended``."""
        self.truncations: list[Truncation] = []
        self.responses: list[Speaking] = []
        self.errors: list[server.ErrorBody] = []
        """What was complained about to the client."""
        self.turns = 0
        """Turns of the caller that were committed."""
        self.hung_up: HangUp | None = None
        """The session ended from this side."""
        self.is_over = False
        """The connection is gone, whoever ended it."""
        self._faults = faults
        self._noise = cycle(faults.noise)
        self._ids = Ids(number)
        self._cuts = cuts or Cuts()
        self._expires_at = expires_at
        self._expires_now = inf
        self._conversation = Conversation(f"conv_{number}")
        self._input = InputBuffer(self.config, keep_audio=keep_audio, hears_turns=hears_turns)
        self._prompter = Prompter(script)
        self._transcripts: deque[tuple[float, str, str, float]] = deque()  # due at, item id, text, seconds of sound
        self._turn_item_id = ""
        self._read = NO_TOKENS
        self._out: list[Said] = []

    @property
    def items(self) -> list[Entry]:
        """The conversation, in order."""
        return self._conversation.entries

    @property
    def appended(self) -> Appended:
        """The caller's sound: chunks, bytes, milliseconds, and the sound itself if it is kept."""
        return self._input.appended

    @property
    def caller_is_loud(self) -> bool:
        """The last sound that came was speech, of a turn that is not over."""
        return self._input.is_loud

    @property
    def active(self) -> Speaking | None:
        """The response in progress, or None."""
        last = self.responses[-1] if self.responses else None
        return last if last is not None and not last.is_over else None

    def open(self, now: float) -> Sequence[Said]:
        """Say the first words: session.created."""
        if self._faults.expire_after_s is not None:
            self._expires_now = now + self._faults.expire_after_s
        self._say(server.SessionCreated(self._session()))
        self._say(ConversationCreated(ConversationBody(self._conversation.id)))
        if self._faults.close_after_replies == 0:
            self._hang_up()
        return self._taken()

    def receive(self, message: bytes, now: float) -> Sequence[Said]:
        """Take in one text message of the client. Bad ones are answered with an error; nothing raises."""
        if self.hung_up is not None:
            return ()
        try:
            event = client.parse(message)
        except WireError as error:
            self._complain(EventError("invalid_value", error.reason), _event_id(message))
            return self._taken()
        try:
            if type(event) is client.Append:
                self._append(event.audio, now)
            else:
                self.received.append(event)
                self._obey(event, now)
        except EventError as refusal:
            self._complain(refusal, event.event_id)
        return self._taken()

    def hear(self, sound: bytes, now: float) -> Sequence[Said]:
        """Take in sound of an append that somebody else has read, by the short way."""
        if self.hung_up is not None:
            return ()
        try:
            self._append(sound, now)
        except EventError as refusal:
            self._complain(refusal, None)
        return self._taken()

    def deadline(self) -> float:
        """When ``on_time`` wants to be called; inf if never."""
        if self.hung_up is not None:
            return inf
        active = self.active
        return min(inf if active is None else active.deadline(), self.aside_deadline())

    def aside_deadline(self) -> float:
        """The same for all but the reply in progress, when that is paced by somebody else."""
        if self.hung_up is not None:
            return inf
        transcribes_at = self._transcripts[0][0] if self._transcripts else inf
        return min(transcribes_at, self._expires_now)

    def on_time(self, now: float) -> Sequence[Said]:
        """Say what is due by ``now``."""
        if self.hung_up is None:
            self._say_due(now)
        return self._taken()

    def _obey(self, event: client.ClientEvent | client.UnknownEvent, now: float) -> None:
        match event:
            case client.SessionUpdate():
                self._update(event)
            case client.Commit():
                self._take_turn(self._conversation.free_id(self._ids), self._input.commit(), now)
            case client.ClearInput():
                self._input.clear()
                self._say(InputCleared())
            case client.ItemCreate():
                self._create_item(event)
            case client.ItemRetrieve():
                self._say(ItemRetrieved(self._conversation.retrieve(event.item_id).item))
            case client.ItemDelete():
                self._conversation.delete(event.item_id)
                self._say(ItemDeleted(event.item_id))
            case client.Truncate():
                cut = self._conversation.truncate(event.item_id, event.content_index, event.audio_end_ms, now)
                self.truncations.append(cut)
                self._say(server.Truncated(event.item_id, event.audio_end_ms, event.content_index))
            case client.ResponseCreate():
                self._respond_on_request(event, now)
            case client.ResponseCancel():
                self._cancel_on_request(event)
            case client.UnknownEvent():
                raise EventError("invalid_value", f"Invalid value: '{event.type}'.", "type")
            case client.Append():  # handled before
                raise AssertionError(event)

    def _update(self, event: client.SessionUpdate) -> None:
        old, new = self.config, updated(self.config, event.session, has_spoken=any(r.sent_ms for r in self.responses))
        self.config = new
        if (old.input_format, old.turn_detection) != (new.input_format, new.turn_detection):
            self._input.configure(new)
        if not self._faults.withhold_updated:
            self._say(server.SessionUpdated(self._session()))

    def _append(self, sound: bytes, now: float) -> None:
        for decision in self._input.append(sound):
            match decision:
                case Started():
                    self._caller_started(decision)
                case Stopped():
                    self._caller_stopped(decision, now)

    def _caller_started(self, started: Started) -> None:
        self._turn_item_id = self._conversation.free_id(self._ids)
        self._say(server.SpeechStarted(self._turn_item_id, started.audio_start_ms))
        vad, active = self.config.turn_detection, self.active
        if active is not None and vad is not None and vad.interrupt_response:
            self._break_off(active, "turn_detected")

    def _caller_stopped(self, stopped: Stopped, now: float) -> None:
        self._say(server.SpeechStopped(self._turn_item_id, stopped.audio_end_ms))
        self._input.turn_ended()
        self._take_turn(self._turn_item_id, stopped.audio_end_ms - stopped.audio_start_ms, now)
        vad = self.config.turn_detection
        if vad is not None and vad.create_response:
            try:
                self._refuse_second_response()
            except EventError as refusal:
                self._complain(refusal, None)
            else:
                self._respond(self._prompter.for_turn(), _DEFAULT_PARAMS, now)

    def _take_turn(self, item_id: str, duration_ms: float, now: float) -> None:
        self.turns += 1
        self._say(server.Committed(item_id, self._conversation.last_item_id))
        item = Item("message", item_id, "user", [Part("input_audio")], status="completed", object="realtime.item")
        self._enter(item, None, duration_ms)
        if self.config.audio.input.transcription is not None:
            due_at = now + self.script.transcribe_ms / 1000
            self._transcripts.append((due_at, item_id, self.script.transcript(self.turns), duration_ms / 1000))
            self._say_transcripts(now)

    def _create_item(self, event: client.ItemCreate) -> None:
        self._conversation.check(event.item)
        item, sound_ms = sound_of(event.item, self.config.input_format)
        item = msgspec.structs.replace(
            item,
            id=item.id or self._conversation.free_id(self._ids),
            status=item.status or "completed",
            object="realtime.item",
        )
        self._enter(item, event.previous_item_id, sound_ms)

    def _enter(self, item: Item, after_item_id: str | None, audio_ms: float) -> None:
        entry, previous_item_id = self._conversation.add(item, after_item_id, audio_ms)
        self._say(server.ItemAdded(entry.item, previous_item_id))
        self._say(server.ItemDone(entry.item, previous_item_id))

    def _respond_on_request(self, event: client.ResponseCreate, now: float) -> None:
        params = response_params(event.response)
        self._refuse_second_response()
        self._respond(self._prompter.for_request(params.instructions, self._conversation), params, now)

    def _refuse_second_response(self) -> None:
        if self.active is not None:
            raise EventError(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {self.active.id}. "
                "Wait until the response is finished before creating a new one.",
            )

    def _respond(self, reply: Reply, params: ResponseParams, now: float) -> None:
        script, config = self.script, self.config
        calls_tools = params.may_call_tools(config)
        if not (reply.speaks or calls_tools):
            reply = STOCK_REPLY
        form = params.output_format(config)
        context = self._conversation.tokens() + Tokens(text=text_tokens(params.instructions or config.instructions))
        cached = Tokens(min(self._read.audio, context.audio), min(self._read.text, context.text))
        self._read = context
        speaking = Speaking(
            reply,
            self._cuts.pieces(reply, form, script.delta_ms),
            self._conversation,
            self._ids,
            first_at=now + script.think_ms / 1000,
            step_s=script.delta_ms / 1000 / script.pace if script.pace else 0.0,
            in_text=params.in_text(config),
            calls_tools=calls_tools,
            metadata=params.metadata,
            context=context,
            cached=cached,
        )
        self.responses.append(speaking)
        self._say_all(speaking.begin())
        if len(self.responses) == self._faults.fail_response:
            self._fail(speaking, self._faults.fail_code)
        else:
            self._say_due(now)

    def _fail(self, speaking: Speaking, code: str) -> None:
        body = server.ErrorBody("The script of this server says so.", type=code, code=code)
        self.errors.append(body)
        self._say(server.Failure(body))
        self._say_all(speaking.fail(code, _FAILED))
        self._reply_is_over(speaking)

    def _cancel_on_request(self, event: client.ResponseCancel) -> None:
        active = self.active
        if active is None or event.response_id not in (None, active.id):
            raise EventError("response_cancel_not_active", "Cancellation failed: no active response found")
        self._break_off(active, "client_cancelled")

    def _break_off(self, speaking: Speaking, reason: str) -> None:
        self._say_all(speaking.cancel(reason))
        self._say_all(speaking.late(self._faults.late_deltas))
        self._reply_is_over(speaking)

    def _reply_is_over(self, speaking: Speaking) -> None:
        if speaking.call_ids:
            self._prompter.called(speaking.call_ids, speaking.reply)
        is_over = sum(response.is_over for response in self.responses)
        if is_over == self._faults.close_after_replies:
            self._hang_up()

    def _say_due(self, now: float) -> None:
        if now >= self._expires_now:
            body = server.ErrorBody(_EXPIRED, type="invalid_request_error", code="session_expired")
            self.errors.append(body)
            self._say(server.Failure(body))
            self._hang_up(1001, _EXPIRED)
            return
        self._say_transcripts(now)
        active = self.active
        if active is None:
            return
        is_cut = len(self.responses) == self._faults.close_in_reply
        for event in active.due(now):
            self._say(event)
            if is_cut and type(event) is server.AudioDelta and active.is_half_said:
                self._hang_up()
                return
        if active.is_over:
            self._reply_is_over(active)

    def _say_transcripts(self, now: float) -> None:
        while self._transcripts and now >= self._transcripts[0][0]:
            _, item_id, text, seconds = self._transcripts.popleft()
            entry = self._conversation.find(item_id)
            if entry is None:  # deleted meanwhile
                continue
            entry.change(content=[Part("input_audio", transcript=text)])
            first, space, rest = text.partition(" ")
            for delta in filter(None, (first + space, rest)):
                self._say(server.InputTranscriptDelta(item_id, delta))
            self._say(server.InputTranscript(item_id, text, usage={"type": "duration", "seconds": seconds}))

    def _complain(self, refusal: EventError, event_id: str | None) -> None:
        body = server.ErrorBody(
            refusal.message, type="invalid_request_error", code=refusal.code, param=refusal.param, event_id=event_id
        )
        self.errors.append(body)
        self._say(server.Failure(body))

    def _session(self) -> dict[str, object]:
        return self.config.as_session(id=f"sess_{self.number}", expires_at=self._expires_at)

    def _hang_up(self, code: int | None = None, reason: str = "") -> None:
        self.hung_up = HangUp(self._faults.close_code if code is None else code, reason)
        self._out.append(self.hung_up)

    def _say_all(self, events: Iterable[server.ServerEvent | Aside]) -> None:
        for event in events:
            self._say(event)

    def _say(self, event: server.ServerEvent | Aside) -> None:
        if self.hung_up is not None:
            return
        self._out.append(msgspec.structs.replace(event, event_id=self._ids("event")))
        if self._faults.noise:
            self._out.append(next(self._noise))

    def _taken(self) -> Sequence[Said]:
        if not self._out:
            return ()
        out, self._out = self._out, []
        return out


def _event_id(message: bytes) -> str | None:
    """The id in a message that could not be read, if that at least can."""
    try:
        return msgspec.json.decode(message, type=client.UnknownEvent).event_id
    except msgspec.DecodeError:
        return None
