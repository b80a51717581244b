import logging
from pathlib import Path

import pytest

from offhook.errors import SettingsError
from offhook.settings import Origin, load_settings, read_settings

SECRETS = [
    "openai_api_key",
    "speech_api_key",
    "llm_api_key",
    "twilio_auth_token",
    "api_token",
    "metrics_token",
    "secret",
]


def write(folder: Path, text: str, name: str = "offhook.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def wrong(environ: dict[str, str], cwd: Path) -> SettingsError:
    with pytest.raises(SettingsError) as error:
        load_settings(environ, cwd)
    assert "\n" not in str(error.value)
    return error.value


def test_with_nothing_set_everything_is_default(tmp_path: Path) -> None:
    reading = read_settings({}, tmp_path)
    assert reading.settings.port == 8000
    assert set(reading.origins.values()) == {Origin.DEFAULT}
    assert reading.file is None
    assert reading.warnings == ()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'port = 9000\nopenai_model = "gpt-realtime-2.1"\n')
    reading = read_settings({"OFFHOOK_PORT": "9001"}, tmp_path)
    assert reading.settings.port == 9001
    assert reading.settings.openai_model == "gpt-realtime-2.1"
    assert reading.file == path
    assert (reading.origins["port"], reading.origins["openai_model"], reading.origins["host"]) == (
        Origin.ENVIRONMENT,
        Origin.FILE,
        Origin.DEFAULT,
    )


def test_the_process_environment_and_directory_are_read_by_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(tmp_path, "queue_ms = 500")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OFFHOOK_PORT", "9002")
    settings = load_settings()
    assert (settings.port, settings.queue_ms) == (9002, 500)


def test_a_variable_names_another_file(tmp_path: Path) -> None:
    write(tmp_path, "port = 9000")
    write(tmp_path, "port = 9003", "other.toml")
    assert load_settings({"OFFHOOK_CONFIG": "other.toml"}, tmp_path).port == 9003
    assert load_settings({"OFFHOOK_CONFIG": str(tmp_path / "other.toml")}, Path("/")).port == 9003


def test_the_file_that_a_variable_names_must_be_there(tmp_path: Path) -> None:
    error = wrong({"OFFHOOK_CONFIG": "nowhere.toml"}, tmp_path)
    assert str(error) == "OFFHOOK_CONFIG: there is no file 'nowhere.toml'; for example OFFHOOK_CONFIG=offhook.toml"


def test_an_empty_value_counts_as_not_set(tmp_path: Path) -> None:
    write(tmp_path, 'twilio_number = ""\nopenai_model = "  "')
    reading = read_settings({"OFFHOOK_PORT": "", "OFFHOOK_API_TOKEN": " ", "OFFHOOK_CONFIG": ""}, tmp_path)
    assert (reading.settings.port, reading.settings.api_token, reading.settings.twilio_number) == (8000, None, None)
    assert reading.settings.openai_model == "gpt-realtime-2"
    assert set(reading.origins.values()) == {Origin.DEFAULT}


def test_an_empty_variable_lets_the_file_speak(tmp_path: Path) -> None:
    write(tmp_path, "port = 9000")
    assert load_settings({"OFFHOOK_PORT": ""}, tmp_path).port == 9000


def test_an_empty_transcription_model_turns_transcription_off(tmp_path: Path) -> None:
    assert load_settings({"OFFHOOK_OPENAI_TRANSCRIPTION_MODEL": ""}, tmp_path).openai_transcription_model == ""
    write(tmp_path, 'openai_transcription_model = ""')
    assert load_settings({}, tmp_path).openai_transcription_model == ""


def test_blanks_around_a_value_are_dropped(tmp_path: Path) -> None:
    write(tmp_path, 'openai_model = " gpt-realtime-2.1 "\n[routes]\n"+1*" = " shop:agent "')
    settings = load_settings({"OFFHOOK_HOST": " ::1\n", "OFFHOOK_OPENAI_API_KEY": " sk-key\n"}, tmp_path)
    assert (settings.host, settings.openai_model) == ("::1", "gpt-realtime-2.1")
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-key"
    assert settings.routes == {"+1*": "shop:agent"}


def test_routes_come_from_their_table(tmp_path: Path) -> None:
    write(tmp_path, '[routes]\n"+15550001111" = "shop:agent"\n"+1555*" = "shop:sales"')
    assert load_settings({}, tmp_path).routes == {"+15550001111": "shop:agent", "+1555*": "shop:sales"}


def test_a_wrong_variable_is_named_with_the_reason_and_a_right_one(tmp_path: Path) -> None:
    error = wrong({"OFFHOOK_PORT": "eighty"}, tmp_path)
    assert str(error) == (
        "OFFHOOK_PORT: must be a whole number between 0 and 65535, not 'eighty'; for example OFFHOOK_PORT=8000"
    )
    assert (error.name, error.example) == ("OFFHOOK_PORT", "OFFHOOK_PORT=8000")


def test_a_wrong_line_of_the_file_is_named_as_the_file_has_it(tmp_path: Path) -> None:
    write(tmp_path, "port = true")
    assert str(wrong({}, tmp_path)) == (
        "port in offhook.toml: must be a whole number between 0 and 65535, not True; for example port = 8000"
    )
    write(tmp_path, "openai_model = 5")
    assert str(wrong({}, tmp_path)).startswith("openai_model in offhook.toml: must be a model's name, not 5;")


