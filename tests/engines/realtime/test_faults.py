import pytest

from offhook.engines.realtime.faults import FATAL_CODES, HARMLESS_CODES, Gravity, from_close, gravity
from offhook.wires.openai_realtime.server_events import ErrorBody


@pytest.mark.parametrize("word", sorted(FATAL_CODES))
def test_what_only_money_or_a_key_can_cure_is_fatal_in_either_field(word: str) -> None:
    assert gravity(ErrorBody(code=word)) is Gravity.FATAL
    assert gravity(ErrorBody(type=word)) is Gravity.FATAL


@pytest.mark.parametrize("word", sorted(HARMLESS_CODES))
def test_messages_that_crossed_on_the_way_are_harmless(word: str) -> None:
    assert gravity(ErrorBody(type="invalid_request_error", code=word)) is Gravity.HARMLESS


def test_an_expired_session_is_of_no_more_use_but_another_is() -> None:
    assert gravity(ErrorBody(type="invalid_request_error", code="session_expired")) is Gravity.LOSES_SESSION


@pytest.mark.parametrize("error", [ErrorBody(), ErrorBody(type="server_error"), ErrorBody(code="rate_limit_exceeded")])
def test_all_else_is_a_complaint_and_the_session_goes_on(error: ErrorBody) -> None:
    assert gravity(error) is Gravity.COMPLAINT


@pytest.mark.parametrize("code", [None, 0, 1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 4001])
def test_closes_that_another_session_may_cure_are_retryable(code: int | None) -> None:
    assert from_close("openai", code, "").retryable


@pytest.mark.parametrize("code", [1002, 1003, 1007, 1008, 1009, 1010])
def test_closes_that_say_something_of_us_are_not(code: int) -> None:
    failure = from_close("openai", code, "because")

    assert not failure.retryable
    assert failure.code == str(code)
    assert "because" in str(failure)
