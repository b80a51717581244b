import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.dialogue.words import WORDS_LIMIT, listed, name_words, sentence_case, words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("I'd like a table, please!", "i would like a table please"),
        ("What’s the time?", "what is the time"),
        ("I can't, I don't and I won't.", "i can not i do not and i will not"),
        ("Today's menu at Luigi's", "today menu at luigi"),
        ("at 7:30 p.m.", "at 7:30 pm"),
        ("at seven p m", "at seven pm"),
        ("7pm", "7 pm"),
        ("1,200 euros and 3.5 hours", "1200 euros and 3.5 hours"),
        ("the 3rd of May", "the 3 of may"),
        ("twenty-three", "twenty three"),
        ("o'clock", "o'clock"),
        ("for to seven one nine", "four two seven one nine"),
        ("it is four to seven won nine too", "it is four two seven one nine two"),
        ("a refund for one eight three five five for me", "a refund for one eight three five five for me"),
        ("a table for to tomorrow", "a table for two tomorrow"),
        ("a quarter to eight for me too", "a quarter to eight for me too"),
        ("Yeah, nope", "yes no"),
        ("Grüße", "grüße"),
        ("", ""),
        ("?!…", ""),
    ],
)
def test_a_sentence_becomes_plain_words(text: str, plain: str) -> None:
    assert " ".join(words(text)) == plain


def test_a_very_long_sentence_is_cut() -> None:
    assert len(words("one " * 1000)) == WORDS_LIMIT


@given(st.text())
def test_any_text_has_words_or_none(text: str) -> None:
    assert all(word == word.lower() and word.strip() and " " not in word for word in words(text))


@pytest.mark.parametrize("name", ["book_table", "bookTable", "BookTable", "book-table", "book.table"])
def test_a_name_is_read_as_words(name: str) -> None:
    assert name_words(name) == ("book", "table")


def test_abbreviations_and_numbers_in_names_stay_whole() -> None:
    assert name_words("getHTTPStatus2") == ("get", "http", "status", "2")


@pytest.mark.parametrize(
    ("text", "sentence"), [("all is well", "All is well."), ("Really?", "Really?"), ("  ", ""), ("so: ", "So:")]
)
def test_a_sentence_begins_and_ends_as_one(text: str, sentence: str) -> None:
    assert sentence_case(text) == sentence


def test_lists_are_joined_as_they_are_said() -> None:
    assert listed([]) == ""
    assert listed(["soup"]) == "soup"
    assert listed(["soup", "cake"], "or") == "soup or cake"
    assert listed(["soup", "pasta", "cake"]) == "soup, pasta and cake"
