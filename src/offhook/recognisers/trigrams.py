"""Which word follows which: a small trigram model with back-off, and its ARPA file.

Part of each history's probability is kept for words that never followed it, and given to them in the proportion of the
shorter history (S. Katz, "Estimation of probabilities from sparse data", 1987). How much is fixed, as the examples are
invented and how often they come says nothing; but if all that is known of a history was drawn by lot, like the digits
of a number, it is as much as absolute discounting keeps, or else what follows "four two" in the draw would seem the
rule. Every word can follow every other, so a caller may put things in another order than the examples do.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import log10

from offhook.recognisers.vocabulary import Sentence

START, END = "<s>", "</s>"

DISCOUNT = 0.15
"""The part that is kept for what was not seen."""

DRAWN_DISCOUNT = 0.95
"""Taken from the count of each word that was seen, if it was drawn by lot."""

_NEVER = -99.0
"""The logarithm of nothing, in ARPA files."""

_NOTHING = 1e-12


class Trigrams:
    """Made from weighted sentences, one at least; ``probability`` asks it, ``arpa`` writes it."""

    def __init__(self, sentences: Iterable[Sentence]) -> None:
        ones: dict[str, float] = defaultdict(float)
        twos: dict[str, _After] = defaultdict(_After)
        threes: dict[tuple[str, str], _After] = defaultdict(_After)
        for sentence in sentences:
            before, last = "", START
            for word in (*sentence.words, END):
                ones[word] += sentence.weight
                twos[last].add(word, sentence)
                if before:
                    threes[before, last].add(word, sentence)
                before, last = last, word
        total, even = sum(ones.values()), DISCOUNT / len(ones)
        self._ones = {word: (1 - DISCOUNT) * weight / total + even for word, weight in ones.items()}
        self._twos = {last: after.shares(of=len(ones)) for last, after in twos.items()}
        self._backoff_two = {
            last: _backoff(after, [self._ones[word] for word in after]) for last, after in self._twos.items()
        }
        self._threes = {pair: after.shares(of=len(ones)) for pair, after in threes.items()}
        self._backoff_three = {
            pair: _backoff(after, [self._two(pair[1], word) for word in after]) for pair, after in self._threes.items()
        }

    def probability(self, word: str, last: str, before: str = "") -> float:
        """Of ``word`` after ``before last``; 0 for a word that is not in the model."""
        seen = self._threes.get((before, last))
        if seen is None:
            return self._two(last, word)
        return seen[word] if word in seen else self._backoff_three[before, last] * self._two(last, word)

    def arpa(self) -> str:
        """The ARPA file (D. Paul and J. Baker, "The design for the Wall Street Journal-based CSR corpus", 1992)."""
        return "\n".join(self._lines()) + "\n"

    def _two(self, last: str, word: str) -> float:
        seen = self._twos.get(last)
        if seen is None:
            return self._ones.get(word, 0)
        return seen[word] if word in seen else self._backoff_two[last] * self._ones.get(word, 0)

    def _lines(self) -> Iterator[str]:
        yield "\\data\\"
        yield f"ngram 1={len(self._ones) + 1}"
        yield f"ngram 2={sum(map(len, self._twos.values()))}"
        yield f"ngram 3={sum(map(len, self._threes.values()))}"
        yield "\n\\1-grams:"
        yield f"{_NEVER:.4f} {START} {log10(self._backoff_two[START]):.4f}"
        for word, share in sorted(self._ones.items()):
            yield f"{log10(share):.4f} {word} {log10(self._backoff_two.get(word, 1)):.4f}"
        yield "\n\\2-grams:"
        for last, after in sorted(self._twos.items()):
            for word, share in sorted(after.items()):
                yield f"{log10(share):.4f} {last} {word} {log10(self._backoff_three.get((last, word), 1)):.4f}"
        yield "\n\\3-grams:"
        for (before, last), after in sorted(self._threes.items()):
            for word, share in sorted(after.items()):
                yield f"{log10(share):.4f} {before} {last} {word}"
        yield "\n\\end\\"


class _After:
    """What followed a history."""

    __slots__ = ("_drawn", "_is_drawn", "_weights")

    def __init__(self) -> None:
        self._weights: dict[str, float] = defaultdict(float)
        self._drawn = 0
        self._is_drawn = True

    def add(self, word: str, sentence: Sentence) -> None:
        self._weights[word] += sentence.weight
        self._drawn += 1
        self._is_drawn = self._is_drawn and sentence.is_drawn

    def shares(self, *, of: int) -> dict[str, float]:
        """The probabilities of those words; what is left is for all others ``of`` so many."""
        discount = DISCOUNT
        if len(self._weights) == of:
            discount = 0.0
        elif self._is_drawn:
            discount = max(discount, DRAWN_DISCOUNT * len(self._weights) / self._drawn)
        total = sum(self._weights.values())
        return {word: (1 - discount) * weight / total for word, weight in self._weights.items()}


def _backoff(after: dict[str, float], shorter: list[float]) -> float:
    """What the shorter history's probabilities are multiplied with, so that all together are 1."""
    left, others = 1 - sum(after.values()), 1 - sum(shorter)
    # Both are nothing where every word was seen; what is above that by rounding must not become a factor.
    return left / others if others > _NOTHING and left > _NOTHING else 1.0
