from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from offhook.cli.app import app
from offhook.demo import performance
from offhook.demo.failure import DemoFailed


def demo(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["demo", *arguments])


def fails_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    async def perform(*given: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(performance, "perform", perform)


def test_a_demo_that_fails_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fails_with(monkeypatch, DemoFailed("the line never fell silent"))
    result = demo("--out", str(tmp_path))

    assert result.exit_code == 1
    assert result.stderr == "offhook demo: the line never fell silent\n"


def test_the_end_of_the_gateways_log_is_shown_if_it_may_tell_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fails_with(monkeypatch, DemoFailed("the gateway ended as it started", ("first", "last")))

    assert demo("--out", str(tmp_path)).stderr == "  | first\n  | last\noffhook demo: the gateway ended as it started\n"


def test_files_that_cannot_be_written_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = demo("--out", str(tmp_path / "file" / "out"))

    assert result.exit_code == 1
    assert "Not a directory" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_being_stopped_is_no_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fails_with(monkeypatch, KeyboardInterrupt())
    result = demo("--out", str(tmp_path))

    assert result.exit_code == 130
    assert result.stderr == "offhook demo: stopped\n"
