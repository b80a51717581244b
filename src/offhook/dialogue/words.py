"""A sentence as plain words: small letters, no marks, short forms written out.

Recognisers write words only; people who type, and models that transcribe, also write "I'd", "7:30 p.m." and "427". All
of it becomes one form here, so that nothing above has to know both.
"""

import re
from itertools import pairwise
from typing import Final

WORDS_LIMIT: Final = 200
"""Words after these are not read: a caller who speaks for a minute says about 150."""

TEXT_LIMIT_CHARS: Final = 4_000
"""Characters after these are not read."""

_TOKEN: Final = re.compile(r"\d+(?:[:.]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_HALF_OF_DAY: Final = re.compile(r"\b([ap])\.\s?m\b\.?|\b([ap]) m\b")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}\b)")
_ORDINAL: Final = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")

_SHORT_FORMS: Final = {
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "let's": "let us",
    "y'all": "you all",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "have to",
    "lemme": "let me",
    "gimme": "give me",
    "wanted": "want",
    "ok": "okay",
    "yeah": "yes",
    "yep": "yes",
    "yup": "yes",
    "nope": "no",
    "nah": "no",
    "bye-bye": "goodbye",
    "oclock": "o'clock",
}
_SHORT_ENDINGS: Final = {
    "n't": " not",
    "'d": " would",
    "'ll": " will",
    "'re": " are",
    "'ve": " have",
    "'m": " am",
}
_DIGITS: Final = frozenset(
    {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double", "triple"}
)
DIGITS_ALIKE: Final = {"to": "two", "too": "two", "for": "four", "won": "one", "ate": "eight"}
"""Words that sound like digits: a recogniser cannot tell them apart."""
_DIGITS_AROUND: Final = 3
"""So many digits in a row make one of a word like them between them."""

_IS_AFTER: Final = frozenset(
    {"what", "that", "it", "there", "here", "who", "where", "when", "how", "he", "she", "name"}
)
"""After these, 's is a short form of "is"; after other words it is possession and is dropped."""


def words(text: str) -> tuple[str, ...]:
    """The words of ``text``, at most WORDS_LIMIT: letters and apostrophes, or digits as in 23, 7:30 and 3.5."""
    text = text[:TEXT_LIMIT_CHARS].lower().translate(_APOSTROPHES)
    text = _ORDINAL.sub(r"\1", _THOUSANDS.sub("", text))
    text = _HALF_OF_DAY.sub(lambda found: f"{found[1] or found[2]}m", text)
    told: list[str] = []
    for token in _TOKEN.findall(text):
        told.extend(_written_out(token).split())
    return tuple(_with_digits(told[:WORDS_LIMIT]))


def _with_digits(told: list[str]) -> list[str]:
    """ "four to seven one nine" is a number, and a table "for to" is for two.

    A single word before the digits or after them stays: "for four two seven", "seven one nine for me".
    """
    start = 0
    while start < len(told):
        end = start
        while end < len(told) and (told[end] in _DIGITS or told[end] in DIGITS_ALIKE):
            end += 1
        if sum(word in _DIGITS for word in told[start:end]) >= _DIGITS_AROUND:
            first = start + (told[start] in DIGITS_ALIKE and told[start + 1] in _DIGITS)
            last = end - (end < len(told) and told[end - 1] in DIGITS_ALIKE)
            told[first:last] = [DIGITS_ALIKE.get(word, word) for word in told[first:last]]
        start = end + 1
    for at, pair in enumerate(pairwise(told)):
        if pair in (("for", "to"), ("for", "too")):
            told[at + 1] = "two"
    return told


def _written_out(word: str) -> str:
    if word in _SHORT_FORMS:
        return _SHORT_FORMS[word]
    if "'" not in word or word == "o'clock":
        return word
    for ending, full in _SHORT_ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return word.removesuffix(ending) + full
    stem, _, ending = word.rpartition("'")
    if ending == "s":
        return f"{stem} is" if stem in _IS_AFTER else stem
    return word.replace("'", "") if word.startswith("'") else word


def sentence_case(text: str) -> str:
    """``text`` with a capital at its beginning, and one full stop or other end at its end."""
    text = text.strip()
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?…:" else f"{text}."


def listed(parts: list[str], joiner: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {joiner} {parts[-1]}"


def name_words(name: str) -> tuple[str, ...]:
    """The words in an identifier: ``book_table``, ``bookTable`` and ``book-table`` are all "book table"."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(re.findall(r"[^\W\d_]+|\d+", parted.lower()))
