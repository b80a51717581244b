from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from tests.demo import evening

from offhook.demo.recording import Cut, overlap
from offhook.demo.screen import Screen
from offhook.demo.telling import Told, Who

LONG = Told(
    12.3, Who.AGENT, "On Saturday the kitchen is open from noon until eleven at night. " * 3, "first sound after 251 ms"
)


def plain() -> tuple[Screen, StringIO]:
    out = StringIO()
    return Screen(Console(file=out, highlight=False)), out


def terminal(columns: int = 80) -> tuple[Screen, StringIO]:
    out = StringIO()
    return Screen(Console(file=out, highlight=False, force_terminal=True, width=columns, color_system="standard")), out


def test_without_a_terminal_a_line_is_one_plain_line() -> None:
    screen, out = plain()
    screen.told(LONG)

    assert out.getvalue() == f"  12.3  agent    {LONG.text}  {LONG.aside}\n"


def test_without_a_terminal_there_are_no_meters() -> None:
    screen, out = plain()
    with screen.meters():
        screen.levels(-20, -20)

    assert out.getvalue() == ""


def test_on_a_terminal_a_long_line_is_broken_and_stays_in_its_column() -> None:
    screen, out = terminal()
    screen.told(LONG)

    assert "\x1b[" in out.getvalue()
    assert len(out.getvalue().splitlines()) > 2


def test_on_a_terminal_the_levels_move() -> None:
    screen, out = terminal()
    with screen.meters():
        screen.levels(-96, -14)
        screen.told(Told(1, Who.CALLER, "Hello."))

    assert "█" in out.getvalue()
    assert "Hello." in out.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    screen, out = terminal()
    screen.told(Told(1, Who.CALLER, "Hello."))

    assert "\x1b[36m" not in out.getvalue()


def test_what_was_said_is_never_read_as_markup() -> None:
    screen, out = plain()
    screen.told(Told(1, Who.CALLER, "[bold]Hello[/bold] [/]"))
    screen.log_line("[red]a log line[/]")

    assert "[bold]Hello[/bold] [/]" in out.getvalue()
    assert "[red]a log line[/]" in out.getvalue()


def test_the_summary_says_what_was_heard_where_it_was_cut_and_what_was_kept() -> None:
    recording = evening.recording()
    cut = Cut(evening.cut_reply(), overlap(recording))
    screen, out = plain()
    screen.summary(evening.call(), cut, recording, (Path("out/call.wav"), Path("out/call.json")))

    shown = out.getvalue()
    assert f"the caller heard {evening.HEARD_MS} of {evening.SOUND_MS} ms: “On Saturday the kitchen" in shown
    assert "2 turns of the caller, 2 of the agent, 3 tool calls" in shown
    assert "251, 504 ms" in shown
    assert "out/call.wav" in shown
    assert "out/call.json" in shown
    pointer = next(line for line in shown.splitlines() if "^" in line)
    agent = next(line for line in shown.splitlines() if line.strip().startswith("agent"))
    assert agent[pointer.index("^") - 1] != "·"
    assert set(agent[pointer.index("^") + 1 :]) == {"·"}
