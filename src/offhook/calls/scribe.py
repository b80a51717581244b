"""Writes what happens on a call into its conversation, timings and usage."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from offhook.calls import events
from offhook.calls.conversation import AgentSaid, CallerSaid, Conversation, Noted, ToolUsed

LATENCIES_KEPT: Final = 1000


class Timings(msgspec.Struct):
    """How long the caller had to wait, in milliseconds."""

    answer_ms: int | None = None
    """From the call's beginning to its media."""
    engine_ms: int | None = None
    """To a ready engine session, the first time."""
    replies_ms: list[int] = []
    """From the end of each turn of the caller, as the engine saw it, to the first sound of the reply."""


Usage = dict[str, int]
"""The engine's own count, flattened: ``{"input_token_details.audio_tokens": 120, …}``."""


class Scribe:
    """Keeps the record of one call."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.timings = Timings()
        self.usage: Usage = {}

    def write(self, event: events.CallEvent, at_ms: int) -> None:
        """Take one event down. ``at_ms`` since the call began."""
        put, find = self.conversation.put, self.conversation.find
        match event:
            case events.CallerTook():
                if find(event.id) is None:
                    put(CallerSaid(event.id, None, at_ms))
            case events.CallerWords():
                known = find(event.id)
                put(CallerSaid(event.id, event.text, known.at_ms if known else at_ms))
            case events.AgentBegan():
                self._agent(event.id, at_ms)
                if event.latency_ms is not None and len(self.timings.replies_ms) < LATENCIES_KEPT:
                    self.timings.replies_ms.append(event.latency_ms)
            case events.AgentWords():
                said = self._agent(event.id, at_ms)
                put(msgspec.structs.replace(said, text=said.text + event.text))
            case events.AgentEnded():
                said = self._agent(event.id, at_ms)
                put(
                    msgspec.structs.replace(
                        said, heard_ms=event.heard_ms, sound_ms=event.sound_ms, cut=said.cut or event.cut
                    )
                )
            case events.ToolCalled():
                put(ToolUsed(event.id, event.name, event.arguments, at_ms))
            case events.ToolAnswered():
                called = find(event.id)
                if isinstance(called, ToolUsed):
                    put(
                        msgspec.structs.replace(called, status=event.status, output=event.output, took_ms=event.took_ms)
                    )
            case events.NoteMade():
                put(Noted(event.id, event.text, at_ms))
            case events.LegCame():
                if self.timings.answer_ms is None:
                    self.timings.answer_ms = event.waited_ms
            case events.EngineCame():
                if self.timings.engine_ms is None:
                    self.timings.engine_ms = event.took_ms
            case events.ReplyFinished() if event.usage:
                _add(self.usage, event.usage)

    def _agent(self, item_id: str, at_ms: int) -> AgentSaid:
        known = self.conversation.find(item_id)
        if isinstance(known, AgentSaid):
            return known
        said = AgentSaid(item_id, "", at_ms)
        self.conversation.put(said)
        return said


USAGE_NAMES_LIMIT: Final = 64


def _add(total: Usage, counted: Mapping[str, Any], prefix: str = "") -> None:
    for name, value in counted.items():
        if isinstance(value, dict) and prefix.count(".") < 3:
            _add(total, value, f"{prefix}{name}.")
        elif isinstance(value, int | float) and (prefix + name in total or len(total) < USAGE_NAMES_LIMIT):
            total[prefix + name] = total.get(prefix + name, 0) + int(value)
