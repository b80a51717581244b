from itertools import product
from pathlib import Path

import pytest

from offhook.recognisers import slots
from offhook.recognisers.trigrams import END, START, Trigrams
from offhook.recognisers.vocabulary import Sentence, Vocabulary

DOMAINS = {
    "one word": Vocabulary(["hello"], small_talk=False),
    "a word that follows itself": Vocabulary(["hello", "hello hello"], small_talk=False),
    "digits": Vocabulary(["{n}", "it is {n}"], {"n": slots.digits(2, 5)}, small_talk=False),
    "booking": Vocabulary(
        ["a table for {guests} on {day}", "{guests} people", "thank you"],
        {"guests": slots.number(1, 5), "day": slots.weekday()},
        small_talk=False,
    ),
    "with small talk": Vocabulary(["where is my order"]),
}


@pytest.mark.parametrize("name", DOMAINS)
def test_the_probabilities_of_all_words_after_any_history_sum_to_one(name: str) -> None:
    vocabulary = DOMAINS[name]
    model = Trigrams(vocabulary.sentences())
    words = vocabulary.words[:30]

    for before, last in [*product(("", START, *words), words), ("", START)]:
        total = sum(model.probability(word, last, before) for word in (*vocabulary.words, END))
        assert total == pytest.approx(1), (before, last)
        assert all(0 < model.probability(word, last, before) <= 1 for word in (*vocabulary.words, END))


def test_what_the_examples_say_is_likelier_and_anything_is_possible() -> None:
    model = Trigrams(DOMAINS["booking"].sentences())

    assert model.probability("for", "table", "a") == pytest.approx(0.85)
    assert model.probability("you", "thank", START) > 50 * model.probability("you", "table", "a") > 0
    assert model.probability("banana", "table", "a") == 0


def test_what_followed_by_chance_is_not_taken_for_the_rule() -> None:
    drawn = [Sentence(("four", "two", "seven"), 1.0, is_drawn=True), Sentence(("nine",), 1.0, is_drawn=True)]
    told = [sentence._replace(is_drawn=False) for sentence in drawn]

    assert Trigrams(told).probability("seven", "two", "four") == pytest.approx(0.85)
    assert Trigrams(drawn).probability("seven", "two", "four") < 0.4


def test_the_file_says_the_same_as_the_model(tmp_path: Path) -> None:
    vocabulary = DOMAINS["booking"]
    model = Trigrams(vocabulary.sentences())
    read = Arpa(model.arpa())

    assert read.counts == {order: len(read.grams[order]) for order in (1, 2, 3)}
    words = vocabulary.words
    for before, last, word in product((START, *words[::5]), words[::3], (*words, END)):
        assert read.probability(before, last, word) == pytest.approx(model.probability(word, last, before), rel=0.01)


class Arpa:
    """The file, read as the standard says: log10 probability, words, log10 back-off."""

    def __init__(self, text: str) -> None:
        self.counts: dict[int, int] = {}
        self.grams: dict[int, dict[tuple[str, ...], tuple[float, float]]] = {1: {}, 2: {}, 3: {}}
        lines = text.splitlines()
        assert lines[0] == "\\data\\"
        assert lines[-1] == "\\end\\"
        order = 0
        for line in filter(None, lines[1:-1]):
            if line.startswith("ngram "):
                kind, count = line.removeprefix("ngram ").split("=")
                self.counts[int(kind)] = int(count)
            elif line.startswith("\\"):
                order = int(line[1])
            else:
                chance, *words = line.split()
                backoff = float(words.pop()) if len(words) > order else 0.0
                self.grams[order][tuple(words)] = (float(chance), backoff)

    def probability(self, *words: str) -> float:
        factor = 0.0
        while words not in self.grams[len(words)]:
            factor += self.grams[len(words) - 1].get(words[:-1], (0.0, 0.0))[1]
            words = words[1:]
        chance: float = 10 ** (factor + self.grams[len(words)][words][0])
        return chance
