"""Everything that happens on a call, as values. Reading this file is reading the life of a call.

``GET /api/events`` sends them as they are, each with the ``call_id`` and a time stamp; ``kind`` names the event.
"""

from typing import Any

import msgspec

from offhook.calls.conversation import ToolStatus
from offhook.calls.leg import LeftReason
from offhook.calls.states import State


class _Event(msgspec.Struct, frozen=True, tag_field="kind"):
    pass


class CallCreated(_Event, frozen=True, tag="call.created"):
    """A call exists here."""

    direction: str
    """``inbound`` or ``outbound``."""
    caller: str
    dialled: str
    agent: str
    engine: str


class StateChanged(_Event, frozen=True, tag="call.state"):
    """The call moved in its table of states."""

    state: State


class LegCame(_Event, frozen=True, tag="leg.came"):
    """The caller is on the line, or on it again."""

    waited_ms: int
    """Since the call was created, or the line was lost."""


class LegLeft(_Event, frozen=True, tag="leg.left"):
    """The caller's connection is gone."""

    reason: LeftReason


class EngineCame(_Event, frozen=True, tag="engine.came"):
    """An engine session is ready."""

    engine: str
    took_ms: int


class EngineWent(_Event, frozen=True, tag="engine.went"):
    """An engine session was lost, or could not be had."""

    reason: str
    code: str | None
    retryable: bool


class EngineComplaint(_Event, frozen=True, tag="engine.complained"):
    """The engine refused something, and goes on."""

    reason: str
    code: str | None


class CallerBegan(_Event, frozen=True, tag="caller.began"):
    """The caller speaks."""

    id: str


class CallerPaused(_Event, frozen=True, tag="caller.paused"):
    """The caller has stopped."""

    id: str


class CallerTook(_Event, frozen=True, tag="caller.turn"):
    """What the caller said has its place in the conversation; words may follow."""

    id: str


class CallerWords(_Event, frozen=True, tag="caller.said"):
    """What the caller said; None if it could not be written down."""

    id: str
    text: str | None


class AgentBegan(_Event, frozen=True, tag="agent.began"):
    """The first sound of a turn of the agent went out."""

    id: str
    latency_ms: int | None
    """Since the caller stopped; None if the agent began by itself."""


class AgentWords(_Event, frozen=True, tag="agent.words"):
    """More words of the agent's turn; they run ahead of the sound."""

    id: str
    text: str


class AgentEnded(_Event, frozen=True, tag="agent.ended"):
    """A turn of the agent is over, and this is what the caller heard of it."""

    id: str
    heard_ms: int
    sound_ms: int
    cut: bool


class Interrupted(_Event, frozen=True, tag="agent.interrupted"):
    """The caller took the turn from the agent: what was queued was dropped."""

    id: str
    """Of the caller's turn."""


class ReplyFailed(_Event, frozen=True, tag="agent.failed"):
    """A reply came to nothing."""

    reason: str | None


class ReplyFinished(_Event, frozen=True, tag="agent.finished"):
    """The engine has nothing to add to its reply; the caller may still be hearing it."""

    status: str
    usage: dict[str, Any] | None


class ToolCalled(_Event, frozen=True, tag="tool.called"):
    """The model wants a tool."""

    id: str
    name: str
    arguments: str


class ToolAnswered(_Event, frozen=True, tag="tool.answered"):
    """This is what the model was told."""

    id: str
    name: str
    status: ToolStatus
    output: str
    took_ms: int


class DigitPressed(_Event, frozen=True, tag="caller.pressed"):
    """A key on the caller's phone."""

    digit: str


class NoteMade(_Event, frozen=True, tag="note"):
    """The model was told something in passing."""

    id: str
    text: str


class SoundDropped(_Event, frozen=True, tag="caller.dropped"):
    """The engine did not take the caller's sound in time."""

    total_ms: int


class CarrierSaid(_Event, frozen=True, tag="carrier.status"):
    """A status callback: the carrier's own word for where the call stands."""

    status: str
    sequence: int


class CallEnded(_Event, frozen=True, tag="call.ended"):
    """It is over."""

    reason: str
    duration_ms: int


CallEvent = (
    CallCreated
    | StateChanged
    | LegCame
    | LegLeft
    | EngineCame
    | EngineWent
    | EngineComplaint
    | CallerBegan
    | CallerPaused
    | CallerTook
    | CallerWords
    | AgentBegan
    | AgentWords
    | AgentEnded
    | Interrupted
    | ReplyFailed
    | ReplyFinished
    | ToolCalled
    | ToolAnswered
    | DigitPressed
    | NoteMade
    | SoundDropped
    | CarrierSaid
    | CallEnded
)
