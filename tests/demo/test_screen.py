import shlex
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from tests.demo import evening

from offhook.audio.formats import PCMU_8K
from offhook.demo.kept import Kept
from offhook.demo.recording import Recording, Wait, overlaps
from offhook.demo.scenario import DEMO_AGENT
from offhook.demo.screen import Screen
from offhook.demo.telling import Told, Who
from offhook.demo.verdict import Cut

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


def test_an_answer_is_shown_with_the_callers_wait_for_it() -> None:
    screen, out = plain()
    screen.told(Told(1, Who.AGENT, "Hello.", answers=True), Wait(5000, 5440))

    assert out.getvalue() == "   1.0  agent    Hello.  first sound after 440 ms\n"


KEPT = Kept(Path("out/call.wav"), Path("out/call.json"), Path("out/call.svg"))


def test_the_summary_says_what_was_heard_where_it_was_cut_what_was_written_and_what_was_kept() -> None:
    recording = evening.recording()
    cut = Cut(evening.cut_reply(), overlaps(recording)[0])
    screen, out = plain()
    screen.summary(evening.call(), cut, recording, evening.TABLES, KEPT)

    shown = out.getvalue()
    assert f"the caller had heard {evening.HEARD_MS} of {evening.REPLY_MS} ms: “From Tuesday to" in shown
    assert "2 turns of the caller, 2 of the agent, 2 tool calls" in shown
    assert f"first sound {evening.WAIT_MS}, {evening.WAIT_MS} ms" in shown
    assert f"p50 {evening.WAIT_MS} ms" in shown
    assert "bookings: id=1, guests=4, phone='+15550001111'" in shown
    for kept in ("call.wav", "call.json", "call.svg"):
        assert f"out/{kept}" in shown
    pointer = next(line for line in shown.splitlines() if "^" in line)
    agent = next(line for line in shown.splitlines() if line.strip().startswith("agent"))
    assert agent[pointer.index("^") - 1] != "·"
    assert agent[pointer.index("^") + 1] == "·"


def test_who_is_put_through_was_answered() -> None:
    silence = PCMU_8K.silence(2000)
    screen, out = plain()
    screen.summary(evening.call(end_reason="transferred"), None, Recording(silence, silence), (), KEPT)

    assert "never answered" not in out.getvalue()
    assert "the caller was put through" in out.getvalue()


def test_after_the_restaurant_it_suggests_another_booking_and_an_agent_of_ones_own() -> None:
    screen, out = plain()
    screen.next_steps(DEMO_AGENT, ("what are your opening hours",))

    assert 'offhook demo --say "a table for two on sunday please"' in out.getvalue()
    assert "offhook demo --agent my_module:agent" in out.getvalue()


def test_after_another_agent_it_suggests_that_agents_own_examples() -> None:
    screen, out = plain()
    screen.next_steps("my_shop:agent", ("where is my order", "it's 5 o'clock", 'say "hi"'))

    suggested = out.getvalue().split(maxsplit=1)[1]
    assert shlex.split(suggested) == [
        *("offhook", "demo", "--agent", "my_shop:agent", "--say"),
        *("where is my order", "it's 5 o'clock", 'say "hi"'),
    ]
    assert '"where is my order" "it\'s 5 o\'clock"' in suggested


def test_an_agent_without_examples_is_asked_what_it_can_do() -> None:
    screen, out = plain()
    screen.next_steps("my_shop:agent", ())

    assert 'offhook demo --agent my_shop:agent --say "what can you do"' in out.getvalue()


def test_a_call_in_which_nothing_happened_has_a_summary_too() -> None:
    silence = PCMU_8K.silence(2000)
    screen, out = plain()
    screen.summary(evening.call(), None, Recording(silence, silence), (), KEPT)

    assert "the caller was never answered" in out.getvalue()
    assert "^" not in out.getvalue()
