import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.voices.sentences import HARD_CHARS, LONG_CHARS, Sentences


def cut(text: str) -> list[str]:
    sentences = Sentences()
    return [sentence.strip() for sentence in sentences.add(text) + sentences.flush()]


def test_a_sentence_comes_as_soon_as_the_next_word_begins() -> None:
    sentences = Sentences()

    assert sentences.add("Your table") == []
    assert sentences.add(" is booked") == []
    assert sentences.add(".") == []  # "booked.com" could still follow
    assert sentences.add(" See") == ["Your table is booked."]
    assert sentences.add(" you!") == []
    assert sentences.flush() == [" See you!"]
    assert sentences.flush() == []


@pytest.mark.parametrize(
    "text",
    [
        "It costs 3.50 with tax",
        "We open at 7:30 today",
        "Come at 7.30 today",
        "Mr. Smith and Dr. Jones are here",
        "Mr. and Mrs. J. R. Ewing called",
        "Tea, coffee, etc. are free",
        "Fruit, e.g. apples, is here",
        "Well... let me see",
        "Hm… let me see",
        "Write to anna@example.com today",
        "Take No. 5 on the left",
        "1. Pizza",
        "The U.S. dollar is up",
        "Version 2.0.1 is out",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_cut_it(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Sure. Which day?", ["Sure.", "Which day?"]),
        ("Really?! Yes!", ["Really?!", "Yes!"]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("(See below.) Thanks.", ["(See below.)", "Thanks."]),
        ("At 7 p.m. Is that right?", ["At 7 p.m.", "Is that right?"]),
        ("That is 5. Anything else?", ["That is 5.", "Anything else?"]),
        ("No. Sorry.", ["No.", "Sorry."]),
        ("So am I. Good.", ["So am I.", "Good."]),
        ("Wait... What?", ["Wait...", "What?"]),
        ("Two lines\n\nTwo sentences", ["Two lines", "Two sentences"]),
        ("We have:\n- Pizza\n- Pasta", ["We have:", "- Pizza", "- Pasta"]),
        ("**Done.** Next?", ["**Done.**", "Next?"]),
        ("今日は。明日は？はい", ["今日は。", "明日は？", "はい"]),
        ("हाँ। नहीं", ["हाँ।", "नहीं"]),
    ],
)
def test_sentences_are_told_apart(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_a_long_sentence_is_cut_at_a_comma() -> None:
    clause = "we can offer you a table in the garden"
    text = ", ".join([clause] * 6)

    parts = cut(text)

    assert len(parts) > 1
    assert all(part.endswith(",") for part in parts[:-1])
    assert all(len(part) <= LONG_CHARS for part in parts)


def test_a_sentence_without_a_comma_is_cut_at_a_space() -> None:
    parts = cut("word " * 200)

    assert all(len(part) <= HARD_CHARS for part in parts)
    assert all(part.endswith("word") for part in parts)


def test_a_thousand_letters_without_a_space_are_cut_all_the_same() -> None:
    assert "".join(cut("a" * 1000)) == "a" * 1000
    assert max(map(len, cut("a" * 1000))) <= HARD_CHARS


def test_shorter_pieces_can_be_asked_for() -> None:
    sentences = Sentences(long_chars=20)

    assert sentences.add("If you like it here, stay for a while, or go") == [
        "If you like it here,",
        " stay for a while,",
    ]


TEXTS = st.text(alphabet=st.sampled_from("abN .,!?…\n'\")*17:;-。"), max_size=700) | st.text(max_size=200)


@given(TEXTS)
def test_nothing_is_lost_and_nothing_doubled(text: str) -> None:
    sentences = Sentences()

    parts = sentences.add(text) + sentences.flush()

    joined = "".join(parts)
    assert text.startswith(joined)
    assert not text[len(joined) :].strip()
    assert all(part.strip() for part in parts)
    assert all(len(part) <= HARD_CHARS + 1 for part in parts)


@given(TEXTS, st.lists(st.integers(1, 9), min_size=1, max_size=20))
def test_it_does_not_matter_how_the_words_came(text: str, sizes: list[int]) -> None:
    whole, pieces = Sentences(), Sentences()
    expected = whole.add(text) + whole.flush()

    got = []
    at = 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        got += pieces.add(text[at : at + size])
        at += size

    assert got + pieces.flush() == expected
