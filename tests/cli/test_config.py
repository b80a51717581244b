import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from offhook.cli.app import app
from offhook.settings import TABLE

LONG = "0123456789abcdef0123456789abWXYZ"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("OFFHOOK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "160")


def run(*arguments: str, **environ: str) -> Result:
    result = CliRunner().invoke(app, ["config", *arguments], env=environ)
    assert result.exit_code == 0, result.output
    return result


def records(**environ: str) -> dict[str, dict[str, Any]]:
    return {record["name"]: record for record in json.loads(run("--json", **environ).stdout)}


def test_every_setting_is_shown_with_what_it_is() -> None:
    shown = run().stdout
    for setting in TABLE:
        assert (setting.variable or "[routes]") in shown
    assert "The TCP port that the gateway listens on" in shown


def test_where_a_value_came_from_is_shown(tmp_path: Path) -> None:
    (tmp_path / "offhook.toml").write_text('queue_ms = 500\n[routes]\n"+1555*" = "shop:sales"\n')
    lines = run(OFFHOOK_PORT="9000").stdout.splitlines()
    assert [line.split()[-2:] for line in lines if "OFFHOOK_PORT" in line] == [["9000", "environment"]]
    assert [line.split()[-2:] for line in lines if "OFFHOOK_QUEUE_MS" in line] == [["500", "offhook.toml"]]
    assert [line.split()[-2:] for line in lines if "OFFHOOK_HOST" in line] == [["127.0.0.1", "default"]]
    assert any("+1555* → shop:sales" in line for line in lines)


def test_json_holds_values_and_origins(tmp_path: Path) -> None:
    (tmp_path / "offhook.toml").write_text('[routes]\n"+1555*" = "shop:sales"\n')
    shown = records(OFFHOOK_PORT="9000", OFFHOOK_DIAL_ALLOW="+1,+44")
    assert [*shown] == [setting.name for setting in TABLE]
    assert (shown["port"]["value"], shown["port"]["origin"]) == (9000, "environment")
    assert shown["dial_allow"]["value"] == ["+1", "+44"]
    assert (shown["routes"]["value"], shown["routes"]["origin"]) == ({"+1555*": "shop:sales"}, "file")
    assert shown["public_url"]["value"] is None
    assert shown["routes"]["variable"] is None


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_secrets_are_masked(arguments: list[str]) -> None:
    environ = {s.variable: f"{s.name}-{LONG}" for s in TABLE if s.secret and s.variable}
    shown = run(*arguments, **environ).stdout
    assert "0123" not in shown
    assert shown.count("set, ends in WXYZ") == len(environ) == 7


def test_of_a_short_secret_nothing_is_shown() -> None:
    assert records(OFFHOOK_OPENAI_API_KEY="sk-12345678")["openai_api_key"]["value"] == "set"
    assert records()["openai_api_key"]["value"] is None


def test_square_brackets_are_not_markup(tmp_path: Path) -> None:
    assert "ws://[::1]:9000/v1" in run(OFFHOOK_OPENAI_URL="ws://[::1]:9000/v1").stdout


def test_a_typo_is_told_beside_the_output() -> None:
    result = run("--json", OFFHOOK_PROT="9000")
    assert result.stderr == "offhook: OFFHOOK_PROT is not a setting; did you mean OFFHOOK_PORT?\n"
    json.loads(result.stdout)
