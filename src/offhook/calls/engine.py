"""The speech side of a call, as the bridge sees it: a port. A new vendor is one more file in ``engines/``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from offhook.agents.policies import TurnDetection
from offhook.audio.formats import AudioFormat
from offhook.calls.conversation import Entry
from offhook.errors import EngineError


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as the model is told of it; ``parameters`` is a JSON schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    phrases: tuple[str, ...] = ()
    """Sentences with which callers ask for it, for an engine without a model; a blank in braces names a parameter."""


@dataclass(frozen=True, slots=True)
class Brief:
    """All an engine needs to know to answer a call, or to take one over."""

    call_id: str
    instructions: str
    audio: AudioFormat
    """What the leg speaks. An engine that can takes it both ways, which spares two conversions."""
    voice: str | None = None
    language: str | None = None
    tools: tuple[ToolSpec, ...] = ()
    turn_detection: TurnDetection = field(default_factory=TurnDetection)
    interrupt_itself: bool = True
    """The engine may stop its reply as soon as it hears speech; if not, it waits to be told."""
    history: tuple[Entry, ...] = ()
    """What was said before, when another engine session, or another worker, had the call."""
    running_tools: frozenset[str] = frozenset()
    """Ids of tool calls in ``history`` that are being worked on; their answers will come."""
    greeting: str = ""
    """What the agent says first. The engine is asked for it like for any reply; one without a model has to know it."""
    examples: tuple[str, ...] = ()
    """Sentences callers say, for an engine without a model."""


@dataclass(frozen=True, slots=True)
class EngineCapabilities:
    """What this engine can do. The bridge asks here and never for a vendor's name."""

    truncates: bool
    """Can be told how much of its reply was heard."""


class _Event(msgspec.Struct, frozen=True, gc=False):
    pass


class CallerStarted(_Event, frozen=True):
    """The engine hears speech."""

    item_id: str


class CallerStopped(_Event, frozen=True):
    """The speech has ended."""

    item_id: str


class CallerTurn(_Event, frozen=True):
    """What the caller said is now an item of the conversation; its words may come later."""

    item_id: str


class CallerWords(_Event, frozen=True):
    """What the caller said, in words. ``text`` is None if they could not be written down."""

    item_id: str
    text: str | None


class ReplyStarted(_Event, frozen=True):
    """The engine begins to reply."""

    response_id: str


class ReplySound(_Event, frozen=True):
    """Sound of the reply, in the session's output format; may come much faster than it plays."""

    response_id: str
    item_id: str
    audio: bytes


class ReplyWords(_Event, frozen=True):
    """More words of the reply. They run ahead of the sound."""

    response_id: str
    item_id: str
    text: str


class ReplySoundDone(_Event, frozen=True):
    """All sound of the item was given."""

    response_id: str
    item_id: str


class ToolWanted(msgspec.Struct, frozen=True):
    """The model calls a tool. ``arguments`` is JSON text, perhaps broken."""

    response_id: str
    call_id: str
    name: str
    arguments: str


class ReplyDone(msgspec.Struct, frozen=True):
    """The reply is complete, cancelled, incomplete or failed; ``usage`` as the vendor counts it."""

    response_id: str
    status: str
    reason: str | None = None
    usage: dict[str, Any] | None = None


class SessionRelieved(_Event, frozen=True):
    """The session takes sound again, after ``can_hear`` was False."""


class EngineComplained(_Event, frozen=True):
    """Something was refused or went wrong, and the session goes on."""

    reason: str
    code: str | None = None


class EngineGone(msgspec.Struct, frozen=True):
    """The session ended by itself. ``error.retryable`` says if another may do better."""

    error: EngineError


EngineEvent = (
    CallerStarted
    | CallerStopped
    | CallerTurn
    | CallerWords
    | ReplyStarted
    | ReplySound
    | ReplyWords
    | ReplySoundDone
    | ToolWanted
    | ReplyDone
    | SessionRelieved
    | EngineComplained
    | EngineGone
)


class EngineListener(Protocol):
    """Who is told what happens on an engine session."""

    def on_engine(self, event: EngineEvent) -> None:
        """One event, in order."""


class EngineSession(Protocol):
    """One open connection to an engine. Nothing here waits."""

    @property
    def capabilities(self) -> EngineCapabilities:
        """What it can do."""

    @property
    def hears(self) -> AudioFormat:
        """What ``hear`` takes."""

    @property
    def speaks(self) -> AudioFormat:
        """What ReplySound carries."""

    @property
    def can_hear(self) -> bool:
        """False while it cannot take more sound; SessionRelieved tells when it can again."""

    @property
    def waiting_ms(self) -> float:
        """How much of the caller's sound it was given and has not sent yet."""

    def listen(self, listener: EngineListener) -> None:
        """From now on tell this listener, beginning with what happened since the session opened."""

    def hear(self, frame: bytes) -> None:
        """Sound of the caller. It may be held back for a moment, to go out together with what follows."""

    def flush(self) -> None:
        """No sound follows for now: send what is held back."""

    def hold_back(self, holding: bool) -> None:
        """True: take nothing more of the engine, because the caller's side is full. False: go on."""

    def cancel(self) -> None:
        """Stop replying, if it is."""

    def truncate(self, item_id: str, heard_ms: int) -> None:
        """The caller heard only so much of that item."""

    def tell(self, text: str) -> None:
        """Put a note before the model; it does not reply to it by itself."""

    def answer(self, call_id: str, output: str) -> None:
        """What a tool answered; the model does not go on by itself."""

    def respond(self, instructions: str | None = None, *, tools: bool = True) -> None:
        """Reply now, or as soon as the reply under way is done. ``tools=False``: in words only."""

    def close(self) -> None:
        """End the session; nothing is told of it any more."""


class Engine(Protocol):
    """A way to open sessions."""

    @property
    def name(self) -> str:
        """As in OFFHOOK_ENGINE."""

    async def open(self, brief: Brief) -> EngineSession:
        """Connect, set up, restore what was said before. Raises EngineError."""
