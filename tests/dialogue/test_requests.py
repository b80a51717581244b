import pytest

from offhook.calls import asked
from offhook.dialogue import manners
from offhook.dialogue.requests import Wanted, read_request


@pytest.mark.parametrize(
    ("instructions", "wanted"),
    [
        (asked.greet("Bistro: good evening! “Hello”"), Wanted("Bistro: good evening! “Hello”")),
        (asked.greet("Two lines.\nReally."), Wanted("Two lines.\nReally.")),
        (asked.ARE_YOU_THERE, Wanted(manners.ARE_YOU_THERE, goes_on=True)),
        (asked.NOBODY_ANSWERS, Wanted(manners.GOODBYE)),
        (asked.TIME_IS_UP, Wanted(manners.TIME_IS_UP)),
        (asked.LINE_WAS_LOST, Wanted(manners.LINE_WAS_LOST, goes_on=True)),
    ],
)
def test_what_the_gateway_asks_for_is_done(instructions: str, wanted: Wanted) -> None:
    assert read_request(instructions) == wanted


@pytest.mark.parametrize(
    ("instructions", "text"),
    [
        ('Say exactly "Please hold the line."', "Please hold the line."),
        ("Say: Please hold.", "Please hold."),
        ("Tell the caller that the kitchen is closed.", "The kitchen is closed."),
        ("Let the user know that we are late", "We are late."),
        ("Say “Good morning” to them.", "Good morning"),
        ("Greet the caller.", "Hello from us."),
    ],
)
def test_what_a_client_asks_for_in_the_usual_words_is_said(instructions: str, text: str) -> None:
    assert read_request(instructions, "Hello from us.") == Wanted(text)


@pytest.mark.parametrize("instructions", ["", "Be kind.", "Answer in French.", "Use the tools freely."])
def test_what_only_a_model_could_do_is_left(instructions: str) -> None:
    assert read_request(instructions) is None
