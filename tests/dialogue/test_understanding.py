"""Sentences to meanings, on a corpus that also prints how well it does: ``pytest -s tests/dialogue``."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dialogue import corpus
from tests.dialogue.desks import BISTRO, SHOP, SWITCHBOARD, TODAY, role_of
from tests.dialogue.unseen import BANK, GARAGE, PIZZERIA

from offhook.agents.agent import Agent
from offhook.dialogue.domain import read_domain
from offhook.dialogue.port import Role
from offhook.dialogue.slots import Surroundings
from offhook.dialogue.understanding import Understanding, Understood
from offhook.dialogue.words import words

CORPORA = {
    "bistro": (BISTRO, corpus.BISTRO),
    "shop": (SHOP, corpus.SHOP),
    "switchboard": (SWITCHBOARD, corpus.SWITCHBOARD),
    "garage": (GARAGE, corpus.GARAGE),
    "pizzeria": (PIZZERIA, corpus.PIZZERIA),
    "bank": (BANK, corpus.BANK),
}

WANTED_SHARE = 0.9
"""Of the corpus, intent and all values."""


class Listener:
    """Understands for one role."""

    def __init__(self, role: Role) -> None:
        domain = read_domain(role)
        self._understanding = Understanding(domain)
        self._around = Surroundings(TODAY, domain.evening)

    def hear(self, said: str) -> Understood:
        return self._understanding.read(words(said), self._around)


LISTENERS = {name: Listener(role) for name, (role, _) in CORPORA.items()}


def test_intents_and_values_of_the_corpus() -> None:
    total = intents = whole = 0
    wrong = []
    for name, (_, text) in CORPORA.items():
        for said, tool, values in corpus.read(text):
            heard = LISTENERS[name].hear(said)
            right = heard.intent is not None and heard.intent.name == tool
            total += 1
            intents += right
            whole += right and heard.filled.values == values
            if not (right and heard.filled.values == values):
                wrong.append(f"  {name}: {said!r} was {heard.intent and heard.intent.name} {heard.filled.values}")
    print(
        f"\n{total} sentences: intent {intents / total:.1%}, intent and all values {whole / total:.1%}",
        *wrong,
        sep="\n",
    )

    assert whole / total >= WANTED_SHARE


def test_sentences_about_something_else_are_not_accepted() -> None:
    sentences = corpus.OUT_OF_DOMAIN.strip().splitlines()
    heard = [(name, said, listener.hear(said)) for name, listener in LISTENERS.items() for said in sentences]
    accepted = [f"  {name}: {said!r}" for name, said, told in heard if told.intent is not None]
    print(f"\n{len(heard)} out of domain: accepted {len(accepted) / len(heard):.1%}", *accepted, sep="\n")

    assert len(accepted) / len(heard) <= 0.02
    assert not any(told.sure for _, _, told in heard)


@pytest.mark.parametrize(
    "said",
    [
        "i do not want to book a table",
        "cancel my subscription",
        "the table is broken",
        "open the door",
        "i want to book a flight to london on friday",
        "can you order a taxi for four people",
        "change my booking",
        "seven",
        "table table table door window",
    ],
)
def test_a_sentence_that_only_shares_words_is_not_acted_on(said: str) -> None:
    assert not LISTENERS["bistro"].hear(said).sure


def test_a_word_that_another_tool_has_is_meant_for_that() -> None:
    assert LISTENERS["shop"].hear("cancel my order").intent is not None
    for said, tool in (
        ("cancel the order", "cancel_order"),
        ("the address of my order has to change", "change_address"),
    ):
        heard = LISTENERS["shop"].hear(said)

        assert heard.intent is not None
        assert heard.intent.name == tool


def test_misspelt_and_bent_words_are_understood() -> None:
    for said in ("i would like to book a tabel", "booking a table please", "i want to reserve tables"):
        heard = LISTENERS["bistro"].hear(said)

        assert heard.intent is not None, said
        assert heard.intent.name == "book_table"


def test_the_word_before_a_number_may_be_what_is_asked_about() -> None:
    heard = LISTENERS["shop"].hear("where is my order number four two seven one nine")

    assert heard.intent is not None
    assert heard.intent.name == "order_status"
    assert heard.sure


def test_a_phrase_with_a_choice_is_not_said_without_it() -> None:
    agent = Agent()

    @agent.tool(phrases=("my order is {reason}",))
    async def refund_order(reason: Literal["damaged", "late"]) -> str:
        """Refund an order."""
        return reason

    @agent.tool
    async def order_status() -> str:
        """Look up where an order is."""
        return "on its way"

    listener = Listener(role_of(agent))
    found = {said: listener.hear(said) for said in ("where is my order", "my order is damaged")}

    assert [heard.intent and heard.intent.name for heard in found.values()] == ["order_status", "refund_order"]
    assert all(heard.sure for heard in found.values())


@pytest.mark.parametrize(
    "said",
    [
        "i don't need it any more so i'd like to cancel the booking",
        "we can't make it tonight please cancel our booking",
        "sorry something came up i have to cancel my booking",
    ],
)
def test_a_not_in_another_part_of_the_sentence_denies_nothing(said: str) -> None:
    heard = LISTENERS["bistro"].hear(said)

    assert heard.intent is not None
    assert heard.intent.name == "cancel_booking"


def test_two_tools_that_fit_as_well_are_told_apart_by_asking() -> None:
    heard = LISTENERS["shop"].hear("order number four four five five six")

    assert not heard.sure


def test_a_sentence_of_values_alone_is_asked_about() -> None:
    heard = LISTENERS["bistro"].hear("for four on friday at seven")

    assert heard.intent is not None
    assert heard.intent.name == "book_table"
    assert not heard.sure


def test_an_answer_at_the_beginning_is_told_apart() -> None:
    heard = LISTENERS["bistro"].hear("yes i would like to book a table for two")

    assert heard.answer is True
    assert heard.intent is not None
    assert heard.filled.values == {"guests": 2}


def test_an_agent_without_tools_understands_only_what_everyone_says() -> None:
    listener = Listener(Role())

    assert listener.hear("book a table").intent is None
    assert listener.hear("goodbye").general is not None


_PIECES = sorted({word for _, text in CORPORA.values() for said, *_ in corpus.read(text) for word in said.split()})


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(LISTENERS)), said=st.lists(st.sampled_from(_PIECES), max_size=25) | st.lists(st.text())
)
def test_any_words_are_understood_or_not(name: str, said: list[str]) -> None:
    heard = LISTENERS[name].hear(" ".join(said))

    assert 0.0 <= heard.score <= 1.0
    assert heard.intent is not None or not heard.filled.values
