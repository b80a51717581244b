"""From words to an intent and its values.

Each intent reads its values out of the sentence; what words remain are compared with the words of its patterns, where
a word counts for more the fewer intents share it, and a word of the language's frame ("I would like to") for little.
The comparison asks two things: how much of the pattern was said, and how much of what was said is in the pattern. The
second is what rejects a sentence about something else that shares a word.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz, process

from offhook.dialogue.domain import Domain, Intent
from offhook.dialogue.filling import Filled, fill
from offhook.dialogue.general import General, leading_answer, plain, read_general
from offhook.dialogue.language import ACTIONS, DAY_WORDS, FUNCTION_WORDS, NUMBER_WORDS, SYNONYMS, stem
from offhook.dialogue.slots import Kind, Surroundings

ACCEPTED: Final = 0.57
"""Below this score a sentence is not understood."""

SURE: Final = 0.72
"""Below this score the caller is asked whether it was understood rightly."""

AMBIGUOUS: Final = 0.06
"""Two intents whose scores differ by less than this are as likely as one another."""

LEAST_OF_PATTERN: Final = 0.35
"""A pattern of which less was said is none that was meant."""

_OF_PATTERN: Final = 0.55
_OF_SENTENCE: Final = 0.45
_FRAME_WEIGHT: Final = 0.12
_ACTION_WEIGHT: Final = 1.5
"""The deed tells more than its object."""
_ONLY_VALUES: Final = 0.48
"""For a sentence of nothing but values."""
_SOMEONE_ELSES: Final = 0.8
"""How well a word is matched by a synonym if another intent has the word itself."""
_UNKNOWN_SHARE: Final = 0.7
"""So much is lost if all words are unknown to all intents."""
_SHARED_WEIGHT: Final = 0.75
"""Of a word that several intents have."""
_QUESTION_WEIGHTS: Final = {
    stem(word): weight
    for word, weight in {
        "when": 0.5, "where": 0.6, "who": 0.6, "why": 0.6, "how": 0.4, "which": 0.25, "what": 0.2
    }.items()
}  # fmt: skip
_VALUE_BONUS: Final = 0.06
"""For each value that was said with it."""
_VALUE_BONUS_LIMIT: Final = 0.18
_OTHER_ACTION: Final = 0.55
"""Factor for a sentence that asks for another deed: "cancel" where a booking can only be made."""
_DENIED: Final = 0.6
"""Factor for "I do not want to"."""
_SPELLING: Final = 84.0
"""Out of 100: how alike two spellings must be to be one word."""
_ASKING: Final = frozenset({"what", "when", "where", "who", "why", "how", "which", "you", "your"})
"""A sentence with one of these asks for more than it has values."""
_NO_ANSWER: Final = frozenset({"what", "where", "who", "why", "how"})
"""What begins with one of these, is no answer to a question; but for "what about friday"."""
_BEGGING: Final = frozenset({"can", "could", "would", "will"})
"""Before "you", they ask for a deed and not for an answer."""
_LITTLE: Final = frozenset({*NUMBER_WORDS, *DAY_WORDS}) - FUNCTION_WORDS
_CHOICE_WEIGHT: Final = 0.5
"""Of one of the values of a choice, in a pattern that has a blank for it."""
_LITTLE_WEIGHT: Final = 0.3
"""Of numbers and days that are no value of the intent."""
_SPELT_LETTERS: Final = 4
"""Shorter words are compared as they are."""
_ORDER_SHARE: Final = 0.02
_DENIALS: Final = frozenset({"not", "never", "without"})
_DENIED_WORDS: Final = 4
"""So many words a denial reaches."""
_BREAKS: Final = frozenset({"and", "because", "but", "please", "so", "that"})
"""With these, another part of the sentence begins."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What one sentence of the caller means, as far as it is known."""

    words: tuple[str, ...]
    intent: Intent | None = None
    """None if the sentence asks for nothing that the agent has."""
    filled: Filled = field(default_factory=Filled)
    """The values said for that intent."""
    score: float = 0.0
    """0 to 1: how well the sentence fits the intent; of the best one, also when it is not accepted."""
    ambiguous: bool = False
    """Another intent fits almost as well."""
    general: General | None = None
    """The sentence as a whole is one that every caller may say."""
    answer: bool | None = None
    """It begins with yes or no."""

    @property
    def sure(self) -> bool:
        """Need not be asked about."""
        return self.score >= SURE and not self.ambiguous


