"""What one agent can be asked for without a model: its tools as intents, and the sentences to listen for.

All of it comes from the session: the tools' names, descriptions and schemas, the author's phrases and examples, and the
instructions, of which only single words count.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from offhook.dialogue.language import ACTIONS, EVENING_WORDS
from offhook.dialogue.parameters import DATE_PART, TIME_PART, Parameters, Unfillable, read_parameters
from offhook.dialogue.phrasing import Phrasing, phrase, with_openings
from offhook.dialogue.port import Role, ToolSpec
from offhook.dialogue.slots import Slot
from offhook.dialogue.words import words

TOOLS_LIMIT: Final = 128
"""Tools of one agent; further ones are left out."""

_BLANK: Final = re.compile(r"\{([^{}]*)\}")
_EVENING: Final = re.compile(rf"(?<![a-z])(?:{'|'.join(sorted(EVENING_WORDS))})(?![a-z])")
_END_NAMES: Final = frozenset({"end_call", "hang_up", "hangup", "end_conversation"})
_TRANSFER_NAMES: Final = frozenset({"transfer_call", "transfer_to_human", "transfer_to_agent", "forward_call"})
_TRANSFER_WORDS: Final = ("connect", "Connect the caller.")
"""The built-in tool's own words are instructions for a model."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A tool, as a caller may ask for it."""

    name: str
    """The tool's."""
    phrasing: Phrasing
    parameters: Parameters
    patterns: tuple[str, ...]
    """Sentences with blanks, in plain words: the author's, then those made of the tool's words."""
    given: tuple[str, ...] = ()
    """Those of the patterns that the author wrote."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """In the order of the tool's parameters."""
        return self.parameters.slots

    def slot(self, name: str) -> Slot:
        """The slot of that name. Raises KeyError."""
        for slot in self.slots:
            if slot.name == name:
                return slot
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Domain:
    """All that one agent can be asked for."""

    intents: Mapping[str, Intent]
    """By the name of the tool. Without the tools that end or transfer the call."""
    end_call: str | None = None
    """The tool that ends the call."""
    transfer: Intent | None = None
    """The tool that hands the caller to a person."""
    examples: tuple[str, ...] = ()
    """The author's, for callers who do not know what to say."""
    greeting: str = ""
    evening: bool = False
    """It is a business of evenings: "at eight" is not in the morning."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Tools that no spoken words can fill in, and why."""


def is_evening(role: Role) -> bool:
    """It is a business of evenings, by its own words. All that a domain takes from the instructions."""
    told = " ".join((role.instructions, *(f"{tool.name} {tool.description}" for tool in role.tools)))
    return _EVENING.search(told.lower()) is not None


def read_domain(role: Role) -> Domain:
    """The domain of an agent. Tools that cannot be used by voice are left out and named."""
    intents: dict[str, Intent] = {}
    left_out: dict[str, str] = {}
    end_call: str | None = None
    transfer: Intent | None = None
    for tool in role.tools[:TOOLS_LIMIT]:
        try:
            intent = _intent(tool, role.hints.phrases.get(tool.name, ()))
        except Unfillable as reason:
            left_out[tool.name] = str(reason)
            continue
        if tool.name in _END_NAMES and not any(slot.required for slot in intent.slots):
            end_call = tool.name
        elif tool.name in _TRANSFER_NAMES:
            transfer = intent
        else:
            intents[tool.name] = intent
    return Domain(
        intents,
        end_call,
        transfer,
        role.hints.examples,
        role.hints.greeting,
        evening=is_evening(role),
        left_out=left_out,
    )


def _intent(tool: ToolSpec, phrases: tuple[str, ...]) -> Intent:
    """Raises Unfillable."""
    read = _transfer_parameters if tool.name in _TRANSFER_NAMES else _parameters
    parameters = read(tool)
    spoken = _TRANSFER_WORDS if tool.name in _TRANSFER_NAMES else (tool.name, tool.description)
    phrasing = phrase(*spoken, parameters.slots)
    names = {slot.name for slot in parameters.slots}
    given = tuple(dict.fromkeys(pattern for each in phrases for pattern in _patterns(each, names)))
    asked = [asked for pattern in given if pattern.split()[0] in ACTIONS for asked in with_openings(pattern)]
    return Intent(tool.name, phrasing, parameters, tuple(dict.fromkeys((*given, *asked, *phrasing.phrases))), given)


def _parameters(tool: ToolSpec) -> Parameters:
    return read_parameters(tool.parameters)


def _transfer_parameters(tool: ToolSpec) -> Parameters:
    """Where nothing speakable tells the destinations apart, the first is taken."""
    try:
        return read_parameters(tool.parameters)
    except Unfillable:
        fixed: dict[str, Any] = {}
        properties = tool.parameters.get("properties")
        for name, told in properties.items() if isinstance(properties, Mapping) else ():
            values = told.get("enum") if isinstance(told, Mapping) else None
            if not isinstance(values, list) or not values:
                raise
            fixed[name] = values[0]
        return Parameters((), fixed)


def _patterns(phrase: str, names: set[str]) -> Iterator[str]:
    """A phrase of the author in plain words. A blank for a date and time in one becomes two."""
    if phrase.count("{") != len(blanks := _BLANK.findall(phrase)):
        return
    for blank in blanks:
        if blank not in names:
            date, time = blank + DATE_PART, blank + TIME_PART
            if date not in names:
                return  # a blank that no words fill
            yield from _patterns(phrase.replace(f"{{{blank}}}", f"{{{date}}} at {{{time}}}"), names)
            yield from _patterns(phrase.replace(f"{{{blank}}}", f"{{{date}}}"), names)
            return
    parts = _BLANK.split(phrase)
    told = [f"{{{part}}}" if number % 2 else " ".join(words(part)) for number, part in enumerate(parts)]
    if any(told[::2]):
        yield " ".join(part for part in told if part)
