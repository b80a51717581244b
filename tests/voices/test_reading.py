from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offhook.voices.reading import MAX_CLAUSE_CHARS, reading


def test_a_text_is_read_clause_by_clause() -> None:
    text = "Sure. We are open from Monday to Saturday, from eleven on, and **yes**, on Sunday too."

    clauses = list(reading(text, "en-us"))

    assert [clause.text.strip() for clause in clauses] == [
        "Sure.",
        "We are open from Monday to Saturday,",
        "from eleven on,",
        "and yes, on Sunday too.",
    ]


def test_a_clause_knows_where_its_words_came_from() -> None:
    text = "🙂 Well... Call **Anna** at 415-555-0123 - or me."

    starts = [
        (word, clause.origin(clause.text.index(word)))
        for clause in reading(text, "en-us")
        for word in ("Well", "Anna", "4 1 5", "or")
        if word in clause.text
    ]

    assert starts == [
        (word, text.index(was))
        for word, was in zip(("Well", "Anna", "4 1 5", "or"), ("Well", "Anna", "415", "or me"), strict=True)
    ]


@pytest.mark.parametrize("text", ["", " \n ", "🙂", "***", "...", "\x00\ud800", "<br/>", "_"])
def test_there_may_be_nothing_to_say(text: str) -> None:
    assert list(reading(text, "en-us")) == []


@given(st.text(max_size=300) | st.text(alphabet='ab1 .,*_[]()<>#|-"\n$:/&;+', max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_becomes_clauses_that_can_be_said(text: str) -> None:
    at = 0
    for clause in reading(text, "en-us"):
        assert clause.text.strip()
        assert len(clause.text) <= MAX_CLAUSE_CHARS + 1
        assert not set(clause.text) & set('\x00*`[]<>|\n"')
        clause.text.encode()
        assert at <= clause.origin(0) < len(text)
        at = clause.origin(0)


@pytest.mark.parametrize(
    "part",
    [
        "*",
        "_",
        "[",
        "[a](",
        "<a",
        "1",
        "1 ",
        "(",
        "http://",
        "|",
        "- ",
        "&",
        "$1",
        " ",
        "\n",
        ".",
        "A. ",
        "_a ",
        "<!--",
    ],
)
def test_no_text_takes_long(part: str) -> None:
    begun = perf_counter()

    list(reading((part * 4000)[:4000], "en-us"))

    assert perf_counter() - begun < 1
