from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from offhook.cli.app import app
from offhook.demo import performance
from offhook.demo.failure import DemoFailed
from offhook.demo.scenario import Scenario
from offhook.demo.screen import Screen


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


class Performed:
    """What the demo was asked to perform."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scenario = Scenario("", ())
        self.options: dict[str, Any] = {}

        async def perform(screen: Screen, folder: Path, scenario: Scenario, **options: Any) -> None:
            self.scenario, self.options = scenario, options

        monkeypatch.setattr(performance, "perform", perform)


@pytest.fixture
def performed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Performed:
    monkeypatch.chdir(tmp_path)
    return Performed(monkeypatch)


def texts(performed: Performed) -> list[str]:
    return [turn.text for turn in performed.scenario.turns]


def test_without_options_a_table_is_booked(performed: Performed) -> None:
    assert demo().exit_code == 0
    assert performed.scenario.promise is not None
    assert performed.options == {"show_log": False, "stay": False}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--say", "a table please", "bye bye"),
        ("--say", "a table please", "--say", "bye bye"),
        ("--agent-log", "--say", "a table please", "bye bye", "--stay"),
    ],
)
def test_the_callers_lines_stand_behind_say(performed: Performed, arguments: tuple[str, ...]) -> None:
    assert demo(*arguments).exit_code == 0
    assert texts(performed) == ["a table please", "bye bye"]
    assert performed.options["stay"] == ("--stay" in arguments)


def test_the_help_shows_how_to_say_something() -> None:
    shown = " ".join(demo("--help").stdout.split())

    assert 'offhook demo --say "when are you open" "bye bye"' in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("a table please",), "write --say"),
        (("--say",), "write what the caller says"),
        (("--say", "hello", "--wav", "caller.wav"), "two callers"),
    ],
)
def test_a_caller_who_is_not_clear_is_a_mistake(performed: Performed, arguments: tuple[str, ...], told: str) -> None:
    result = demo(*arguments)

    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


def test_an_agent_of_ones_own_is_told_its_examples(performed: Performed) -> None:
    assert demo("--agent", "offhook.examples.order_status:agent").exit_code == 0
    assert performed.scenario.agent == "offhook.examples.order_status:agent"
    assert texts(performed)[0] == "where is my order"


@pytest.mark.parametrize("arguments", [("--agent", "nowhere:agent"), ("--wav", "nowhere.wav")])
def test_what_does_not_exist_is_told_in_one_line_and_nothing_is_started(
    performed: Performed, arguments: tuple[str, ...]
) -> None:
    result = demo(*arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith("offhook demo: ")
    assert "nowhere" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not performed.scenario.turns
