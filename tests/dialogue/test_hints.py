import json
from typing import Any

import pytest

from offhook.agents import phrases as of_agents
from offhook.dialogue import hints
from offhook.dialogue.hints import NO_HINTS, Hints
from offhook.errors import WireError

WHOLE = Hints(
    ("what can you do",),
    {"book_table": ("book a table for {guests} on {day}", "a table for {guests}")},
    "Hello, how can I help?",
)


def test_hints_travel_as_one_json_object() -> None:
    told = json.loads(json.dumps(WHOLE.to_json()))

    assert told == {
        "examples": ["what can you do"],
        "phrases": {"book_table": ["book a table for {guests} on {day}", "a table for {guests}"]},
        "greeting": "Hello, how can I help?",
    }
    assert Hints.from_json(told) == WHOLE


@pytest.mark.parametrize("nothing", [None, {}, {"later": "we may add keys"}])
def test_no_hints_are_none(nothing: object) -> None:
    assert Hints.from_json(nothing) == NO_HINTS
    assert NO_HINTS.to_json() == {}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([], "hints: they should be an object"),
        ({"examples": "hello"}, "hints: examples should be a list of sentences"),
        ({"examples": [1]}, "hints: examples should be a list of sentences"),
        ({"phrases": []}, "hints: phrases should be an object"),
        ({"phrases": {"menu": "soup"}}, "hints: phrases of menu should be a list of sentences"),
        ({"greeting": None}, "hints: greeting should be text"),
        ({"greeting": "x" * (hints.GREETING_LIMIT_CHARS + 1)}, "hints: the greeting has more than 2000 characters"),
        ({"examples": ["a"] * (hints.EXAMPLES_LIMIT + 1)}, "hints: examples: more than 50 sentences"),
        ({"examples": ["x" * (hints.SENTENCE_LIMIT_CHARS + 1)]}, "a sentence has more than 200 characters"),
        ({"phrases": {"menu": ["a"] * (hints.PHRASES_LIMIT + 1)}}, "hints: phrases of menu: more than 50 sentences"),
        ({"phrases": {"x" * 65: []}}, "a tool's name has more than 64 characters"),
        ({"phrases": {str(n): [] for n in range(hints.TOOLS_LIMIT + 1)}}, "phrases for more than 128 tools"),
    ],
)
def test_what_is_not_hints_is_refused_in_a_sentence(value: Any, sentence: str) -> None:
    with pytest.raises(WireError) as caught:
        Hints.from_json(value)

    assert sentence in str(caught.value)


def test_hints_cannot_be_changed() -> None:
    phrases: Any = WHOLE.phrases

    with pytest.raises(TypeError):
        phrases["menu"] = ()


def test_whatever_an_agent_may_hold_can_travel() -> None:
    assert of_agents.MAX_EXAMPLES <= hints.EXAMPLES_LIMIT
    assert of_agents.MAX_PHRASES <= hints.PHRASES_LIMIT
    assert of_agents.MAX_SENTENCE_CHARS <= hints.SENTENCE_LIMIT_CHARS
