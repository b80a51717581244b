"""What the agent says: at most one reply at a time, what each cost, and where the words of each stand in its sound."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from offhook.dialogue.port import Dialogue, Request
from offhook.errors import RecogniserError, VoiceError
from offhook.realtime_server.configuration import ResponseParams
from offhook.realtime_server.conversation import Conversation
from offhook.realtime_server.ids import Ids
from offhook.realtime_server.refusal import EventError
from offhook.realtime_server.response import Events, Response, Status
from offhook.realtime_server.tokens import NO_TOKENS, Tokens, text_tokens
from offhook.speech.configuration import SpeechConfiguration, voice_name
from offhook.speech.history import history
from offhook.speech.mouth import Spoken
from offhook.speech.reply import Reply
from offhook.speech.turns import Turns
from offhook.voices.port import Voice

ACCOUNTS_KEPT: Final = 16
"""Replies of which it is known where each word stands: only the latest can be cut short."""

_DEFAULT_PARAMS: Final = ResponseParams()


class Answers:
    """Those of one session. ``tell`` takes the events; ``lost`` is told of what ends the session."""

    def __init__(
        self,
        conversation: Conversation,
        ids: Ids,
        turns: Turns,
        voice: Voice,
        *,
        config: SpeechConfiguration,
        dialogue: Dialogue,
        tell: Callable[[Events], None],
        lost: Callable[[BaseException], None],
    ) -> None:
        self.config = config
        """Holds from the next reply on."""
        self.dialogue = dialogue
        """Gives the next reply."""
        self.has_sounded = False
        """Some reply was heard, so the voice is known."""
        self._conversation = conversation
        self._ids = ids
        self._turns = turns
        self._voice = voice
        self._tell = tell
        self._lost = lost
        self._reply: Reply | None = None
        self._giving: asyncio.Task[None] | None = None
        self._unanswered: list[str] = []
        """Turns that ended while a reply was on that does not know of them."""
        self._accounts: OrderedDict[str, Spoken] = OrderedDict()
        self._read = NO_TOKENS

    @property
    def active(self) -> Reply | None:
        """The reply that is being given."""
        return self._reply if self._reply is not None and not self._reply.response.is_over else None

    def heard(self, item_id: str, heard_ms: int) -> str:
        """The words of a reply that a listener has heard after so much of its sound."""
        spoken = self._accounts.get(item_id)
        return spoken.heard(heard_ms) if spoken is not None else ""

    def answer(self, item_id: str) -> None:
        """A turn of the caller is to be answered: now, or when the reply is over that is on."""
        active = self.active
        if active is None:
            self._begin(_DEFAULT_PARAMS)
        elif active.has_read:
            self._unanswered.append(item_id)

    def give(self, params: ResponseParams) -> None:
        """A client asks for a reply. EventError if it cannot be given."""
        if (active := self.active) is not None:
            raise EventError(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {active.response.id}. "
                "Wait until the response is finished before creating a new one.",
            )
        if params.tools is not None:
            raise EventError("unsupported_parameter", "Tools are those of the session.", "response.tools")
        if params.input is not None:
            raise EventError("unsupported_parameter", "Replies are to the conversation.", "response.input")
        self._begin(params)

    def stop(self, reason: str) -> None:
        """Be silent, if something is being said."""
        self._unanswered.clear()
        if (active := self.active) is not None:
            active.cancel(reason)
        if self._giving is not None:
            self._giving.cancel()

    def _begin(self, params: ResponseParams) -> None:
        config = self.config
        voice = voice_name(params.audio.output.voice or config.audio.output.voice)
        try:
            self._voice.check(voice)
        except VoiceError as error:
            raise EventError("invalid_value", error.reason, "response.audio.output.voice") from error
        context = self._conversation.tokens() + Tokens(text=text_tokens(params.instructions or config.instructions))
        cached = Tokens(min(self._read.audio, context.audio), min(self._read.text, context.text))
        self._read = context
        response = Response(
            self._conversation,
            self._ids,
            in_text=params.in_text(config),
            metadata=params.metadata,
            context=context,
            cached=cached,
        )
        reply = self._reply = Reply(
            response,
            self._voice,
            self._say,
            voice_name=voice,
            speed=config.audio.output.speed,
            form=params.output_format(config),
        )
        self._say(response.begin())
        request = Request(self._own_part(params.instructions), tools=params.may_call_tools(config))
        self._giving = asyncio.create_task(self._give(reply, self.dialogue, request))

    def _own_part(self, instructions: str | None) -> str | None:
        """What a client asks for this reply alone: it may have said the session's instructions again before."""
        if instructions is None:
            return None
        return instructions.removeprefix(self.config.instructions).strip() or None

    async def _give(self, reply: Reply, dialogue: Dialogue, request: Request) -> None:
        try:
            await self._turns.known()
            told = history(self._conversation.entries, self._unanswered)
            self._unanswered.clear()
            reply.has_read = True
            await reply.give(dialogue.reply(told, request), self._call_id)
        except VoiceError as error:
            reply.fail("voice_failed", str(error))
            if error.retryable and error.code != "overloaded":  # too much at once passes
                self._lost(error)
        except RecogniserError as error:
            reply.fail("server_error", str(error))
            self._lost(error)
        except Exception as error:
            reply.fail("server_error", "The server had an error.")
            self._lost(error)
        else:
            # Whoever is to tell what a function gave asks for the next reply, which answers all.
            if self._unanswered and reply.response.status is not Status.CANCELLED and not reply.response.call_ids:
                self._begin(_DEFAULT_PARAMS)

    def _call_id(self, given: str) -> str | None:
        """What the dialogue gave a call, unless there is a call of that id: not every model counts on."""
        items = (entry.item for entry in self._conversation.entries)
        taken = any(item.type == "function_call" and item.call_id == given for item in items)
        return None if taken else given

    def _say(self, events: Events) -> None:
        self._tell(events)
        reply = self._reply
        item_id = reply.response.item_id if reply is not None else None
        if reply is None or item_id is None or item_id in self._accounts or reply.response.in_text:
            return
        self.has_sounded = True
        self._accounts[item_id] = reply.spoken
        while len(self._accounts) > ACCOUNTS_KEPT:
            self._accounts.popitem(last=False)
