"""A call, written out for whoever reads why a test failed. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, Noted, ToolStatus, ToolUsed

OUTPUT_SHOWN_CHARS: Final = 200
"""Of what a tool answered."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is not in the record of the gateway: what the caller really said and did, or the carrier."""

    at_ms: int
    who: str
    text: str


def written_out(
    title: str,
    entries: Iterable[Entry],
    deeds: Iterable[Deed] = (),
    *,
    latencies_ms: Mapping[str, int] | None = None,
    timed: bool = True,
) -> str:
    """Everything in the order in which it happened, a line each.

    ``latencies_ms``: by the id of a turn of the agent, how long the caller waited for its first sound. Not ``timed``:
    ``at_ms`` only counts, and is not shown.
    """
    told = sorted([*deeds, *_told(entries, latencies_ms or {}, timed=timed)], key=lambda deed: deed.at_ms)
    lines = [f"{_clock(deed.at_ms) if timed else ''}  {deed.who:<12}{deed.text}" for deed in told]
    return "\n".join([title, *(lines or ["  (nothing was said)"])])


def as_called(name: str, arguments: Mapping[str, Any]) -> str:
    """A tool call, as Python would write it."""
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


def arguments_of(tool: ToolUsed) -> dict[str, Any]:
    """What a tool was called with; nothing if the model wrote no JSON object."""
    try:
        told = json.loads(tool.arguments or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _told(entries: Iterable[Entry], latencies_ms: Mapping[str, int], *, timed: bool) -> Iterator[Deed]:
    for entry in entries:
        match entry:
            case CallerSaid(text=text):
                yield Deed(entry.at_ms, "understood" if timed else "caller", f'"{text}"' if text else "nothing")
            case AgentSaid():
                yield Deed(entry.at_ms, "agent", _said(entry, latencies_ms.get(entry.id)))
            case ToolUsed():
                yield Deed(entry.at_ms, "tool", _used(entry, timed=timed))
            case Noted(text=text):
                yield Deed(entry.at_ms, "note", text)


def _said(said: AgentSaid, latency_ms: int | None) -> str:
    text = f'"{said.text.strip()}"'
    if said.cut:
        text += f', cut after {said.heard_ms / 1000:.1f} of {said.sound_ms / 1000:.1f} s: "{said.heard_text.strip()}"'
    return text + (f"  [{latency_ms} ms after the caller stopped]" if latency_ms is not None else "")


def _used(tool: ToolUsed, *, timed: bool) -> str:
    call = as_called(tool.name, arguments_of(tool))
    if tool.status is ToolStatus.INTENDED:
        return f"{call}, still running"
    output = tool.output or ""
    shown = output if len(output) <= OUTPUT_SHOWN_CHARS else f"{output[:OUTPUT_SHOWN_CHARS]}…"
    return f"{call} → {tool.status}{f' in {tool.took_ms} ms' if timed else ''}: {shown}"


def _clock(at_ms: int) -> str:
    return f"{at_ms / 1000:6.1f} s"
