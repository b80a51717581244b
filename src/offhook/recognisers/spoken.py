"""Text as it is said: what stands in a value or an example, in the words that a recogniser can listen for.

>>> spoken("Table 7, 7:30 p.m.")
'table seven seven thirty p m'
>>> spoken("orderStatus #42 & co, $5")
'order status forty two and co five dollars'

English only. What has no sound in it is left out, so the result may be empty.
"""

import re
import unicodedata

MAX_CARDINAL = 999_999_999
"""The largest number that is said as a number; longer ones are said digit by digit."""

_LONGEST = len(str(MAX_CARDINAL))
_COUNTED = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_ONES = _COUNTED.split()
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_SYMBOLS = {"&": "and", "%": "percent", "+": "plus", "@": "at", "$": "dollars", "€": "euros", "£": "pounds"}
_LETTERS = str.maketrans({"’": "'", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
"""Those that are no plain letter with an accent on it, and that Unicode takes apart for us no further."""
_TOKEN = re.compile(r"\d+:\d\d\b|\d+(?:st|nd|rd|th)\b|\d+(?:\.\d+)?|[a-z]+(?:'[a-z]+)*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_PRICE = re.compile(r"([$€£])\s?(\d+(?:\.\d+)?)")


def spoken(text: str) -> str:
    """The words of ``text``, lower case, one blank between them: letters and apostrophes only."""
    folded = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text))
    text = "".join(c for c in folded if not unicodedata.combining(c)).lower().translate(_LETTERS)
    text = _PRICE.sub(r"\2 \1", _THOUSANDS.sub("", text))
    for symbol, name in _SYMBOLS.items():
        text = text.replace(symbol, f" {name} ")
    words: list[str] = []
    for token in _TOKEN.findall(text):
        words.extend(_said(token))
    return " ".join(words)


def cardinal(number: int) -> str:
    """A number from 0 to MAX_CARDINAL as it is counted. ValueError outside."""
    if not 0 <= number <= MAX_CARDINAL:
        raise ValueError(f"{number} is not between 0 and {MAX_CARDINAL}")
    if number < 20:
        return _ONES[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return _TENS[ten - 2] + (f" {_ONES[one]}" if one else "")
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            many, rest = divmod(number, size)
            return f"{cardinal(many)} {name}" + (f" {cardinal(rest)}" if rest else "")
    raise AssertionError


def ordinal(number: int) -> str:
    """A number from 1 to MAX_CARDINAL as a rank: first, twenty third. ValueError outside."""
    if number < 1:
        raise ValueError(f"{number} is no rank")
    before, _, last = cardinal(number).rpartition(" ")
    rank = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return f"{before} {rank}".strip()


def _said(token: str) -> list[str]:
    if not token[0].isdigit():
        return [token]
    if ":" in token:
        hour, minute = token.split(":")
        if minute == "00":
            return _number(hour)
        return _number(hour) + (["oh", *_digits(minute[1])] if minute[0] == "0" else _number(minute))
    if not token[-1].isdigit():
        rank = token[:-2]
        return ordinal(int(rank)).split() if len(rank) <= _LONGEST and int(rank) else _digits(rank)
    whole, _, fraction = token.partition(".")
    return _number(whole) + (["point", *_digits(fraction)] if fraction else [])


def _number(digits: str) -> list[str]:
    # A leading zero is said: it is a code, not an amount.
    if len(digits) > _LONGEST or (digits[0] == "0" and len(digits) > 1):
        return _digits(digits)
    return cardinal(int(digits)).split()


def _digits(digits: str) -> list[str]:
    return [_ONES[int(digit)] for digit in digits]
