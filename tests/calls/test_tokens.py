import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offhook.calls.tokens import VALID_S, StreamTokens, TokenFault

TOKENS = StreamTokens(b"secret")
NOW = 1_750_000_000.4


def test_a_token_gives_back_its_fence() -> None:
    assert TOKENS.check("call_1", TOKENS.issue("call_1", 7, NOW), NOW + 1) == 7


def test_a_token_is_for_one_call() -> None:
    assert TOKENS.check("call_2", TOKENS.issue("call_1", 7, NOW), NOW) is TokenFault.FORGED


def test_a_token_of_another_secret_is_forged() -> None:
    assert TOKENS.check("call_1", StreamTokens(b"other").issue("call_1", 7, NOW), NOW) is TokenFault.FORGED


def test_a_token_expires() -> None:
    token = TOKENS.issue("call_1", 7, NOW)

    assert TOKENS.check("call_1", token, NOW + VALID_S - 1) == 7
    assert TOKENS.check("call_1", token, NOW + VALID_S + 1) is TokenFault.EXPIRED


@pytest.mark.parametrize("part", [0, 1, 2])
def test_no_part_of_a_token_can_be_changed(part: int) -> None:
    parts = TOKENS.issue("call_1", 7, NOW).split(".")
    parts[part] = {"0": "8", "1": str(int(parts[1]) + 3600), "2": "A" * len(parts[2])}[str(part)]

    assert TOKENS.check("call_1", ".".join(parts), NOW) is TokenFault.FORGED


def test_a_forged_token_is_not_called_expired() -> None:
    assert TOKENS.check("call_1", f"7.{int(NOW) - 9999}.{'A' * 24}", NOW) is TokenFault.FORGED


def test_the_parts_cannot_be_shifted() -> None:
    assert TOKENS.issue("call_1", 11, NOW) != TOKENS.issue("call_1\n1", 1, NOW)
    token = TOKENS.issue("call_1\n1", 1, NOW).removeprefix("1.")

    assert TOKENS.check("call_1", f"11.{token}", NOW) is TokenFault.FORGED


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "7", "7.8", "7.8.9.10", "-7.8.x", "7.8e3.x", " 7.8.x", "٧.8.x", "²3.8.x", f"{'9' * 21}.8.x"],
)
def test_what_is_no_token_is_malformed(token: str) -> None:
    assert TOKENS.check("call_1", token, NOW) is TokenFault.MALFORMED


@settings(deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"[0-9]{1,20}\.[0-9]{1,20}\..*", fullmatch=True))
def test_nothing_that_is_made_up_opens_anything(token: str) -> None:
    assert isinstance(TOKENS.check("call_1", token, NOW), TokenFault)


def test_a_token_fits_into_a_path() -> None:
    token = TOKENS.issue("call_1", 7, NOW)

    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
