"""How words are pronounced: from a dictionary file, and where it does not know a word, from what it is made of.

The file is one line a word, ``word PHONE PHONE ...``, further pronunciations as ``word(2) ...``: the format of the CMU
dictionary that comes with pocketsphinx (134 000 words). It is read line by line, and only what is asked for is kept:
50 ms, no memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from offhook.recognisers import letters

_SHORTEST_PART = 3
"""Letters in a part of a compound. Shorter ones are found in every word by accident."""

_LONGEST_COMPOUND = 40
"""Letters. No word is longer, and each letter more is two parts more to look for."""

_ENDINGS = {"s": "'s", "'s": "s"}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The pronunciations of some words."""

    pronunciations: dict[str, list[str]]
    """Phones with blanks between, the likeliest first; no word has none."""
    guessed: tuple[str, ...]
    """Words that the file does not have. Worth a line in the log: a guess may be wrong."""

    def lines(self) -> Iterator[str]:
        """The dictionary of these words alone, in the format of the file."""
        for word, variants in sorted(self.pronunciations.items()):
            for number, phones in enumerate(dict.fromkeys(variants), start=1):
                yield f"{word} {phones}" if number == 1 else f"{word}({number}) {phones}"


def look_up(words: Iterable[str], dictionary: Path) -> Lexicon:
    """Pronounce ``words``, of small letters and apostrophes; those without a letter are left out.

    What the file does not have is put together from a word it has and an ending, or from two words ("ordertable"), or
    read letter by letter. OSError if the file cannot be read.
    """
    wanted = set(words)
    found = _read(dictionary, wanted)
    unknown = sorted(wanted - found.keys())
    if unknown:
        parts = _read(dictionary, {part for word in unknown for part in _parts(word)})
        for word in unknown:
            if variants := _with_ending(word, parts) or _compound(word, parts) or letters.pronounce(word):
                found[word] = variants
    for letter, name in letters.NAMES.items():
        if letter in found:
            found[letter].append(name)
    return Lexicon(found, tuple(word for word in unknown if word in found))


def _read(dictionary: Path, wanted: set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with open(dictionary, encoding="ascii") as lines:
        for line in lines:
            entry, _, phones = line.partition(" ")
            word = entry.partition("(")[0]
            if word in wanted:
                found.setdefault(word, []).append(phones.strip())
    return found


def _parts(word: str) -> Iterator[str]:
    for ending, other in _ENDINGS.items():
        if word.endswith(ending):
            yield word.removesuffix(ending)
            yield word.removesuffix(ending) + other
    for at in _cuts(word):
        yield word[:at]
        yield word[at:]


def _cuts(word: str) -> range:
    return range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1 if len(word) <= _LONGEST_COMPOUND else 0)


def _with_ending(word: str, parts: dict[str, list[str]]) -> list[str]:
    """Plural and possessive of a known word."""
    for ending, other in _ENDINGS.items():
        if not word.endswith(ending) or word.endswith("ss"):
            continue
        stem = word.removesuffix(ending)
        if stem + other in parts:  # it sounds the same
            return parts[stem + other]
        if stem in parts and len(stem) >= _SHORTEST_PART:
            return [f"{phones} {_sibilant(phones)}" for phones in parts[stem]]
    return []


def _sibilant(phones: str) -> str:
    last = phones.rpartition(" ")[2]
    if last in ("S", "Z", "SH", "ZH", "CH", "JH"):
        return "IH Z"
    return "S" if last in ("P", "T", "K", "F", "TH") else "Z"


def _compound(word: str, parts: dict[str, list[str]]) -> list[str]:
    """Two known words in one, the most even cut first."""
    for at in sorted(_cuts(word), key=lambda cut: abs(2 * cut - len(word))):
        if word[:at] in parts and word[at:] in parts:
            return [f"{parts[word[:at]][0]} {parts[word[at:]][0]}"]
    return []
