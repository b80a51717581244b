import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from offhook.cli.app import app


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("OFFHOOK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "160")


def run(**environ: str) -> Result:
    return CliRunner().invoke(app, ["doctor", "--offline"], env={"OFFHOOK_PORT": "0", **environ})


def test_a_set_up_that_works_ends_with_0() -> None:
    result = run(OFFHOOK_OPENAI_API_KEY="sk-key", OFFHOOK_MAX_CALLS_PER_WORKER="1")
    assert result.exit_code == 0
    assert "failed" not in result.stdout
    assert "OFFHOOK_OPENAI_API_KEY is set" in result.stdout


def test_a_warning_ends_with_0_and_has_its_remedy() -> None:
    result = run(OFFHOOK_OPENAI_API_KEY="sk-key", OFFHOOK_MAX_CALLS_PER_WORKER="1", OFFHOOK_PROT="1")
    assert result.exit_code == 0
    assert "OFFHOOK_PROT is not a setting; did you mean OFFHOOK_PORT?" in result.stdout
    assert "→ correct the name, or unset the variable" in result.stdout


def test_a_failure_ends_with_1_and_has_its_remedy() -> None:
    result = run()
    assert result.exit_code == 1
    assert "→ set OFFHOOK_OPENAI_API_KEY" in result.stdout


def test_wrong_settings_are_a_finding_and_not_an_error() -> None:
    result = run(OFFHOOK_QUEUE_MS="x")
    assert result.exit_code == 1
    assert "→ for example OFFHOOK_QUEUE_MS=2000" in result.stdout


def test_offline_asks_nobody() -> None:
    result = run(OFFHOOK_OPENAI_URL="wss://nowhere.invalid/v1/realtime")
    assert "nowhere.invalid" not in result.stdout
