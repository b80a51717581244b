import pytest
from tests.dialogue.desks import BISTRO, SHOP, SWITCHBOARD
from tests.dialogue.unseen import BANK, GARAGE, PIZZERIA

from offhook.dialogue import attention
from offhook.dialogue.attention import Attention
from offhook.dialogue.domain import read_domain
from offhook.dialogue.listening import listen_for
from offhook.dialogue.port import Role, ToolSpec
from offhook.dialogue.state import Phase, State, Task
from offhook.recognisers.trigrams import START, Trigrams
from offhook.recognisers.vocabulary import Vocabulary


def asking(intent: str, slot: str) -> State:
    return State(Phase.ASKING, Task(intent), slot)


def chance(vocabulary: Vocabulary, sentence: str) -> float:
    """How likely the sentence begins as it does: the first words tell what a caller is at."""
    trigrams = Trigrams(vocabulary.sentences())
    first, *rest = sentence.split()
    found = trigrams.probability(first, START)
    for last, word in zip([first, *rest], rest, strict=False):
        found *= trigrams.probability(word, last)
    return found


def test_who_was_asked_for_a_value_is_likely_to_give_it() -> None:
    ears = Attention(read_domain(BISTRO))
    name, guests = ears.at(asking("book_table", "name")), ears.at(asking("book_table", "guests"))

    assert chance(name, "anna") > 5 * chance(ears.start, "anna")
    assert chance(name, "anna") > 5 * chance(guests, "anna")
    assert chance(guests, "four") > 2 * chance(ears.start, "four")
    assert chance(guests, "four") > 5 * chance(name, "four")


def test_who_has_called_is_likely_to_say_what_for() -> None:
    ears = Attention(read_domain(BISTRO))

    assert chance(ears.start, "book a table") > 3 * chance(ears.at(asking("book_table", "guests")), "book a table")
    assert chance(ears.start, "book a table") > 3 * chance(ears.confirming, "book a table")


@pytest.mark.parametrize("phase", [Phase.CONFIRMING, Phase.CORRECTING])
def test_who_is_asked_whether_it_is_right_is_likely_to_say_yes_or_no(phase: Phase) -> None:
    ears = Attention(read_domain(BISTRO))

    assert ears.at(State(phase, Task("book_table"))) is ears.confirming
    for answer in ("yes", "no", "that's right"):
        assert chance(ears.confirming, answer) > 2 * chance(ears.start, answer)


@pytest.mark.parametrize("phase", [Phase.IDLE, Phase.WORKING, Phase.LEAVING])
def test_elsewhere_anything_may_be_asked_for(phase: Phase) -> None:
    ears = Attention(read_domain(BISTRO))

    assert ears.at(State(phase)) is ears.start


def test_nothing_is_shut_out_in_any_state() -> None:
    domain = read_domain(BISTRO)
    everything = listen_for(domain)

    for vocabulary in Attention(domain).vocabularies:
        assert vocabulary.patterns == everything.patterns
        assert vocabulary.words == everything.words


def test_without_a_state_each_sentence_is_as_likely_as_any() -> None:
    ears = Attention(read_domain(BISTRO))

    assert ears.at(None) == ears.whole == listen_for(read_domain(BISTRO))


def test_questions_to_which_the_same_is_answered_share_a_vocabulary() -> None:
    ears = Attention(read_domain(SHOP))

    assert ears.at(asking("order_status", "order_number")) is ears.at(asking("cancel_order", "order_number"))


def test_no_tool_is_likelier_for_having_more_sentences() -> None:
    day = {"properties": {"day": {"type": "string", "format": "date"}, "guests": {"type": "integer"}}}
    tools = (ToolSpec("book_boat", "", day), ToolSpec("wash_dog", ""))
    ears = Attention(read_domain(Role(tools=tools)))

    boat, dog = (
        sum(weight for pattern, weight in ears.start.weights.items() if word in pattern.split())
        for word in ("boat", "dog")
    )
    assert boat == pytest.approx(dog)


def test_where_yes_or_no_is_the_value_they_are_likely() -> None:
    garden = {"properties": {"outside": {"type": "boolean"}}, "required": ["outside"]}
    ears = Attention(read_domain(Role(tools=(ToolSpec("book_table", "Book a table.", garden),))))

    assert ears.at(asking("book_table", "outside")) is ears.confirming


def test_free_text_has_no_sentences_of_its_own() -> None:
    domain = read_domain(SWITCHBOARD)
    ears = Attention(domain)

    assert ears.at(asking("leave_message", "message")) is ears.start


def test_of_many_sorts_of_values_the_last_share_a_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "ANSWERS_LIMIT", 1)
    ears = Attention(read_domain(BISTRO))

    assert len(ears.vocabularies) == 4
    assert ears.at(asking("book_table", "time")) is ears.at(asking("book_table", "name"))
    assert ears.at(asking("book_table", "guests")) is not ears.at(asking("book_table", "name"))


@pytest.mark.parametrize("role", [BISTRO, SHOP, SWITCHBOARD, GARAGE, PIZZERIA, BANK, Role()])
def test_an_agent_has_a_few_vocabularies(role: Role) -> None:
    assert 2 <= len(Attention(read_domain(role)).vocabularies) <= attention.ANSWERS_LIMIT + 3
