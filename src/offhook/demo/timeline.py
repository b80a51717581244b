"""The call along the time of its recording: what the picture of it shows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from offhook.calls.conversation import AgentSaid, CallerSaid, ToolUsed
from offhook.calls.view import CallDetail
from offhook.demo.recording import Overlap, Recording, Span, Wait, caller_turns, overlaps, waits

NOT_UNDERSTOOD = "(not understood)"


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody's turn, and its words."""

    span: Span
    text: str
    unheard: str = ""
    """Words of the agent that the caller did not hear."""


@dataclass(frozen=True, slots=True)
class ToolMark:
    """A tool was called."""

    at_ms: int
    call: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """One call. All times are milliseconds of the recording."""

    title: str
    duration_ms: int
    caller: tuple[Turn, ...]
    agent: tuple[Turn, ...]
    tools: tuple[ToolMark, ...]
    waits: tuple[Wait, ...]
    overlaps: tuple[Overlap, ...]


def timeline(call: CallDetail, recording: Recording, *, opened_ms: int) -> Timeline:
    """``opened_ms``: the recording began so long after the call did."""
    return Timeline(
        title=f"{call.caller} calls {call.dialled}, agent {call.agent}, {call.created_at[:10]}",
        duration_ms=round(recording.duration_ms),
        caller=tuple(_caller(call, caller_turns(recording), opened_ms)),
        agent=tuple(
            Turn(
                Span(said.at_ms - opened_ms, said.at_ms - opened_ms + said.heard_ms),
                said.heard_text,
                said.text[len(said.heard_text) :].strip(),
            )
            for said in call.transcript
            if isinstance(said, AgentSaid)
        ),
        tools=tuple(
            ToolMark(
                used.at_ms - opened_ms, f"{used.name}({arguments(used.arguments)})", f"{used.status}: {used.output}"
            )
            for used in call.transcript
            if isinstance(used, ToolUsed)
        ),
        waits=tuple(waits(recording)),
        overlaps=tuple(overlaps(recording)),
    )


def arguments(arguments_json: str) -> str:
    """A tool's arguments as Python writes them; as they are, if they are no JSON object."""
    try:
        given = json.loads(arguments_json or "{}")
    except ValueError:
        return arguments_json
    if not isinstance(given, dict):
        return arguments_json
    return ", ".join(f"{name}={value!r}" for name, value in given.items())


def _caller(call: CallDetail, spans: Sequence[Span], opened_ms: int) -> list[Turn]:
    """Each run of speech with the words that were understood: those of turns that ended behind its beginning."""
    words: dict[Span, list[str]] = {span: [] for span in spans}
    for said in call.transcript:
        if isinstance(said, CallerSaid):
            before = [span for span in spans if span.from_ms < said.at_ms - opened_ms]
            if before and said.text:
                words[before[-1]].append(said.text)
    return [Turn(span, " ".join(texts) or NOT_UNDERSTOOD) for span, texts in words.items()]
