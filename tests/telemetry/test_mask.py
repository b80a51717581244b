import pytest

from offhook.telemetry.mask import HIDDEN, Mask, is_secret_name

KEY = "sk-0123456789abcdef"


@pytest.mark.parametrize(
    "name",
    ["token", "Authorization", "api-key", "X-Api-Key", "twilio_auth_token", "openai_api_key", "PASSWORD", "secret"],
)
def test_names_of_secrets_are_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["tokens", "max_tokens", "secretary", "call_id", "caller", ""])
def test_other_names_are_not(name: str) -> None:
    assert not is_secret_name(name)


def test_a_secret_is_hidden_wherever_it_stands() -> None:
    assert Mask([KEY]).text(f"key={KEY}, again {KEY}.", 100) == f"key={HIDDEN}, again {HIDDEN}."


def test_a_secret_that_contains_another_is_hidden_whole() -> None:
    assert Mask(["abcdefgh", "abcdefgh-long"]).text("abcdefgh-long", 100) == HIDDEN


def test_a_secret_in_a_url_is_hidden_though_it_is_quoted() -> None:
    assert Mask(["pass/word+1"]).text("https://host/?key=pass%2Fword%2B1", 100) == f"https://host/?key={HIDDEN}"


def test_credentials_are_hidden_though_nobody_knew_them() -> None:
    assert Mask().text("Authorization: Bearer abcdef0123456789ABC", 100) == f"Authorization: Bearer {HIDDEN}"
    assert Mask().text("'BASIC QUM6dG9rZW4tb2YtdGhlLWFjY291bnQ='", 100) == f"'BASIC {HIDDEN}'"
    assert Mask().text("basic words, bearer of news", 100) == "basic words, bearer of news"


def test_a_value_too_short_to_be_a_secret_hides_nothing() -> None:
    assert Mask(["x", ""]).text("example", 100) == "example"


@pytest.mark.parametrize("keep_end", [False, True])
def test_text_is_cut_to_its_limit_and_says_so(keep_end: bool) -> None:
    cut = Mask().text("0123456789" * 1000, 200, keep_end=keep_end)
    assert len(cut) <= 200
    assert "(10000 characters)" in cut
    assert Mask().text("a" * 200, 200, keep_end=keep_end) == "a" * 200


def test_the_kept_end_is_the_end() -> None:
    assert Mask().text("a" * 1000 + "the error", 100, keep_end=True).endswith("the error")
    assert Mask().text("the event" + "a" * 1000, 100).startswith("the event")


@pytest.mark.parametrize("keep_end", [False, True])
@pytest.mark.parametrize("before", range(130))
def test_a_secret_that_the_cut_goes_through_does_not_show_its_half(before: int, keep_end: bool) -> None:
    # Secrets ahead of the cut shrink when they are hidden, and so move the text behind them.
    text = "." * before + KEY * 3 + "," * 60 + KEY + ";" * 400
    text = text[::-1].replace(KEY[::-1], KEY) if keep_end else text
    cut = Mask([KEY]).text(text, 100, keep_end=keep_end)
    assert "sk-0" not in cut
    assert "cdef" not in cut
    assert len(cut) <= 100


def test_a_limit_of_nothing_shows_nothing() -> None:
    assert len(Mask([KEY]).text("some words", 1)) == 1
    assert len(Mask([KEY]).text("some words", 1, keep_end=True)) == 1
