"""Whether certain words were said: compared as people hear them, without capitals and punctuation."""

import re

Wanted = str | re.Pattern[str]
"""Words that must follow one another in what was said, or a pattern that must be found in it."""

_SILENT = re.compile(r"['’]")
_PUNCTUATION = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """The words in small letters, one space between them: "It's 7:30!" is "its 7 30"."""
    return _PUNCTUATION.sub(" ", _SILENT.sub("", text.casefold())).strip()


def says(text: str, wanted: Wanted) -> bool:
    """Whether ``text`` has the ``wanted`` words, whole ones, in a row. A pattern is searched for in the text as it is.

    ValueError for wanted words that have no letter or digit: everything would have them.
    """
    if isinstance(wanted, re.Pattern):
        return wanted.search(text) is not None
    words = plain(wanted)
    if not words:
        raise ValueError(f"{wanted!r} has no words")
    return f" {words} " in f" {plain(text)} "
