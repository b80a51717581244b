"""Where in the sound each word stands. A pure account: what to keep of a reply that the caller cut short."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple


class Word(NamedTuple):
    """The sound of a word begins."""

    char_start: int
    """Where the word stands in the text that was asked for."""
    at_ms: int
    """When it begins in the sound, from the first sample."""


def heard(text: str, words: Sequence[Word], heard_ms: int, total_ms: int | None = None) -> str:
    """Return the beginning of ``text`` that a listener has heard after ``heard_ms`` of its sound.

    A word counts when the next one has begun; the last word, when ``total_ms`` is reached (None: the sound was not
    finished). What is one word on paper is heard whole or not at all, also if it is read as many, as "415-555-0123".
    """
    if total_ms is not None and heard_ms >= total_ms:
        return text
    begun = bisect_right(words, heard_ms, key=lambda word: word.at_ms)
    if not begun:
        return ""
    end = words[begun - 1].char_start
    while end and not text[end - 1].isspace():
        end -= 1
    return text[:end].rstrip()
