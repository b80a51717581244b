"""What happens on the call, as lines for people. Made of nothing but the gateway's own events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from offhook.calls import events
from offhook.calls.conversation import AgentSaid
from offhook.demo.timeline import NOT_UNDERSTOOD, arguments
from offhook.telemetry.feed import Occurrence


class Who(StrEnum):
    """Whom a line is about."""

    PHONE = "phone"
    ENGINE = "engine"
    CALLER = "caller"
    AGENT = "agent"
    TOOL = "tool"
    CUT = "cut"
    TROUBLE = "trouble"
    END = "end"


@dataclass(frozen=True, slots=True)
class Told:
    """A line. ``at_s`` is since the call began, for what was said when it began to be heard.

    ``aside`` comes behind the text, less loud.
    """

    at_s: float
    who: Who
    text: str
    aside: str = ""
    answers: bool = False
    """It is the agent's first line after the caller's turn: how long they waited for it is worth telling."""


_COMPLETING: Final = (
    events.ReplyFinished,
    events.ToolCalled,
    events.Interrupted,
    events.CallEnded,
)
"""Behind these, no more words of what the agent has begun to say will come, or none that is heard."""


class Teller:
    """Makes lines of the events of one call. What was said is told when its words are all there."""

    def __init__(self) -> None:
        self._began_at: float | None = None
        self._texts: dict[str, str] = {}
        self._answers: set[str] = set()
        self._heard_at_s: dict[str, float] = {}
        self._untold: list[str] = []

    def tell(self, occurrence: Occurrence[events.CallEvent]) -> list[Told]:
        """The lines that this event completes; often none."""
        if self._began_at is None:
            self._began_at = occurrence.at
        event, at_s = occurrence.event, occurrence.at - self._began_at
        lines: list[Told] = []
        if isinstance(event, events.AgentEnded):
            lines += self._agent_lines([event.id], at_s)
        elif isinstance(event, _COMPLETING):
            lines += self._agent_lines(list(self._untold), at_s)
        if isinstance(event, events.CallerBegan | events.AgentBegan):
            self._heard_at_s[event.id] = at_s
        if isinstance(event, events.CallerWords):
            at_s = self._heard_at_s.get(event.id, at_s)
        lines += (Told(at_s, *line) for line in self._lines(event))
        return lines

    def _agent_lines(self, item_ids: Iterable[str], at_s: float) -> Iterator[Told]:
        for item_id in item_ids:
            if item_id not in self._untold:
                continue
            self._untold.remove(item_id)
            heard_at_s = self._heard_at_s.get(item_id, at_s)
            yield Told(heard_at_s, Who.AGENT, self._texts[item_id], answers=item_id in self._answers)

    def _lines(self, event: events.CallEvent) -> Iterator[tuple[Who, str] | tuple[Who, str, str]]:
        match event:
            case events.CallCreated():
                yield Who.PHONE, f"{event.caller} calls {event.dialled}", f"agent {event.agent}"
            case events.LegCame():
                yield Who.PHONE, "the line is open", f"{event.waited_ms} ms after the ring"
            case events.EngineCame():
                yield Who.ENGINE, f"the {event.engine} session is ready", f"{event.took_ms} ms"
            case events.CallerWords():
                yield Who.CALLER, event.text or NOT_UNDERSTOOD
            case events.AgentBegan() if event.latency_ms is not None:
                self._answers.add(event.id)
            case events.AgentWords():
                if event.id not in self._texts:
                    self._untold.append(event.id)
                self._texts[event.id] = self._texts.get(event.id, "") + event.text
            case events.AgentEnded() if event.cut:
                yield (
                    Who.CUT,
                    f"INTERRUPTED: the caller heard {event.heard_ms} of {event.sound_ms} ms",
                    self._heard(event),
                )
            case events.ToolCalled():
                yield Who.TOOL, f"{event.name}({arguments(event.arguments)})"
            case events.ToolAnswered():
                yield Who.TOOL, f"{event.name} {event.status}: {event.output}", f"{event.took_ms} ms"
            case events.ReplyFailed():
                yield Who.TROUBLE, f"a reply failed: {event.reason}"
            case events.EngineWent() | events.EngineComplaint():
                yield Who.TROUBLE, f"engine: {event.reason}"
            case events.SoundDropped():
                yield Who.TROUBLE, f"{event.total_ms} ms of the caller's sound were dropped"
            case events.CallEnded():
                yield Who.END, event.reason.replace("_", " "), f"after {event.duration_ms / 1000:.1f} s"

    def _heard(self, cut: events.AgentEnded) -> str:
        text = self._texts.get(cut.id, "")
        said = AgentSaid(cut.id, text, 0, sound_ms=cut.sound_ms, heard_ms=cut.heard_ms, cut=True)
        return f"“{said.heard_text} …”"
