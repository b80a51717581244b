from typing import Any

import pytest
from pydantic import SecretStr

from offhook.errors import SettingsError
from offhook.settings import (
    Access,
    Settings,
    access_warnings,
    is_loopback,
    require_safe_access,
    require_safe_speech_access,
)

TWILIO = SecretStr("0123456789abcdef0123456789abcdef")
API = SecretStr("0123456789abcdef")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost", "LocalHost.", "::ffff:127.0.0.1"]
)
def test_loopback_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.0.1", "::ffff:10.0.0.1", "localhost.example.com", "127.0.0.1.example.com", ""]
)
def test_what_only_looks_like_loopback_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_without_keys_on_loopback_both_doors_open_to_this_machine_only() -> None:
    access = require_safe_access(Settings())
    assert access == Access(carrier_loopback_only=True, api_loopback_only=True)
    assert len(access_warnings(Settings())) == 2


def test_with_both_keys_anything_may_be_public() -> None:
    settings = Settings(host="0.0.0.0", public_url="https://voice.example.com", twilio_auth_token=TWILIO, api_token=API)
    assert require_safe_access(settings) == Access(carrier_loopback_only=False, api_loopback_only=False)
    assert access_warnings(settings) == ()


@pytest.mark.parametrize("exposed", [{"host": "0.0.0.0"}, {"host": "::"}, {"public_url": "https://voice.example.com"}])
def test_an_unsigned_webhook_must_not_be_reachable_from_outside(exposed: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as error:
        require_safe_access(Settings(api_token=API, **exposed))
    assert error.value.name == "OFFHOOK_TWILIO_AUTH_TOKEN"
    assert next(iter(exposed)).upper() in error.value.reason


@pytest.mark.parametrize("exposed", [{"host": "10.0.0.5"}, {"public_url": "https://voice.example.com"}])
def test_an_open_api_must_not_be_reachable_from_outside(exposed: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as error:
        require_safe_access(Settings(twilio_auth_token=TWILIO, **exposed))
    assert error.value.name == "OFFHOOK_API_TOKEN"
    assert str(error.value).startswith("OFFHOOK_API_TOKEN: must be set when OFFHOOK_")


def test_one_key_on_loopback_closes_one_door() -> None:
    settings = Settings(twilio_auth_token=TWILIO)
    assert require_safe_access(settings) == Access(carrier_loopback_only=False, api_loopback_only=True)
    assert ["API" in line for line in access_warnings(settings)] == [True]


def test_an_api_token_that_can_be_guessed_is_warned_of() -> None:
    assert any("can be guessed" in line for line in access_warnings(Settings(api_token=SecretStr("short"))))
    assert not any("can be guessed" in line for line in access_warnings(Settings(api_token=SecretStr("x" * 16))))


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.5", "speech.example.com"])
def test_a_speech_server_without_a_key_must_not_be_reachable_from_outside(host: str) -> None:
    with pytest.raises(SettingsError) as error:
        require_safe_speech_access(Settings(speech_host=host))
    assert str(error.value) == (
        f"OFFHOOK_SPEECH_API_KEY: must be set when OFFHOOK_SPEECH_HOST is {host}: anyone could open sessions; "
        "for example OFFHOOK_SPEECH_API_KEY=replace-with-a-long-random-text"
    )
    require_safe_speech_access(Settings(speech_host=host, speech_api_key=API))


def test_a_speech_server_on_loopback_needs_no_key() -> None:
    require_safe_speech_access(Settings())