@pytest.mark.parametrize(
    ("variable", "given", "told"),
    [
        ("ENGINE", "cascade", "must be openai or local, not 'cascade'; for example OFFHOOK_ENGINE=openai"),
        (
            "SPEECH_URL",
            "http://127.0.0.1:8790",
            "must be a wss:// or ws:// address, not 'http://127.0.0.1:8790'; "
            "for example OFFHOOK_SPEECH_URL=ws://127.0.0.1:8790/v1/realtime",
        ),
        (
            "SPEECH_SESSIONS",
            "0",
            "must be a whole number between 1 and 1000, not '0'; for example OFFHOOK_SPEECH_SESSIONS=64",
        ),
        (
            "LLM_URL",
            "127.0.0.1:11434",
            "must be an https:// or http:// address without a query, not '127.0.0.1:11434'; "
            "for example OFFHOOK_LLM_URL=http://127.0.0.1:11434/v1",
        ),
        ("LLM_MODEL", "two words", "must be a model's name, not 'two words'; for example OFFHOOK_LLM_MODEL=llama3.2"),
    ],
)
def test_of_the_embedded_engine_each_wrong_setting_is_told_in_one_line(
    variable: str, given: str, told: str, tmp_path: Path
) -> None:
    assert str(wrong({f"OFFHOOK_{variable}": given}, tmp_path)) == f"OFFHOOK_{variable}: {told}"


def test_only_the_wrong_item_of_a_list_is_shown(tmp_path: Path) -> None:
    assert "not '44';" in str(wrong({"OFFHOOK_DIAL_ALLOW": "+1,44"}, tmp_path))
    write(tmp_path, '[routes]\n"+1*" = "shop:agent"\n"+44*" = "shop"')
    assert "not {'+44*': 'shop'};" in str(wrong({}, tmp_path))


def test_of_several_wrong_settings_the_first_of_the_table_is_told(tmp_path: Path) -> None:
    assert wrong({"OFFHOOK_QUEUE_MS": "x", "OFFHOOK_PORT": "x"}, tmp_path).name == "OFFHOOK_PORT"


@pytest.mark.parametrize("name", [*SECRETS, "twilio_account_sid"])
def test_a_wrong_secret_is_not_shown(name: str, tmp_path: Path) -> None:
    given = "hünter 2"
    error = wrong({f"OFFHOOK_{name.upper()}": given}, tmp_path)
    assert "nter 2" not in f"{error} {error!r} {error.__cause__!r}"
    assert f"OFFHOOK_{name.upper()}: must be" in str(error)
    write(tmp_path, f'{name} = "{given}"')
    assert "nter 2" not in str(wrong({}, tmp_path))


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    error = wrong({"OFFHOOK_PUBLIC_URL": "https://me:hunter2@voice.example.com"}, tmp_path)
    assert "hunter2" not in str(error)


def test_a_long_wrong_value_is_cut(tmp_path: Path) -> None:
    assert len(str(wrong({"OFFHOOK_PORT": "9" * 10_000}, tmp_path))) < 250


def test_a_typo_in_the_file_is_an_error_that_names_the_nearest_setting(tmp_path: Path) -> None:
    write(tmp_path, "prot = 9000")
    assert str(wrong({}, tmp_path)) == (
        "prot in offhook.toml: no such setting; did you mean port?; for example port = 8000"
    )
    write(tmp_path, "[zebra]\nstripes = 9")
    assert str(wrong({}, tmp_path)).startswith("zebra in offhook.toml: no such setting;")


def test_a_typo_in_the_environment_is_a_warning_that_names_the_nearest_setting(tmp_path: Path) -> None:
    environ = {
        "OFFHOOK_OPENAI_KEY": "x",
        "OFFHOOK_port": "9000",
        "OFFHOOK_ZEBRA": "x",
        "PORT": "1",
        "OFFHOOK_CONFIGG": "",
    }
    assert read_settings(environ, tmp_path).warnings == (
        "OFFHOOK_CONFIGG is not a setting; did you mean OFFHOOK_CONFIG?",
        "OFFHOOK_OPENAI_KEY is not a setting; did you mean OFFHOOK_OPENAI_API_KEY?",
        "OFFHOOK_ZEBRA is not a setting; `offhook config` lists them",
        "OFFHOOK_port is not a setting; did you mean OFFHOOK_PORT?",
    )


def test_routes_in_the_environment_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    assert read_settings({"OFFHOOK_ROUTES": "{}"}, tmp_path).warnings == (
        "OFFHOOK_ROUTES is not read: routes is set in offhook.toml",
    )


def test_loading_logs_the_warnings(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load_settings({"OFFHOOK_PROT": "9000"}, tmp_path)
    assert caplog.record_tuples == [
        ("offhook.settings", logging.WARNING, "OFFHOOK_PROT is not a setting; did you mean OFFHOOK_PORT?")
    ]


def test_a_file_that_is_not_toml_is_named_with_the_place(tmp_path: Path) -> None:
    write(tmp_path, "port = 9000\nhost = 127.0.0.1\n")
    assert "offhook.toml: not TOML: " in str(wrong({}, tmp_path))
    assert "line 2" in str(wrong({}, tmp_path))


def test_a_file_that_is_not_utf_8_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "offhook.toml").write_bytes(b'host = "\xff"')
    assert str(wrong({}, tmp_path)).startswith("offhook.toml: not UTF-8 at byte 8")


def test_a_folder_with_the_name_of_the_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "offhook.toml").mkdir()
    assert read_settings({}, tmp_path).file is None
    assert wrong({"OFFHOOK_CONFIG": "offhook.toml"}, tmp_path).name == "OFFHOOK_CONFIG"
