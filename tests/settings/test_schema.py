import pytest
from pydantic import SecretStr, ValidationError

from offhook.settings import Settings


def test_what_is_not_given_has_its_default() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.engine) == ("127.0.0.1", 8000, "openai")
    assert settings.twilio_auth_token is None
    assert settings.dial_allow == ()
    assert settings.routes == {}


def test_a_speech_server_is_found_and_reached_on_this_machine_unless_said_otherwise() -> None:
    settings = Settings()
    assert (settings.speech_host, settings.speech_port, settings.speech_sessions) == ("127.0.0.1", 8790, 64)
    assert (settings.speech_url, settings.speech_api_key) == (None, None)
    assert (settings.llm_url, settings.llm_model, settings.llm_api_key) == (None, None, None)


def test_settings_do_not_read_the_environment_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFHOOK_PORT", "9000")
    assert Settings().port == 8000


def test_settings_do_not_change() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.port = 9000


def test_two_settings_do_not_share_their_routes() -> None:
    Settings().routes["+1*"] = "shop:agent"
    assert Settings().routes == {}


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="prot"):
        Settings.model_validate({"prot": 9000})


def test_secrets_do_not_show_in_any_text() -> None:
    settings = Settings(openai_api_key=SecretStr("sk-very-secret"), api_token=SecretStr("0123456789abcdef"))
    assert "very-secret" not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    assert "0123456789abcdef" not in f"{settings!r}"

    with pytest.raises(ValidationError) as wrong:
        Settings(api_token=SecretStr("hunter2 and a blank"))
    assert "hunter2" not in f"{wrong.value} {wrong.value!r}"


def test_prefixes_come_as_text_or_as_a_list() -> None:
    assert Settings.model_validate({"dial_allow": " +1, +4420 ,"}).dial_allow == ("+1", "+4420")
    assert Settings.model_validate({"dial_allow": ["+1", " +4420"]}).dial_allow == ("+1", "+4420")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", -1),
        ("port", 65536),
        ("port", True),
        ("port", 80.5),
        ("max_calls_per_worker", 0),
        ("max_calls_per_worker", 10_001),
        ("calls_per_second", 0),
        ("calls_per_second", 101),
        ("calls_per_second", float("nan")),
        ("queue_ms", 99),
        ("queue_ms", 60_001),
        ("drain_seconds", -1),
        ("drain_seconds", float("inf")),
        ("stream_start_seconds", 0),
        ("engine", "cascade"),
        ("speech_url", "https://127.0.0.1:8790/v1/realtime"),
        ("speech_host", "http://127.0.0.1"),
        ("speech_port", 65536),
        ("speech_sessions", 0),
        ("speech_sessions", 1001),
        ("llm_url", "ws://127.0.0.1:11434/v1"),
        ("llm_model", "two words"),
        ("log_level", "loud"),
        ("dial_allow", 44),
        ("dial_allow", [44]),
        ("host", 5),
        ("routes", "shop:agent"),
    ],
)
def test_a_value_outside_its_limits_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({name: value})
