"""What is shown of a call, and what is kept of one that has ended."""

from dataclasses import dataclass

import msgspec

from offhook.calls.conversation import Entry
from offhook.calls.departure import Departure
from offhook.calls.scribe import Timings, Usage
from offhook.calls.states import State


class CallSummary(msgspec.Struct, frozen=True):
    """One line of ``GET /api/calls``."""

    id: str
    state: str
    direction: str
    caller: str
    dialled: str
    agent: str
    engine: str
    created_at: str
    """ISO 8601, UTC."""
    duration_ms: int
    end_reason: str | None
    carrier_call_id: str | None
    carrier_status: str | None


class CallDetail(CallSummary, frozen=True):
    """``GET /api/calls/{id}``."""

    metadata: dict[str, str]
    transcript: list[Entry]
    """Turns of both sides with what was heard, tool calls, and notes, in the order of the conversation."""
    transcript_forgotten: int
    timings: Timings
    usage: Usage
    dropped_ms: int
    """Of the caller's sound, because the engine did not take it in time."""


@dataclass(frozen=True, slots=True)
class EndedCall:
    """All that is left of a call: what is shown, and what its carrier may still ask. The parts of a call are gone."""

    summary: CallSummary
    departure: Departure
    status_sequence: int
    packed: bytes
    """Its CallDetail, as MessagePack: a tenth of the objects' size."""

    @property
    def call_id(self) -> str:
        """Of this gateway, not the carrier's."""
        return self.summary.id

    @property
    def carrier_call_id(self) -> str | None:
        """The carrier's."""
        return self.summary.carrier_call_id

    @property
    def state(self) -> State:
        """Where it stands."""
        return State.ENDED

    @property
    def detail(self) -> CallDetail:
        """All that is shown of it."""
        detail = msgspec.msgpack.decode(self.packed, type=CallDetail)
        return msgspec.structs.replace(detail, carrier_status=self.summary.carrier_status)

    def told(self, status: str, sequence: int) -> "EndedCall":
        """After a status callback; the same if a later one was here before it (they arrive out of order)."""
        if sequence <= self.status_sequence:
            return self
        summary = msgspec.structs.replace(self.summary, carrier_status=status)
        return EndedCall(summary, self.departure, sequence, self.packed)
