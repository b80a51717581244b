import subprocess
import sys
from collections import Counter

import pytest

from offhook.errors import RecogniserError
from offhook.recognisers import slots, small_talk, vocabulary
from offhook.recognisers.slots import Slot
from offhook.recognisers.vocabulary import MAX_PATTERN_CHARS, MAX_PATTERNS, MAX_WORDS, Vocabulary

BOOKING = ["book a table for {guests} on {day}", "What are your opening hours?", "{guests} people"]
BLANKS = {"guests": slots.number(1, 20), "day": slots.weekday()}
DAYS = {said.split()[0] for said in BLANKS["day"].meanings}


def test_sentences_come_of_patterns_and_what_their_slots_hold() -> None:
    sentences = list(Vocabulary(BOOKING, BLANKS, small_talk=False).sentences())
    texts = {" ".join(sentence.words) for sentence in sentences}

    assert "what are your opening hours" in texts
    assert "twelve people" in texts
    for guests in BLANKS["guests"].meanings:
        assert any(text.startswith(f"book a table for {guests} on") for text in texts)
    for day in BLANKS["day"].meanings:
        assert any(text.startswith("book a") and text.endswith(f" on {day}") for text in texts)


def test_each_pattern_weighs_the_same_however_much_its_slots_hold() -> None:
    weights: Counter[bool] = Counter()
    for sentence in Vocabulary(["{day}", "hello"], BLANKS, small_talk=False).sentences():
        weights[sentence.words == ("hello",)] += sentence.weight  # type: ignore[assignment]  # a Counter adds floats too

    assert weights[True] == pytest.approx(1)
    assert weights[False] == pytest.approx(1)


def test_a_pattern_weighs_as_much_as_is_said() -> None:
    weighed = Vocabulary(["{day}", "hello", "bye"], BLANKS, small_talk=False, weights={"{day}": 5.0, "hello": 0.5})
    days = sum(sentence.weight for sentence in weighed.sentences() if len(sentence.words) and sentence.words[0] in DAYS)
    rest = {" ".join(sentence.words): sentence.weight for sentence in weighed.sentences()}

    assert days == pytest.approx(5)
    assert (rest["hello"], rest["bye"]) == (0.5, 1)


def test_other_weights_are_another_vocabulary_of_the_same_words() -> None:
    one, other = (Vocabulary(BOOKING, BLANKS, weights={BOOKING[0]: weight}) for weight in (1, 2))

    assert one == Vocabulary(BOOKING, BLANKS) != other
    assert one.words == other.words


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_weights_that_make_no_sense_are_refused(weight: float) -> None:
    with pytest.raises(RecogniserError, match="weight"):
        Vocabulary(BOOKING, BLANKS, weights={BOOKING[0]: weight})


def test_small_talk_weighs_a_tenth_of_the_examples() -> None:
    examples = Vocabulary(BOOKING, BLANKS, small_talk=False)
    both = Vocabulary(BOOKING, BLANKS)
    weight = sum(sentence.weight for sentence in both.sentences())

    assert weight == pytest.approx(len(BOOKING) * (1 + small_talk.SHARE))
    assert {*examples.words, *small_talk.WORDS, *small_talk.OTHER_WORDS} == set(both.words)
    assert "um" not in examples.words


def test_every_word_of_every_sentence_is_among_the_words_and_no_other() -> None:
    made = Vocabulary([*BOOKING, "my number is {number}"], {**BLANKS, "number": slots.digits(1, 6)})

    assert {word for sentence in made.sentences() for word in sentence.words} == set(made.words)
    assert list(made.words) == sorted(made.words)


def test_what_is_drawn_by_lot_says_so() -> None:
    made = Vocabulary(["{number}", "{day}"], {**BLANKS, "number": slots.digits(2, 4)}, small_talk=False)

    assert {sentence.is_drawn for sentence in made.sentences() if sentence.words[0] in ("four", "double")} == {True}
    assert {sentence.is_drawn for sentence in made.sentences() if sentence.words == ("friday",)} == {False}


def test_vocabularies_of_the_same_examples_are_the_same() -> None:
    one, other = Vocabulary(BOOKING, BLANKS), Vocabulary([*BOOKING, BOOKING[0]], dict(BLANKS))

    assert one == other
    assert hash(one) == hash(other)
    assert list(one.sentences()) == list(other.sentences())
    for different in (
        Vocabulary(BOOKING[:2], BLANKS),
        Vocabulary(BOOKING, BLANKS, small_talk=False),
        Vocabulary(BOOKING, {**BLANKS, "guests": slots.number(1, 19)}),
    ):
        assert different != one
    assert one != "book a table"


def test_they_are_the_same_in_another_process() -> None:
    program = (
        "from offhook.recognisers import slots; from offhook.recognisers.vocabulary import Vocabulary\n"
        "v = Vocabulary(['call {number}'], {'number': slots.digits(2, 4)}, small_talk=False)\n"
        "print(v.digest, [s.words for s in v.sentences()])"
    )
    here = Vocabulary(["call {number}"], {"number": slots.digits(2, 4)}, small_talk=False)
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert there.stdout.strip() == f"{here.digest} {[sentence.words for sentence in here.sentences()]}"


def test_examples_in_other_writing_and_with_broken_letters_do_no_harm() -> None:
    made = Vocabulary(["東京", "hello \ud800 there", "{", "", "O'Brien's café"], small_talk=False)

    assert made.words == ("cafe", "hello", "o'brien's", "there")
    assert len(list(made.sentences())) == 2


@pytest.mark.parametrize(
    ("patterns", "reason"),
    [
        ([], "not one word"),
        (["…", ""], "not one word"),
        (["for {people}"], "no slot 'people' is given; there are: day, guests"),
        ([f"hello {n}" for n in range(MAX_PATTERNS + 1)], f"more than {MAX_PATTERNS} example sentences"),
        (["a" * (MAX_PATTERN_CHARS + 1)], f"more than {MAX_PATTERN_CHARS} characters"),
    ],
)
def test_examples_that_make_no_sense_are_refused(patterns: list[str], reason: str) -> None:
    with pytest.raises(RecogniserError, match=reason):
        Vocabulary(patterns, {"day": slots.weekday(), "guests": slots.number()})


def test_too_many_words_and_too_many_sentences_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in "bdfgklmnprstvz"]
    many = {str(n): Slot("names", {f"{end}{name}": "" for name in names}) for n, end in enumerate("bdfgklm")}
    assert len(many) * len(names) > MAX_WORDS
    with pytest.raises(RecogniserError, match=f"different words; {MAX_WORDS} are allowed"):
        Vocabulary([f"{{{name}}}" for name in many], many)

    monkeypatch.setattr(vocabulary, "MAX_SENTENCES", 1000)
    Vocabulary(["{0}", "hello"], many)
    with pytest.raises(RecogniserError, match="1680 sentences come of the patterns; 1000 may"):
        Vocabulary(["{0}", "call {0}"], many)


def test_a_name_is_one_of_many_and_a_number_is_not() -> None:
    names = slots.choice(
        [f"{a}{b}" for a in ("ka", "lo", "mi", "ne") for b in "abcdefghijklmnopqrstuvwxyz"], kind="name"
    )
    made = Vocabulary(["call {name}", "for {guests}"], {"name": names, "guests": slots.number(1, 20)})

    assert made.members == dict.fromkeys(names.meanings, 104)
