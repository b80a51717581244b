import re

import pytest

from offhook.testing.wording import says


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Hello! How can I help you?", "how can I help"),
        ("It's booked, for 7:30.", "its booked for 7:30"),
        ("We’re closed.", "we're closed"),
        ("Straße", "STRASSE"),
        ("At seven.", "at   seven"),
    ],
)
def test_capitals_and_punctuation_do_not_count(said: str, wanted: str) -> None:
    assert says(said, wanted)


@pytest.mark.parametrize(("said", "wanted"), [("for fourteen", "four"), ("", "four"), ("four and two", "two and four")])
def test_words_are_whole_and_in_a_row(said: str, wanted: str) -> None:
    assert not says(said, wanted)


def test_a_pattern_is_searched_for_as_it_is() -> None:
    assert says("Order 42719 is on its way.", re.compile(r"\b\d{5}\b"))
    assert not says("Order 42719 is on its way.", re.compile("ORDER"))


@pytest.mark.parametrize("nothing", ["", "?!", "   "])
def test_nothing_cannot_be_wanted(nothing: str) -> None:
    with pytest.raises(ValueError, match="has no words"):
        says("Hello.", nothing)
