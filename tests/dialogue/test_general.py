import pytest

from offhook.dialogue.general import General, affirmed, leading_answer, read_general
from offhook.dialogue.words import words


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yes", General.YES),
        ("yeah", General.YES),
        ("um yes please", General.YES),
        ("that's right", General.YES),
        ("no", General.NO),
        ("nope", General.NO),
        ("no, that's wrong", General.NO),
        ("no thank you", General.NO),
        ("could you please repeat that", General.REPEAT),
        ("sorry, what did you say?", General.REPEAT),
        ("pardon", General.REPEAT),
        ("what can you do?", General.HELP),
        ("help", General.HELP),
        ("I want to speak to a human", General.HUMAN),
        ("get me a real person please", General.HUMAN),
        ("can you connect me with an operator", General.HUMAN),
        ("operator", General.HUMAN),
        ("goodbye", General.GOODBYE),
        ("thank you, bye", General.GOODBYE),
        ("ok bye then", General.GOODBYE),
        ("never mind", General.STOP),
        ("I don't know", General.DO_NOT_KNOW),
        ("thanks", General.THANKS),
        ("good morning", General.HELLO),
    ],
)
def test_what_everyone_says_is_understood(said: str, meant: General) -> None:
    assert read_general(words(said)) is meant


@pytest.mark.parametrize(
    "said",
    [
        "",
        "um",
        "I know",
        "yes I want a table",
        "table",
        "a table for four",
        "I have four persons",
        "can you repeat my last order with extra cheese please",
        "tomorrow",
    ],
)
def test_other_sentences_are_not_taken_for_it(said: str) -> None:
    assert read_general(words(said)) is None


@pytest.mark.parametrize(
    ("said", "answer", "rest"),
    [
        ("yes", True, ""),
        ("no, for five", False, "for five"),
        ("no thank you", False, ""),
        ("yes please, at seven", True, "at seven"),
        ("well no, I said tuesday", False, "tuesday"),
        ("for five", None, "for five"),
        ("", None, ""),
    ],
)
def test_a_yes_or_no_at_the_beginning_is_taken_off(said: str, answer: bool | None, rest: str) -> None:
    assert leading_answer(words(said)) == (answer, tuple(rest.split()))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("i do not want to talk to sales", "i do"),
        ("do not connect me to sales but to support", "do but to support"),
        ("i do not want to talk to a machine get me a person", "i do get me a person"),
        ("not support", ""),
        ("you do not understand me connect me to sales", "you do me connect me to sales"),
        ("can i not talk to a person", "can i not talk to a person"),
        ("connect me to sales", "connect me to sales"),
    ],
)
def test_what_a_caller_does_not_want_is_left_out(said: str, left: str) -> None:
    assert " ".join(affirmed(said.split())) == left


@pytest.mark.parametrize("said", ["i do not want to talk to a person", "never connect me to an operator"])
def test_who_does_not_want_a_person_is_not_given_one(said: str) -> None:
    assert read_general(words(said)) is not General.HUMAN


@pytest.mark.parametrize(
    "said",
    ["never connect me to machines get me a person", "this does not work connect me to a person",
     "can i not talk to a person", "i can not reach anyone"],
)  # fmt: skip
def test_a_not_about_something_else_still_asks_for_a_person(said: str) -> None:
    assert read_general(words(said)) is General.HUMAN
