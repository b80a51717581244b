"""A stream of words, as a language model gives them, cut into sentences as soon as each can be spoken.

Pure. What comes out, joined, is what went in, and where it is cut does not depend on how it was cut before: only a
rest of nothing but white space is dropped at the end.

A sentence ends at ``. ! ? …`` and their kin, with the quotes and brackets that close behind them, when white space
follows; at an empty line; and at a line's end before a list's next item. A full stop does not end one

* inside a number, a time, an address (``3.5``, ``7.30``, ``example.com``): no white space follows;
* after a title, or one letter alone (``Mr. Smith``, ``J. Doe``);
* after a word that may be short for something, or an ellipsis, unless a capital follows (``7 p.m. Is that right?``);
* after ``No.`` before a digit, and after the number of a list's item (``1. Pizza``).

Where the next word must be seen first, the sentence waits for its first letter, and no longer.
"""

import re
from typing import Final

LONG_CHARS: Final = 140
"""A sentence longer than this is cut at its next comma, semicolon, colon or dash: some 9 s of speech."""

HARD_CHARS: Final = 300
"""One that is longer than this is cut at its last white space, or right there if it has none."""

LEAST_CHARS: Final = 12
"""A clause shorter than this is not cut off at a comma."""

_BLOCK_CHARS = 1000  # of one add, at a time: what is held stays short, however much is given at once
_MOST_SPACE = 80  # between two sentences; more is an end whatever follows
_ITEMS = "\n-*+•#>|"
_ENDERS = ".!?…。！？؟।"
_WITHOUT_SPACE = "。！？।"  # scripts that put no space behind a sentence
_CLOSERS = "\"'”’»)]}*_`」』）"
_PAUSES = ",;:—–，；：、،"
# fmt: off
_TITLES = frozenset((
    "mr", "mrs", "ms", "mx", "dr", "prof", "rev", "hon", "sr", "jr", "st", "mt", "ft", "capt", "col", "gen", "lt",
    "sgt", "gov", "sen", "rep", "pres", "messrs", "fr", "vs", "fig", "approx",
))
_MAYBE_SHORT = frozenset((
    "a.m", "p.m", "am", "pm", "e.g", "i.e", "etc", "inc", "ltd", "co", "corp", "dept", "est", "ave", "blvd", "rd",
    "tel", "ext", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon",
    "tue", "tues", "wed", "thu", "thur", "fri", "sat", "sun", "u.s", "u.k", "ph.d", "al",
))
# fmt: on
_LAST_WORD = re.compile(r"[\w.'’]*\Z")


class Sentences:
    """Takes text in, gives sentences out. ``long_chars`` and ``hard_chars`` may be smaller, for shorter pieces."""

    def __init__(self, *, long_chars: int = LONG_CHARS, hard_chars: int = HARD_CHARS) -> None:
        self._long_chars = long_chars
        self._hard_chars = hard_chars
        self._text = ""
        self._seen = 0
        """The first character that was not yet looked at."""

    def add(self, text: str) -> list[str]:
        """Take in the next words, and return the sentences that are whole now, in order, white space and all."""
        sentences = []
        for at in range(0, len(text), _BLOCK_CHARS):
            self._text += text[at : at + _BLOCK_CHARS]
            sentences += self._cut(last=False)
        return sentences

    def flush(self) -> list[str]:
        """Return what is left, and be as new."""
        sentences = self._cut(last=True)
        if self._text.strip():
            sentences.append(self._text)
        self._text = ""
        self._seen = 0
        return sentences

    def _cut(self, *, last: bool) -> list[str]:
        sentences = []
        while self._seen < len(self._text):
            end = self._end_at(self._seen, last)
            if end is None:  # more has to be seen first
                break
            if end == 0:
                self._seen += 1
                continue
            sentences.append(self._text[:end])
            self._text = self._text[end:]
            self._seen = 0
        return sentences

    def _end_at(self, at: int, last: bool) -> int | None:
        """Where the sentence is cut because of the character ``at``: 0 is nowhere, None is not known yet."""
        text = self._text
        here = text[at]
        if here in _ENDERS:
            end = self._sentence_end(at, last) if not at or text[at - 1] not in _ENDERS else 0
            if end != 0:
                return end
        elif here == "\n" or (here in _PAUSES and at >= self._long_chars):
            if at + 1 == len(text):
                return 0 if last else None
            if here == "\n" and text[at + 1] in _ITEMS and text[:at].strip():
                return at
            if here != "\n" and text[at + 1].isspace():
                return at + 1
        if at == self._long_chars:
            return self._last_pause(at)
        if at >= self._hard_chars:
            return self._last_space(at)
        return 0

    def _sentence_end(self, at: int, last: bool) -> int | None:
        text = self._text
        end = at + 1
        while end < len(text) and (text[end] in _ENDERS or text[end] in _CLOSERS):
            end += 1
            if end > self._hard_chars:
                return 0
        if end == len(text):
            return end if last else None
        if not text[end].isspace():
            return end if text[at] in _WITHOUT_SPACE else 0
        if text[at] not in ".…":
            return end
        if not text[:at].strip():
            return 0
        return self._full_stop_end(at, end, last)

    def _full_stop_end(self, at: int, end: int, last: bool) -> int | None:
        """The same, for a full stop or an ellipsis before white space: it depends on the words around it."""
        text = self._text
        word = _last_word(text, at)
        if text[at] == "." and "." not in text[at + 1 : end]:
            if word.lower() in _TITLES or (len(word) == 1 and word.isalpha() and word != "I"):
                return 0
            if word.isdigit() and text[:at].strip() == word:
                return 0
            if word.lower() not in _MAYBE_SHORT and word.lower() != "no":
                return end
        following = end
        while following < len(text) and text[following].isspace() and following - end < _MOST_SPACE:
            following += 1
        if following - end == _MOST_SPACE:
            return end
        if following == len(text):
            return end if last else None
        if text.count("\n", end, following) > 1:
            return end
        if word.lower() == "no":
            return 0 if text[following].isdigit() else end
        return end if text[following].isupper() or not text[following].isalnum() else 0

    def _last_pause(self, at: int) -> int:
        """Behind the last comma that stands before ``at`` and white space, unless too little stands before it."""
        for end in range(at, LEAST_CHARS, -1):
            if self._text[end - 1] in _PAUSES and self._text[end].isspace():
                return end
        return 0

    def _last_space(self, at: int) -> int:
        for end in range(at, LEAST_CHARS, -1):
            if self._text[end].isspace() and self._text[:end].strip():
                return end
        return at


def _last_word(text: str, end: int) -> str:
    match = _LAST_WORD.search(text, max(0, end - 20), end)
    return match.group().strip("'’") if match else ""
