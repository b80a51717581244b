import tomllib
from typing import Any

import pytest

from offhook.settings import TABLE, Setting, Settings
from offhook.settings.load import read_settings
from offhook.settings.table import example_of


def row(name: str) -> Setting:
    return next(setting for setting in TABLE if setting.name == name)


def test_every_setting_is_a_row() -> None:
    assert [setting.name for setting in TABLE] == list(Settings.model_fields)


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.name)
def test_every_row_says_what_the_setting_is(setting: Setting) -> None:
    assert setting.description.endswith(".")
    assert setting.must
    assert setting.example not in (None, "")
    assert "|" not in setting.description + setting.must, "would break the table in the docs"


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.name)
def test_every_example_for_the_file_is_right(setting: Setting) -> None:
    given: dict[str, Any] = tomllib.loads(setting.file_line)
    assert list(given) == [setting.name]
    Settings(**given)


@pytest.mark.parametrize("setting", [s for s in TABLE if s.variable], ids=lambda setting: setting.name)
def test_every_example_for_the_environment_is_right(setting: Setting, tmp_path: Any) -> None:
    variable, _, value = setting.variable_line.partition("=")
    assert variable == setting.variable
    reading = read_settings({variable: value}, tmp_path)
    assert reading.origins[setting.name] == "environment"


def test_the_secrets_are_known() -> None:
    assert {s.name for s in TABLE if s.secret} == {
        "openai_api_key",
        "speech_api_key",
        "llm_api_key",
        "twilio_auth_token",
        "api_token",
        "metrics_token",
        "secret",
    }


def test_limits_are_put_into_words() -> None:
    assert row("port").must == "a whole number between 0 and 65535"
    assert row("drain_seconds").must == "a number between 0 and 86400"
    assert row("calls_per_second").must == "a number above 0 and at most 100"
    assert row("engine").must == "openai or local"
    assert row("log_format").must == "auto, json or console"


def test_routes_have_no_variable() -> None:
    assert row("routes").variable is None
    assert row("port").variable == "OFFHOOK_PORT"


def test_an_example_is_found_by_name() -> None:
    assert example_of("speech_port") == "OFFHOOK_SPEECH_PORT=8790"
