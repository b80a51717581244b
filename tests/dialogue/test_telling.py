import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.dialogue.parameters import read_parameters
from offhook.dialogue.telling import THERE_IS_MORE, TOLD_LIMIT_CHARS, tell, tell_value, time_of_day


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("booked for four", "Booked for four."),
        ("We are open. Come in!", "We are open. Come in!"),
        ("", ""),
        ("7", "7."),
        ("19.99", "19.99."),
        ("true", "Yes."),
        ("false", "No."),
        ("null", "Done."),
        ("[]", "There is nothing."),
        ("{}", "There is nothing."),
        ('"soup"', "Soup."),
        ('["soup","pizza","cake"]', "Soup, pizza and cake."),
        ("[19.5, 7]", "19.5 and 7."),
        ('{"status":"on its way"}', "The status is on its way."),
        ('{"message":"all is well"}', "All is well."),
        ('{"order":"42719","status":"sent","note":null}', "The order is 4 2 7 1 9 and the status is sent."),
        ('{"arrivesAt":"2026-11-20","gift":true}', "The arrives at is Friday, November 20 and the gift is yes."),
        ('{"at":"2026-11-20T19:30:00+01:00"}', "The at is Friday, November 20 at 7:30 pm."),
        ('{"opens":"09:00","closes":"17:30"}', "The opens is 9 am and the closes is 5:30 pm."),
        ('{"dishes":["soup","cake"]}', "The dishes are soup and cake."),
        ('[{"name":"soup","price":5},{"name":"cake","price":4.5}]', "The name is soup and the price is 5. "
         "The name is cake and the price is 4.5."),
        ('{"guest":{"name":"Ann","age":7}}', "The guest is name Ann and age 7."),
        ('{"broken": ', '{"broken":'),
        ("2026-02-31", "2026-02-31."),
    ],
)  # fmt: skip
def test_a_result_is_told_in_sentences(output: str, told: str) -> None:
    assert tell(output) == told


def test_a_long_list_is_counted() -> None:
    assert tell(json.dumps(list(range(20)))) == "0, 1, 2, 3, 4, 5, 6, 7 and 12 more."
    assert tell(json.dumps([{"n": n} for n in range(10)])).endswith("The n is 7. And 2 more.")


def test_a_long_result_is_cut_at_a_sentences_end() -> None:
    told = tell("This is a sentence. " * 200)

    assert len(told) <= TOLD_LIMIT_CHARS
    assert told.endswith(f"sentence. {THERE_IS_MORE}")


def test_a_long_result_without_sentences_is_cut_at_a_word() -> None:
    told = tell("word " * 1000)

    assert len(told) <= TOLD_LIMIT_CHARS
    assert told.endswith(f"word. {THERE_IS_MORE}")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(_JSON.map(json.dumps) | st.text())
def test_any_result_is_told(output: str) -> None:
    assert len(tell(output)) <= TOLD_LIMIT_CHARS + 2


def test_a_very_deep_result_is_told_all_the_same() -> None:
    assert tell("[" * 100_000)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("19:30", "7:30 pm"),
        ("00:00", "midnight"),
        ("12:00", "noon"),
        ("00:05", "12:05 am"),
        ("9:00", "9 am"),
        ("x", "x"),
    ],
)
def test_times_are_told_by_the_clock_of_twelve_hours(text: str, told: str) -> None:
    assert time_of_day(text) == told


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"type": "integer"}, 4, "4"),
        ({"type": "number"}, 50.0, "50"),
        ({"type": "boolean"}, True, "yes"),
        ({"type": "string", "format": "date"}, "2026-11-20", "Friday, November 20"),
        ({"type": "string", "pattern": r"^\d{3}$"}, "427", "4 2 7"),
        ({"enum": ["mon", "four_seasons"]}, "four_seasons", "four seasons"),
        ({"type": "array", "items": {"enum": ["a_b", "c"]}}, ["a_b", "c"], "a b and c"),
    ],
)
def test_a_value_is_told_as_its_slot_is_meant(schema: Any, value: Any, told: str) -> None:
    (slot,) = read_parameters({"properties": {"it": schema}}).slots

    assert tell_value(slot, value) == told
