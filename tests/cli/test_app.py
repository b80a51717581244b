import subprocess
import sys
from pathlib import Path

import pytest
import typer

from offhook import cli
from offhook.cli import app as commands
from offhook.errors import CallNotFound

HEAVY = ["fastapi", "twilio", "soxr", "numpy", "picows", "httpx", "structlog", "uvicorn"]


def offhook(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("offhook")
    return subprocess.run(
        [program, *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_version_is_told(tmp_path: Path) -> None:
    from importlib.metadata import version

    assert offhook("--version", cwd=tmp_path).stdout == f"offhook {version('offhook')}\n"


def test_help_names_the_commands(tmp_path: Path) -> None:
    shown = offhook("--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert "config" in shown.stdout
    assert "doctor" in shown.stdout


def test_help_does_not_import_what_it_does_not_need() -> None:
    program = (
        "import sys; sys.argv = ['offhook', '--help']\n"
        "from offhook.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('imported', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.splitlines()[-1] == "imported []"


def test_a_wrong_setting_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    shown = offhook("config", cwd=tmp_path, OFFHOOK_PORT="eighty")
    assert shown.returncode == 2
    assert shown.stdout == ""
    assert shown.stderr == (
        "offhook: OFFHOOK_PORT: must be a whole number between 0 and 65535, not 'eighty'; "
        "for example OFFHOOK_PORT=8000\n"
    )


def test_any_error_of_ours_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()

    @app.command()
    def show() -> None:
        raise CallNotFound("c1")

    monkeypatch.setattr(commands, "app", app)
    monkeypatch.setattr(sys, "argv", ["offhook"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "offhook: no call 'c1'\n"


def test_an_unknown_command_is_told(tmp_path: Path) -> None:
    shown = offhook("answer", cwd=tmp_path)
    assert shown.returncode == 2
    assert "answer" in shown.stderr