class Understanding:
    """Understands sentences in one domain. What it knows of the domain is prepared once; it keeps nothing of a call."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        intents = list(domain.intents.values())
        self._patterns = {intent.name: _bags(intent) for intent in intents}
        self._weights = _weigh(self._patterns)
        self._known = {
            name: frozenset(term for bag, _ in bags for term in bag) for name, bags in self._patterns.items()
        }
        self._spellings = tuple(
            sorted(
                {
                    term
                    for bags in self._patterns.values()
                    for bag, _ in bags
                    for term in bag
                    if len(term) >= _SPELT_LETTERS and term[0] != "{"
                }
            )
        )

    def read(self, words: Sequence[str], around: Surroundings) -> Understood:
        """What the sentence means by itself, whatever was asked before."""
        told = tuple(words)
        general = read_general(told)
        answer, rest = leading_answer(told)
        if answer is not None and rest:
            told = rest
        near = self._nearest(told)
        best: tuple[float, Intent, Filled] | None = None
        second = 0.0
        for intent in self._domain.intents.values():
            filled = fill(intent, told, around)
            score = self._score(intent, told, filled, near)
            if best is None or score > best[0]:
                best, second = (score, intent, filled), best[0] if best else 0.0
            else:
                second = max(second, score)
        if best is None or best[0] < ACCEPTED:
            return Understood(told, None, Filled(), best[0] if best else 0.0, general=general, answer=answer)
        ambiguous = best[0] - second < AMBIGUOUS and second >= ACCEPTED
        return Understood(told, best[1], best[2], best[0], ambiguous, general, answer)

    def explained(self, intent: Intent, words: Sequence[str], filled: Filled) -> float:
        """How much of a sentence is values of ``intent``, or words of its patterns: 0 to 1.

        For answers to a question, which have a value in them and little else, and are no questions themselves.
        """
        if words and words[0] in _NO_ANSWER and tuple(words[1:2]) != ("about",):
            return 0.0
        known, near = self._known.get(intent.name, frozenset()), self._nearest(words)
        total = explained = 0.0
        for place, word in enumerate(words):
            if not plain((word,)):
                continue
            term, _ = self._term(word, known, near)
            is_value = place in filled.covered
            weight = 1.0 if is_value else _FRAME_WEIGHT if word in FUNCTION_WORDS else 1.0
            total += weight
            if is_value or term in known or word in FUNCTION_WORDS or word in NUMBER_WORDS:
                explained += weight
        return explained / total if total else 0.0

    def _score(self, intent: Intent, words: Sequence[str], filled: Filled, near: Mapping[str, str]) -> float:
        rest = [word for place, word in enumerate(words) if place not in filled.covered]
        known = self._known[intent.name]
        said = [_Said(*self._term(word, known, near), word, self._weights) for word in plain(rest)]
        if any(each.weight > _FRAME_WEIGHT for each in said):
            # "where is my order number 42719": the value's own word is also what is asked about.
            cues = {stem(words[place]): words[place] for place in filled.covered}
            said += [_Said(term, 1.0, word, self._weights) for term, word in cues.items() if term in known]
        matches = {each.term: each.match for each in said}
        matches |= {f"{{{name}}}": 1.0 for name in filled.values}
        total = sum(each.weight for each in said)
        sentence = " ".join(rest)
        best = 0.0
        for bag, pattern in self._patterns[intent.name] if said else ():
            common = bag & matches.keys()
            of_pattern = sum(self._weights[term] * matches[term] for term in common)
            of_pattern /= sum(self._weights[term] for term in bag)
            if of_pattern < LEAST_OF_PATTERN:
                continue
            of_sentence = sum(each.weight * each.match for each in said if each.term in common) / total
            score = _OF_PATTERN * of_pattern + _OF_SENTENCE * of_sentence
            if score > best - _ORDER_SHARE:  # words in the pattern's own order speak for it a little more
                best = max(best, score + _ORDER_SHARE * fuzz.ratio(sentence, pattern) / 100)
        if self._values(intent, filled) and _says_nothing_else(rest):
            best = max(best, _ONLY_VALUES)
        best += self._bonus(intent, filled)
        strange = [each for each in said if each.term not in known]
        if any(each.word in ACTIONS and each.word not in FUNCTION_WORDS for each in strange):
            best *= _OTHER_ACTION
        if not intent.phrasing.inquires and self._is_denied(known, words, near):
            best *= _DENIED
        unknown = sum(each.weight for each in strange if each.term not in self._weights and each.weight >= 1.0)
        return min(1.0, best * (1.0 - _UNKNOWN_SHARE * unknown / total if total else 1.0))

    def _is_denied(self, known: frozenset[str], words: Sequence[str], near: Mapping[str, str]) -> bool:
        """Soon after "not" comes a word of the intent: "I do not want to book", not "I cannot come, so cancel it"."""
        for place, word in enumerate(words):
            if word in _DENIALS and tuple(words[place - 1 : place]) not in (("can",), ("could",)):
                for other in words[place + 1 : place + 1 + _DENIED_WORDS]:
                    if other in _BREAKS:
                        break
                    if other not in FUNCTION_WORDS and self._term(other, known, near)[0] in known:
                        return True
        return False

    def _bonus(self, intent: Intent, filled: Filled) -> float:
        choices = sum(1 for slot in intent.slots if slot.kind is Kind.CHOICE and slot.name in filled.values)
        return min(_VALUE_BONUS_LIMIT, _VALUE_BONUS * (self._values(intent, filled) + choices))

    @staticmethod
    def _values(intent: Intent, filled: Filled) -> int:
        """How many values speak for the intent. Free text does not: any words can be that."""
        return sum(1 for slot in intent.slots if slot.name in filled.values and slot.kind is not Kind.TEXT)

    def _term(self, word: str, known: frozenset[str], near: Mapping[str, str]) -> tuple[str, float]:
        """The word as the patterns of one intent have it, and how well it is matched.

        It is its stem, or that of a word that callers use for it, or the nearest spelling. A word that another intent
        calls its own is rather meant for that.
        """
        term = stem(word)
        if term in known or word in FUNCTION_WORDS:
            return term, 1.0
        match = _SOMEONE_ELSES if term in self._weights else 1.0
        for other in _SAME.get(term, ()):
            if other in known:
                return other, match
        return near.get(term, term), 1.0

    def _nearest(self, words: Sequence[str]) -> dict[str, str]:
        """For stems that no pattern has, those that are spelt almost the same."""
        near: dict[str, str] = {}
        for word in set(words) - FUNCTION_WORDS:
            term = stem(word)
            if len(term) >= _SPELT_LETTERS and term not in self._weights:
                found = process.extractOne(term, self._spellings, scorer=fuzz.ratio, score_cutoff=_SPELLING)
                if found is not None:
                    near[term] = found[0]
        return near


class _Said:
    """One word of the caller, as one intent sees it."""

    __slots__ = ("match", "term", "weight", "word")

    def __init__(self, term: str, match: float, word: str, weights: Mapping[str, float]) -> None:
        self.term, self.match, self.word = term, match, word
        self.weight = weights.get(term) or _weight_of(word)


def _says_nothing_else(rest: Sequence[str]) -> bool:
    """Beside its values, a sentence has only words of the language's frame, and is no question of its own."""
    asked = set(rest)
    if asked & _BEGGING:
        asked -= {"you"}
    return all(word in FUNCTION_WORDS for word in rest) and not asked & _ASKING


