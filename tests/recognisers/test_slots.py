import random
from collections.abc import Callable

import pytest

from offhook.errors import RecogniserError
from offhook.recognisers import slots
from offhook.recognisers.slots import MAX_MEANING_CHARS, MAX_MEANINGS, MAX_UNITS, Slot


@pytest.mark.parametrize(
    ("slot", "words", "value"),
    [
        (slots.choice(["Technical Support", "billing"]), "technical support", "Technical Support"),
        (slots.choice(["Technical Support", "billing"]), "technical", None),
        (slots.choice(["Table 7"]), "table seven", "Table 7"),
        (slots.number(1, 20), "twelve", "12"),
        (slots.number(1, 20), "twenty one", None),
        (slots.number(0, 999), "a hundred", "100"),
        (slots.number(0, 999), "a hundred and five", "105"),
        (slots.number(0, 999), "one hundred five", "105"),
        (slots.number(0, 999), "three hundred and twelve", "312"),
        (slots.number(100_000, 100_000), "one hundred thousand", "100000"),
        (slots.number(100_000, 100_000), "one hundred and thousand", None),
        (slots.digits(3, 8), "four two double seven", "4277"),
        (slots.digits(3, 8), "oh four two", "042"),
        (slots.digits(3, 8), "four two", None),
        (slots.digits(3, 8), "four two please", None),
        (slots.weekday(), "next friday", "next friday"),
        (slots.weekday(), "friday evening", "friday"),
        (slots.weekday(), "the day after tomorrow", "the day after tomorrow"),
        (slots.date(), "may third", "05-03"),
        (slots.date(), "the thirty first of december", "12-31"),
        (slots.date(), "february thirtieth", None),
        (slots.clock_time(), "half past seven in the evening", "19:30"),
        (slots.clock_time(), "seven thirty", "7:30"),
        (slots.clock_time(), "twelve o'clock at night", "12:00"),
        (slots.clock_time(), "twelve a m", "00:00"),
        (slots.clock_time(), "quarter to one p m", "12:45"),
        (slots.clock_time(), "ten past nine", "9:10"),
        (slots.clock_time(), "twenty to twelve", "11:40"),
        (slots.clock_time(), "midnight", "00:00"),
        (slots.clock_time(), "", None),
    ],
)
def test_words_in_a_slot_mean_a_value(slot: Slot, words: str, value: str | None) -> None:
    assert slot.read(words) == value


@pytest.mark.parametrize(
    "slot",
    [
        slots.number(),
        slots.digits(2, 6),
        slots.weekday(),
        Slot("many", {f"a{chr(97 + n % 26) * (n // 26 + 1)}": "" for n in range(400)}, 1, 3),
    ],
)
def test_all_that_can_be_said_is_said_at_least_once(slot: Slot) -> None:
    sayings = slot.sayings(random.Random(1))

    assert len(sayings) == slot.count
    assert all(slot.read(saying) is not None for saying in sayings)
    for words in slot.meanings:
        assert any(f" {words} " in f" {saying} " for saying in sayings), words


def test_the_same_chance_gives_the_same_rows() -> None:
    assert slots.digits().sayings(random.Random(1)) == slots.digits().sayings(random.Random(1))
    assert slots.digits().sayings(random.Random(1)) != slots.digits().sayings(random.Random(2))


@pytest.mark.parametrize(
    "make",
    [
        lambda: slots.choice([]),
        lambda: slots.choice(["…", "!"]),
        lambda: slots.choice(f"{chr(97 + n % 26)} {n}" for n in range(MAX_MEANINGS + 1)),
        lambda: slots.choice(["a" * (MAX_MEANING_CHARS + 1)]),
        lambda: slots.number(5, 4),
        lambda: slots.number(-1, 4),
        lambda: slots.number(0, 10**9),
        lambda: slots.number(0, MAX_MEANINGS),
        lambda: slots.digits(0, 3),
        lambda: slots.digits(4, 3),
        lambda: slots.digits(1, MAX_UNITS + 1),
        lambda: Slot("mine", {"Hello": "hello"}),
        lambda: Slot("mine", {"hello  you": "hello"}),
        lambda: Slot("mine", {"<s>": "start"}),
        lambda: Slot("mine", {"": ""}),
    ],
)
def test_a_slot_in_which_nothing_or_too_much_or_what_cannot_be_said_is_refused(make: Callable[[], Slot]) -> None:
    with pytest.raises(RecogniserError) as refused:
        make()

    assert refused.value.recogniser == "vocabulary"
    assert not refused.value.retryable


def test_what_is_shared_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        slots.weekday().meanings["someday"] = "never"  # type: ignore[index]  # that is the test
