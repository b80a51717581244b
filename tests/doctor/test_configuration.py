from pathlib import Path

import pytest
from pydantic import SecretStr

from offhook.doctor.configuration import access, engine_key, settings_read, settings_wrong
from offhook.doctor.finding import Verdict
from offhook.errors import SettingsError
from offhook.settings import Settings, read_settings

LONG = SecretStr("0123456789abcdef0123456789abcdef")


def test_settings_that_load_say_where_they_came_from(tmp_path: Path) -> None:
    (tmp_path / "offhook.toml").write_text("queue_ms = 500\nport = 1")
    finding = settings_read(read_settings({"OFFHOOK_PORT": "9000"}, tmp_path))
    assert (finding.verdict, finding.detail) == (Verdict.OK, "1 from the environment, 1 from offhook.toml")


def test_a_variable_that_is_no_setting_is_a_warning(tmp_path: Path) -> None:
    finding = settings_read(read_settings({"OFFHOOK_PROT": "9000"}, tmp_path))
    assert finding.verdict is Verdict.WARNING
    assert "OFFHOOK_PORT" in finding.detail


def test_a_wrong_setting_fails_with_a_right_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({"OFFHOOK_PORT": "eighty"}, tmp_path)
    finding = settings_wrong(error.value)
    assert finding.verdict is Verdict.FAILED
    assert finding.detail.startswith("OFFHOOK_PORT: must be")
    assert finding.remedy == "for example OFFHOOK_PORT=8000"


def test_access_is_well_with_both_keys() -> None:
    assert access(Settings(twilio_auth_token=LONG, api_token=LONG)).verdict is Verdict.OK


def test_access_from_this_machine_only_is_a_warning() -> None:
    assert access(Settings()).verdict is Verdict.WARNING


def test_an_open_door_fails() -> None:
    finding = access(Settings(host="0.0.0.0", twilio_auth_token=LONG))
    assert finding.verdict is Verdict.FAILED
    assert "OFFHOOK_API_TOKEN" in finding.detail


def test_an_open_speech_server_fails() -> None:
    finding = access(Settings(speech_host="0.0.0.0", twilio_auth_token=LONG, api_token=LONG))
    assert finding.verdict is Verdict.FAILED
    assert "OFFHOOK_SPEECH_API_KEY" in finding.detail


def test_the_vendor_needs_a_key() -> None:
    assert engine_key(Settings(openai_api_key=SecretStr("sk-key"))).verdict is Verdict.OK
    assert engine_key(Settings()).verdict is Verdict.FAILED


def test_another_server_may_do_without() -> None:
    assert engine_key(Settings(openai_url="ws://127.0.0.1:9000/v1/realtime")).verdict is Verdict.WARNING
