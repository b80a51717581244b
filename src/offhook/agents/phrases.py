"""The sentences an author gives as examples of what callers say, and the blanks in them."""

import re
from collections.abc import Collection, Iterable
from typing import Annotated, Any

from pydantic import AfterValidator

from offhook.agents.faults import shown
from offhook.errors import AgentError

MAX_EXAMPLES = 50
"""Of one agent."""

MAX_PHRASES = 50
"""Of one tool."""

MAX_SENTENCE_CHARS = 200

_BLANK = re.compile(r"\{([^{}]*)\}")
_WORD = re.compile(r"[^\W_]")


def _sentence(text: str) -> str:
    if len(text) > MAX_SENTENCE_CHARS:
        raise ValueError(f"{shown(text)} is too long; a sentence has at most {MAX_SENTENCE_CHARS} characters")
    if not _WORD.search(text):
        raise ValueError(f"{shown(text)} has no words")
    if "{" in text or "}" in text:
        raise ValueError(f"{shown(text)} has a blank, and only a tool's phrases may have those")
    return text


Example = Annotated[str, AfterValidator(_sentence)]
"""A whole sentence, without blanks."""


def read_phrases(tool: str, phrases: Any, parameters: Collection[str]) -> tuple[str, ...]:
    """``phrases`` as a tuple, each with its spaces tidied, each once.

    A blank in braces names one of ``parameters``. Raises AgentError, naming the tool and what is wrong.
    """
    where = f"tool {tool}: phrases"
    if isinstance(phrases, str) or not isinstance(phrases, Iterable):
        raise AgentError(f"{where} should be a list of sentences, not {shown(phrases)}")
    told = tuple(dict.fromkeys(_read(f"tool {tool}", phrase, parameters) for phrase in phrases))
    if len(told) > MAX_PHRASES:
        raise AgentError(f"{where}: there are {len(told)}, and at most {MAX_PHRASES} are allowed")
    return told


def _read(tool: str, phrase: Any, parameters: Collection[str]) -> str:
    if not isinstance(phrase, str):
        raise AgentError(f"{tool}: a phrase should be text, not {shown(phrase)}")
    where = f"{tool}: phrase {shown(phrase)}"
    if len(phrase) > MAX_SENTENCE_CHARS:
        raise AgentError(f"{where} is too long; a sentence has at most {MAX_SENTENCE_CHARS} characters")
    blanks = _BLANK.findall(phrase)
    rest = _BLANK.sub(" ", phrase)
    if "{" in rest or "}" in rest:
        raise AgentError(f"{where} has a brace without its partner")
    if not _WORD.search(rest):
        raise AgentError(f"{where} needs at least one word beside its blanks")
    for blank in blanks:
        if blank not in parameters:
            known = ", ".join(parameters) or "none"
            raise AgentError(f"{where}: {{{blank}}} is no parameter of the tool; its parameters: {known}")
        if blanks.count(blank) > 1:
            raise AgentError(f"{where} has {{{blank}}} more than once")
    return " ".join(phrase.split())
