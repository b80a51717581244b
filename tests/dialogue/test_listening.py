import pytest
from tests.dialogue.desks import BISTRO, SHOP, SWITCHBOARD
from tests.dialogue.unseen import BANK, GARAGE, PIZZERIA

from offhook.dialogue.domain import read_domain
from offhook.dialogue.listening import listen_for
from offhook.dialogue.port import Role, ToolSpec
from offhook.errors import RecogniserError
from offhook.recognisers.vocabulary import MAX_PATTERNS


def test_an_agents_sentences_are_listened_for() -> None:
    vocabulary = listen_for(read_domain(BISTRO))

    assert "i would like to book a table for {book_table.guests}" in vocabulary.patterns
    assert "when are you open on {opening_hours.day}" in vocabulary.patterns
    assert "cancel a booking under the name {cancel_booking.name}" in vocabulary.patterns
    for word in ("four", "friday", "seven", "thirty", "noon", "december", "sunday", "anna", "yes", "goodbye"):
        assert word in vocabulary.words


def test_answers_are_listened_for() -> None:
    vocabulary = listen_for(read_domain(SHOP))

    assert "{order_status.order_number}" in vocabulary.patterns
    assert "my order number is {order_status.order_number}" in vocabulary.patterns
    assert "no {order_status.order_number}" in vocabulary.patterns
    assert "never mind" in vocabulary.patterns


def test_answers_are_listened_for_as_people_give_them() -> None:
    bistro, pizzeria = listen_for(read_domain(BISTRO)).patterns, listen_for(read_domain(PIZZERIA)).patterns

    assert "there will be {book_table.guests} of us" in bistro
    assert "around {book_table.time}" in bistro
    assert "it's under {book_table.name}" in bistro
    assert "the {order_pizza.size} one" in pizzeria


def test_other_names_of_a_thing_are_listened_for() -> None:
    bistro, shop = listen_for(read_domain(BISTRO)).patterns, listen_for(read_domain(SHOP)).patterns

    assert "cancel my reservation" in bistro
    assert "where is my package" in shop
    assert not any(pattern.startswith("package ") for pattern in shop if "status" not in pattern)


def test_how_requests_begin_is_listened_for_whatever_they_are_for() -> None:
    patterns = listen_for(read_domain(Role())).patterns

    assert "i was wondering if" in patterns
    assert "i can't" in patterns


def test_of_large_numbers_the_round_ones_are_listened_for() -> None:
    meanings = listen_for(read_domain(BANK)).slots["transfer_money.amount"].meanings

    assert {"fifty one", "two hundred and thirty", "nine hundred"} <= set(meanings)
    assert "two hundred and thirty one" not in meanings


def test_only_digits_of_the_right_number_are_listened_for() -> None:
    slot = listen_for(read_domain(SHOP)).slots["order_status.order_number"]

    assert (slot.least, slot.most) == (5, 5)


def test_short_forms_are_listened_for_too() -> None:
    patterns = listen_for(read_domain(SHOP)).patterns

    for each in ("i don't know", "that's right", "what's the order status", "where's my order"):
        assert each in patterns


def test_choices_and_destinations_are_listened_for() -> None:
    switchboard, bank = listen_for(read_domain(SWITCHBOARD)), listen_for(read_domain(BANK))

    assert {"sales", "support", "billing"} <= set(switchboard.words)
    assert "connect me to {transfer_call.to}" in bank.patterns
    assert {"advisor", "cards"} <= set(bank.words)


def test_of_free_text_only_the_words_before_it_are_listened_for() -> None:
    patterns = listen_for(read_domain(SWITCHBOARD)).patterns

    assert "leave a message" in patterns
    assert not any("message}" in pattern for pattern in patterns)


@pytest.mark.parametrize("role", [BISTRO, SHOP, SWITCHBOARD, GARAGE, PIZZERIA, BANK, Role()])
def test_every_agent_has_a_vocabulary_of_moderate_size(role: Role) -> None:
    vocabulary = listen_for(read_domain(role))

    assert 50 < len(vocabulary.words) < 700
    assert sum(1 for _ in vocabulary.sentences()) < 100_000


def test_many_tools_share_the_room() -> None:
    tools = tuple(ToolSpec(f"book_{thing}_{n}", "", {"properties": {"guests": {"type": "integer"}}})
                  for n in range(16) for thing in ("room", "table", "seat", "boat"))  # fmt: skip
    vocabulary = listen_for(read_domain(Role(tools=tools)))

    assert len(vocabulary.patterns) <= MAX_PATTERNS
    for thing in ("room", "boat"):
        assert any(thing in pattern for pattern in vocabulary.patterns)


def test_more_words_than_a_recogniser_takes_are_refused() -> None:
    syllables = [f"{a}{b}" for a in "bcdfghjklm" for b in "aeiou"]
    tools = tuple(
        ToolSpec(
            f"pick_{first}{at}", "", {"properties": {"it": {"enum": [f"{first}{second}{at}x" for second in syllables]}}}
        )
        for at in "abcd"
        for first in syllables
    )

    with pytest.raises(RecogniserError, match="different words"):
        listen_for(read_domain(Role(tools=tools)))
