import re

import pytest

from offhook.recognisers.letters import NAMES, SPELLED_MAX_LETTERS, pronounce
from offhook.recognisers.sphinx.library import model

_PHONES = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
PHONES = set(_PHONES.split())


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("phone", "F OW N"),
        ("knight", "N AY T"),
        ("table", "T AE B AH L"),
        ("zorbing", "Z AO R B IH NG"),
        ("cedar", "S EH D ER"),
        ("nation", "N AE SH AH N"),
        ("mazlo", "M AE Z L OW"),
    ],
)
def test_letters_sound_as_in_english(word: str, phones: str) -> None:
    assert pronounce(word)[0] == phones


def test_short_words_may_be_spelled_and_those_without_a_vowel_are() -> None:
    assert pronounce("imap") == ["IH M AE P", "AY EH M EY P IY"]
    assert pronounce("xml") == ["EH K S EH M EH L"]
    assert len(pronounce("a" * (SPELLED_MAX_LETTERS + 1))) == 1


def test_apostrophes_are_silent_and_nothing_else_has_no_sound() -> None:
    assert pronounce("o'brien") == pronounce("obrien")
    assert pronounce("'") == pronounce("") == []


def test_every_word_gets_phones_that_the_model_knows() -> None:
    for one in NAMES:
        for word in (one, *(one + other + third for other in NAMES for third in "aetsye")):
            for phones in pronounce(word):
                assert set(phones.split()) <= PHONES, word


def test_common_words_are_pronounced_nearly_as_the_dictionary_has_them() -> None:
    known = {}
    for line in (model() / "cmudict-en-us.dict").read_text("ascii").splitlines():
        word, _, phones = line.partition(" ")
        if re.fullmatch("[a-z]{5,9}", word):
            known[word] = phones.split()
    words = sorted(known)[::50]

    wrong = sum(distance(known[word], pronounce(word)[0].split()) for word in words)

    # It was 19 % of the phones when this was written.
    assert wrong / sum(len(known[word]) for word in words) < 0.25


def distance(one: list[str], other: list[str]) -> int:
    row = list(range(len(other) + 1))
    for at, phone in enumerate(one, start=1):
        last, row = row, [at]
        for place, each in enumerate(other, start=1):
            row.append(min(last[place] + 1, row[-1] + 1, last[place - 1] + (phone != each)))
    return row[-1]
