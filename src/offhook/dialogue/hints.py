"""What an agent's author adds for a dialogue without a model: sentences callers say, and the greeting.

It travels beside the tools in ``session.update`` as one JSON object, an extension of ours to the OpenAI Realtime
protocol. Only a server that knows hints may be sent them; OpenAI's refuses parameters that it does not know:

    {"examples": ["what can you do"],
     "phrases": {"book_table": ["book a table for {guests} on {day}"]},
     "greeting": "Hello, how can I help?"}

Every key may be missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from offhook.errors import WireError

EXAMPLES_LIMIT: Final = 50
"""Sentences."""
TOOLS_LIMIT: Final = 128
"""Tools with phrases; as many as a session may have."""
PHRASES_LIMIT: Final = 50
"""Phrases of one tool."""
SENTENCE_LIMIT_CHARS: Final = 200
"""Of an example or a phrase."""
GREETING_LIMIT_CHARS: Final = 2_000
NAME_LIMIT_CHARS: Final = 64
"""Of a tool's name."""


@dataclass(frozen=True, slots=True)
class Hints:
    """Sentences callers say, and the greeting. Raises WireError for what goes beyond the limits."""

    examples: tuple[str, ...] = ()
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By tool. ``{guests}`` in a phrase stands for what the caller says for the parameter ``guests``."""
    greeting: str = ""

    def __post_init__(self) -> None:
        _check_sentences("examples", self.examples, EXAMPLES_LIMIT)
        if len(self.phrases) > TOOLS_LIMIT:
            raise WireError(f"hints: phrases for more than {TOOLS_LIMIT} tools")
        for name, phrases in self.phrases.items():
            if len(name) > NAME_LIMIT_CHARS:
                raise WireError(f"hints: a tool's name has more than {NAME_LIMIT_CHARS} characters", name)
            _check_sentences(f"phrases of {name}", phrases, PHRASES_LIMIT)
        if len(self.greeting) > GREETING_LIMIT_CHARS:
            raise WireError(f"hints: the greeting has more than {GREETING_LIMIT_CHARS} characters")
        frozen = MappingProxyType({name: tuple(phrases) for name, phrases in self.phrases.items()})
        object.__setattr__(self, "phrases", frozen)

    def to_json(self) -> dict[str, Any]:
        """As it stands in the session; what is empty is left out."""
        told: dict[str, Any] = {}
        if self.examples:
            told["examples"] = list(self.examples)
        if self.phrases:
            told["phrases"] = {name: list(phrases) for name, phrases in self.phrases.items()}
        if self.greeting:
            told["greeting"] = self.greeting
        return told

    @staticmethod
    def from_json(value: object) -> "Hints":
        """Read what a client sent; None is no hints. Raises WireError, naming what is wrong."""
        if value is None:
            return NO_HINTS
        if not isinstance(value, dict):
            raise WireError("hints: they should be an object")
        phrases = value.get("phrases", {})
        if not isinstance(phrases, dict):
            raise WireError("hints: phrases should be an object, one list for each tool")
        greeting = value.get("greeting", "")
        if not isinstance(greeting, str):
            raise WireError("hints: greeting should be text")
        return Hints(
            _sentences("examples", value.get("examples", [])),
            {str(name): _sentences(f"phrases of {name}", told) for name, told in phrases.items()},
            greeting,
        )


def _sentences(what: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(sentence, str) for sentence in value):
        raise WireError(f"hints: {what} should be a list of sentences")
    return tuple(value)


def _check_sentences(what: str, sentences: tuple[str, ...], limit: int) -> None:
    if len(sentences) > limit:
        raise WireError(f"hints: {what}: more than {limit} sentences")
    for sentence in sentences:
        if len(sentence) > SENTENCE_LIMIT_CHARS:
            raise WireError(f"hints: {what}: a sentence has more than {SENTENCE_LIMIT_CHARS} characters", sentence)


NO_HINTS: Final = Hints()
