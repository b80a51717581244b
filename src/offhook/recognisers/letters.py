"""How a word that no dictionary has may be pronounced, from its letters.

For names of tools, products and people. English rules, longest group of letters first; about the common case, not the
exceptions, which dictionaries have. Phones are those of the CMU dictionary, without stress
(http://www.speech.cs.cmu.edu/cgi-bin/cmudict).
"""

import re

SPELLED_MAX_LETTERS = 5
"""Words up to this length may be abbreviations, and are listened for as single letters too."""

NAMES = {
    "a": "EY",
    "b": "B IY",
    "c": "S IY",
    "d": "D IY",
    "e": "IY",
    "f": "EH F",
    "g": "JH IY",
    "h": "EY CH",
    "i": "AY",
    "j": "JH EY",
    "k": "K EY",
    "l": "EH L",
    "m": "EH M",
    "n": "EH N",
    "o": "OW",
    "p": "P IY",
    "q": "K Y UW",
    "r": "AA R",
    "s": "EH S",
    "t": "T IY",
    "u": "Y UW",
    "v": "V IY",
    "w": "D AH B AH L Y UW",
    "x": "EH K S",
    "y": "W AY",
    "z": "Z IY",
}
"""What the letters are called."""

_AT_START = {"kn": "N", "gn": "N", "wr": "R", "ps": "S", "wh": "W", "x": "Z", "y": "Y", "mc": "M AH K", "rh": "R"}
_AT_END = {
    "tion": "SH AH N",
    "sion": "ZH AH N",
    "cious": "SH AH S",
    "tious": "SH AH S",
    "ous": "AH S",
    "ture": "CH ER",
    "age": "IH JH",
    "able": "AH B AH L",
    "ible": "AH B AH L",
    "ness": "N AH S",
    "ment": "M AH N T",
    "less": "L AH S",
    "ful": "F AH L",
    "ing": "IH NG",
    "ism": "IH Z AH M",
    "ies": "IY Z",
    "ied": "IY D",
    "cle": "K AH L",
    "ble": "B AH L",
    "ple": "P AH L",
    "tle": "T AH L",
    "dle": "D AH L",
    "gle": "G AH L",
    "kle": "K AH L",
    "fle": "F AH L",
    "zle": "Z AH L",
    "ted": "T IH D",
    "ded": "D IH D",
    "ed": "D",
    "er": "ER",
    "or": "ER",
    "ar": "ER",
    "al": "AH L",
    "en": "AH N",
    "on": "AH N",
    "an": "AH N",
    "us": "AH S",
    "ey": "IY",
    "ie": "IY",
    "y": "IY",
    "o": "OW",
    "a": "AH",
    "i": "IY",
    "mb": "M",
    "es": "Z",
    "e": "",
}
_ANYWHERE = {
    "augh": "AO",
    "ough": "AO",
    "eigh": "EY",
    "tch": "CH",
    "dge": "JH",
    "igh": "AY",
    "sch": "SH",
    "air": "EH R",
    "ear": "IH R",
    "eer": "IH R",
    "our": "AO R",
    "oor": "AO R",
    "eau": "OW",
    "cqu": "K W",
    "gua": "G W AA",
    "gue": "G EH",
    "gui": "G IH",
    "ch": "CH",
    "sh": "SH",
    "th": "TH",
    "ph": "F",
    "gh": "G",
    "ck": "K",
    "qu": "K W",
    "ng": "NG",
    "nk": "NG K",
    "sc": "S K",
    "ai": "EY",
    "ay": "EY",
    "au": "AO",
    "aw": "AO",
    "ea": "IY",
    "ee": "IY",
    "ei": "IY",
    "eu": "Y UW",
    "ew": "UW",
    "ia": "IY AH",
    "ie": "IY",
    "io": "IY OW",
    "oa": "OW",
    "oe": "OW",
    "oi": "OY",
    "oo": "UW",
    "ou": "AW",
    "ow": "OW",
    "oy": "OY",
    "ue": "UW",
    "ui": "UW IH",
    "ar": "AA R",
    "er": "ER",
    "ir": "ER",
    "or": "AO R",
    "ur": "ER",
    "yr": "ER",
    "a": "AE",
    "b": "B",
    "c": "K",
    "d": "D",
    "e": "EH",
    "f": "F",
    "g": "G",
    "h": "HH",
    "i": "IH",
    "j": "JH",
    "k": "K",
    "l": "L",
    "m": "M",
    "n": "N",
    "o": "AA",
    "p": "P",
    "q": "K",
    "r": "R",
    "s": "S",
    "t": "T",
    "u": "AH",
    "v": "V",
    "w": "W",
    "x": "K S",
    "y": "IH",
    "z": "Z",
}
_LONG = {"a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW", "y": "AY"}
_SOFT = {"c": "S", "g": "JH"}
_DOUBLED = re.compile(r"([bcdfghjklmnpqrstvwxz])\1")
_VOWELS = "aeiouy"
_LONGEST = 5


def pronounce(word: str) -> list[str]:
    """Pronunciations of a word of letters and apostrophes, the likeliest first; each is phones with blanks between.

    Empty if there is not one letter in it.
    """
    word = re.sub("[^a-z]", "", word)
    if not word:
        return []
    spelling = " ".join(NAMES[letter] for letter in word)
    if not any(letter in _VOWELS for letter in word):
        return [spelling]
    rules = " ".join(_phones(word))
    if len(word) > SPELLED_MAX_LETTERS or rules == spelling:
        return [rules]
    return [rules, spelling]


def _phones(word: str) -> list[str]:
    word = _DOUBLED.sub(r"\1", word)
    phones: list[str] = []
    at = 0
    while at < len(word):
        sound, length = _sound(word, at)
        phones += sound.split()
        at += length
    return phones


def _sound(word: str, at: int) -> tuple[str, int]:
    """Of the letters from ``at`` on: how they sound, and how many they are."""
    for length in range(min(_LONGEST, len(word) - at), 0, -1):
        group = word[at : at + length]
        if at == 0 and len(word) > length and group in _AT_START:
            return _AT_START[group], length
        # A group at the end is an ending only if a syllable comes before it: "able" is not, "table" would be.
        if at + length == len(word) and group in _AT_END and any(letter in _VOWELS for letter in word[:at]):
            return _AT_END[group], length
        if length == 1:
            return _letter(word, at), 1
        if group in _ANYWHERE:
            return _ANYWHERE[group], length
    raise AssertionError


def _letter(word: str, at: int) -> str:
    letter, after = word[at], word[at + 1 : at + 2]
    if letter in _SOFT and after in tuple("eiy"):
        return _SOFT[letter]
    if letter in _LONG and re.fullmatch("[bcdfgklmnprstvz]es?", word[at + 1 :]):
        return _LONG[letter]  # the e is silent and makes it long: "phone", "time"
    if letter == "s" and after == "" and at and word[at - 1] in "bdeglmnrvwy":
        return "Z"
    return _ANYWHERE[letter]