def _bags(intent: Intent) -> list[tuple[frozenset[str], str]]:
    """The patterns as sets of terms, each with a sentence that it stands for.

    Blanks and their cues are left out, but for those of choices: in "my order is {reason}" the reason is what tells.
    """
    choices = {f"{{{slot.name}}}" for slot in intent.slots if slot.kind is Kind.CHOICE}
    bags: dict[frozenset[str], str] = {}
    for pattern in intent.patterns:
        words = plain(_without_blanks(intent, pattern.split()))
        bag = frozenset(stem(word) for word in words)
        if bag:
            bags.setdefault(bag | (choices & set(pattern.split())), " ".join(words))
    return list(bags.items())


def _without_blanks(intent: Intent, parts: Sequence[str]) -> list[str]:
    cues = {cue for slot in intent.slots for cue in (*slot.cues, *slot.units, "on", "at", "for", "people", "number")}
    kept: list[str] = []
    after_blank = False
    for part in parts:
        if part.startswith("{"):
            while kept and kept[-1] in cues:
                kept.pop()
            after_blank = True
        elif not (after_blank and part in cues):
            kept.append(part)
            after_blank = False
    return kept


def _weigh(patterns: Mapping[str, Iterable[tuple[frozenset[str], str]]]) -> dict[str, float]:
    """What each term counts: less if several intents have it, little if the language's frame has it."""
    owners: dict[str, int] = {}
    for bags in patterns.values():
        for term in {term for bag, _ in bags for term in bag}:
            owners[term] = owners.get(term, 0) + 1
    return {term: _weight_of(term) * (1.0 if count == 1 else _SHARED_WEIGHT) for term, count in owners.items()}


def _weight_of(word: str) -> float:
    if stem(word) in _QUESTION_WEIGHTS:
        return _QUESTION_WEIGHTS[stem(word)]
    if word in _FRAME_STEMS or word in FUNCTION_WORDS:
        return _FRAME_WEIGHT
    if word in _LITTLE or word[:1].isdigit():
        return _LITTLE_WEIGHT
    if word[0] == "{":
        return _CHOICE_WEIGHT
    return _ACTION_WEIGHT if word in _ACTION_STEMS else 1.0


def _same() -> dict[str, tuple[str, ...]]:
    same: dict[str, tuple[str, ...]] = {}
    for group in SYNONYMS:
        stems = tuple(stem(word) for word in group)
        for each in stems:
            same[each] = tuple(dict.fromkeys((*same.get(each, ()), *(other for other in stems if other != each))))
    return same


_FRAME_STEMS: Final = frozenset(stem(word) for word in FUNCTION_WORDS)
_ACTION_STEMS: Final = frozenset(stem(word) for word in ACTIONS)
_SAME: Final = _same()
