"""Numbers as people say them: "twenty three", "a dozen", "three point five", and digits one by one."""

from collections.abc import Sequence
from typing import Final

from offhook.recognisers.spoken import cardinal, ordinal

_TENS: Final = {cardinal(value): value for value in range(20, 100, 10)}
_ONES: Final = {cardinal(value): value for value in range(20)}
_SCALES: Final = {"thousand": 1_000, "million": 1_000_000}
_DIGITS: Final = {**{cardinal(value): str(value) for value in range(10)}, "oh": "0", "o": "0", "nought": "0"}
_TIMES: Final = {"double": 2, "triple": 3, "treble": 3}
_ORDINALS: Final = {ordinal(value): value for value in range(1, 32)}

NUMBER_LIMIT: Final = 10**12
"""Larger numbers are not read as numbers."""

DIGITS_LIMIT: Final = 32
"""Longer runs of digits are cut; the longest number on a card has 19."""


def read_number(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """The whole number that begins at ``at``, and where it ends; None if none does.

    "seven thirty" is 7 and then 30: what is not one number is not made one.
    """
    if at >= len(words):
        return None
    first, following = words[at], words[at + 1] if at + 1 < len(words) else ""
    if first.isascii() and first.isdigit():
        return (value, at + 1) if len(first) <= 12 and (value := int(first)) < NUMBER_LIMIT else None
    if first == "half" and words[at + 1 : at + 3] in (["a", "dozen"], ("a", "dozen")):
        return 6, at + 3
    if first == "a" and following in ("dozen", "couple"):
        end = at + 3 if words[at + 2 : at + 3] in (["of"], ("of",)) else at + 2
        return (12 if following == "dozen" else 2), end
    if first == "a" and following not in ("hundred", "thousand", "million"):
        return None
    return _read_cardinal(words, at)


def _read_cardinal(words: Sequence[str], at: int) -> tuple[int, int] | None:
    total, index = 0, at
    scale_limit = NUMBER_LIMIT
    while (group := _read_hundreds(words, _past_and(words, index, at))) is not None:
        value, index = group
        scale = _SCALES.get(words[index], 1) if index < len(words) else 1
        if scale >= scale_limit:
            break
        total += value * scale
        if scale == 1:
            break
        index, scale_limit = index + 1, scale
    return (total, index) if index > at else None


def _past_and(words: Sequence[str], index: int, start: int) -> int:
    return index + 1 if start < index < len(words) and words[index] == "and" else index


def _read_hundreds(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A number below a thousand, or ``a`` before a scale."""
    if at >= len(words):
        return None
    if words[at] == "a":
        value, index = 1, at + 1
        if index >= len(words) or words[index] not in ("hundred", *_SCALES):
            return None
    elif (small := _read_small(words, at)) is None:
        return None
    else:
        value, index = small
    if index < len(words) and words[index] == "hundred" and 0 < value < 100:
        value, index = value * 100, index + 1
        rest = _read_small(words, _past_and(words, index, at))
        if rest is not None:
            return value + rest[0], rest[1]
    return value, index


def _read_small(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A number below a hundred."""
    if at >= len(words):
        return None
    word = words[at]
    if word in _TENS:
        unit = _ONES.get(words[at + 1], 0) if at + 1 < len(words) else 0
        return (_TENS[word] + unit, at + 2) if 0 < unit < 10 else (_TENS[word], at + 1)
    return (_ONES[word], at + 1) if word in _ONES else None


def read_decimal(words: Sequence[str], at: int) -> tuple[float, int] | None:
    """A number with or without a fraction: "three point five", "minus two", "3.5", "two and a half"."""
    if at < len(words) and words[at] in ("minus", "negative"):
        found = read_decimal(words, at + 1)
        return (-found[0], found[1]) if found and found[0] >= 0 else None
    if at < len(words) and words[at].count(".") == 1 and words[at].replace(".", "").isdigit() and len(words[at]) < 16:
        return float(words[at]), at + 1
    whole = read_number(words, at)
    if whole is None:
        return None
    value, end = whole
    if tuple(words[end : end + 3]) == ("and", "a", "half"):
        return value + 0.5, end + 3
    if end < len(words) and words[end] == "point":
        fraction, after = read_digits(words, end + 1)
        if fraction:
            return float(f"{value}.{fraction}"), after
    return float(value), end


def read_digits(words: Sequence[str], at: int) -> tuple[str, int]:
    """The run of digits that begins at ``at``, and where it ends; ``""`` if none does.

    Digits may be said one by one, doubled, or in pairs: "four two", "double four", "forty two".
    """
    digits, index = "", at
    while index < len(words) and len(digits) < DIGITS_LIMIT:
        word = words[index]
        if word.isascii() and word.isdigit():
            digits, index = digits + word, index + 1
        elif word in _DIGITS and index + 1 < len(words) and words[index + 1] == "hundred":
            digits, index = digits + _DIGITS[word] + "00", index + 2
        elif word in _DIGITS:
            digits, index = digits + _DIGITS[word], index + 1
        elif word in _TIMES and index + 1 < len(words) and words[index + 1] in _DIGITS:
            digits, index = digits + _DIGITS[words[index + 1]] * _TIMES[word], index + 2
        elif (small := _read_small(words, index)) is not None:
            digits, index = digits + str(small[0]), small[1]
        else:
            break
    return digits[:DIGITS_LIMIT], index


def read_ordinal(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A place from first to thirty-first, and where it ends."""
    if at >= len(words):
        return None
    pair = " ".join(words[at : at + 2])
    if pair in _ORDINALS:
        return _ORDINALS[pair], at + pair.count(" ") + 1
    return (_ORDINALS[words[at]], at + 1) if words[at] in _ORDINALS else None
