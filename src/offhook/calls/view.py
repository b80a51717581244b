"""A call as the API shows it."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from offhook.calls.call import Call
from offhook.calls.conversation import AgentSaid, Entry
from offhook.calls.departure import Goodbye
from offhook.calls.record import CallDetail, CallSummary, EndedCall

__all__ = ["CallDetail", "CallSummary", "as_shown", "detail", "ended", "summary"]


def summary(call: Call | EndedCall) -> CallSummary:
    """The call in brief."""
    if isinstance(call, EndedCall):
        return call.summary
    created_at = datetime.fromtimestamp(call.facts.created_at, UTC)
    return CallSummary(
        id=call.call_id,
        state=call.state,
        direction=call.facts.direction,
        caller=call.caller,
        dialled=call.dialled,
        agent=call.agent.name,
        engine=call.engine_name,
        created_at=created_at.isoformat(timespec="milliseconds"),
        duration_ms=call.lasted_ms,
        end_reason=call.life.end_reason,
        carrier_call_id=call.line.carrier_call_id,
        carrier_status=call.line.status,
    )


def detail(call: Call | EndedCall) -> CallDetail:
    """The call in full. Of a turn that is being spoken, ``heard_ms`` is as of now."""
    if isinstance(call, EndedCall):
        return call.detail
    conversation = call.scribe.conversation
    return CallDetail(
        **msgspec.structs.asdict(summary(call)),
        metadata=dict(call.metadata),
        transcript=[_live(call, entry) for entry in conversation.entries],
        transcript_forgotten=conversation.forgotten,
        timings=call.scribe.timings,
        usage=call.scribe.usage,
        dropped_ms=round(call.bridge.dropped_ms),
    )


def ended(call: Call) -> EndedCall:
    """What is kept of a call that is over."""
    return EndedCall(
        summary(call),
        call.life.departure or Goodbye(),
        call.line.status_sequence,
        msgspec.msgpack.encode(detail(call)),
    )


def as_shown(call: CallDetail) -> dict[str, Any]:
    """What the API answers: the fields, and with each turn of the agent ``heard_text``, the words that were heard."""
    shown: dict[str, Any] = msgspec.to_builtins(call)
    for entry, fields in zip(call.transcript, shown["transcript"], strict=True):
        if isinstance(entry, AgentSaid):
            fields["heard_text"] = entry.heard_text
    return shown


def _live(call: Call, entry: Entry) -> Entry:
    if isinstance(entry, AgentSaid) and (heard := call.bridge.heard(entry.id)) is not None:
        return msgspec.structs.replace(entry, heard_ms=heard.heard_ms, sound_ms=heard.sent_ms)
    return entry
