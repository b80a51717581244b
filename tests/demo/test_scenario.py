import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from offhook.agents.builtin import offered_tools
from offhook.audio.formats import PCM16_16K, PCMU_8K
from offhook.audio.wav import write_wav
from offhook.demo.agent import SILENCE_MS, agent
from offhook.demo.failure import DemoFailed
from offhook.demo.scenario import (
    LINES_LIMIT,
    WAV_LIMIT_S,
    WhileSpeaking,
    own_agent,
    own_lines,
    own_sound,
    require_agent,
    table_for_four,
)
from offhook.errors import AgentError, AudioError
from offhook.examples import table_booking

SATURDAY = date(2026, 11, 21)
A_WEEK = [SATURDAY + timedelta(days=days) for days in range(7)]


@pytest.mark.parametrize("today", A_WEEK, ids="{:%A}".format)
def test_the_table_is_booked_for_a_day_that_is_open_and_still_to_come(today: date) -> None:
    scenario = table_for_four(today)
    assert scenario.promise is not None
    booked = datetime.fromisoformat(str(scenario.promise.row["starts_at"]))

    assert 1 <= (booked.date() - today).days <= 6
    assert f"{booked:%A}".lower() != table_booking.CLOSED_ON
    assert table_booking.OPENS <= booked.time() <= table_booking.LAST_GUESTS
    assert f"We would like to come on {booked:%A}." in [turn.text for turn in scenario.turns]


def test_there_are_six_turns_and_one_of_them_interrupts() -> None:
    turns = table_for_four(SATURDAY).turns

    assert len(turns) >= 6
    assert len([turn for turn in turns if isinstance(turn.cue, WhileSpeaking)]) == 1


def test_the_tools_that_are_promised_are_the_agents() -> None:
    promise = table_for_four(SATURDAY).promise

    assert promise is not None
    assert set(promise.tools) <= set(offered_tools(agent))


def test_the_agent_is_the_example_with_a_quicker_ear() -> None:
    assert dict(agent.tools) == dict(table_booking.agent.tools)
    assert agent.greeting == table_booking.agent.greeting
    assert agent.turn_detection.silence_ms == SILENCE_MS < table_booking.agent.turn_detection.silence_ms


def test_own_lines_are_said_whether_they_are_answered_or_not_and_promise_nothing() -> None:
    scenario = own_lines(["Good   morning!", "Bye."], "shop:agent")

    assert scenario.agent == "shop:agent"
    assert [turn.text for turn in scenario.turns] == ["Good morning!", "Bye."]
    assert scenario.promise is None


@pytest.mark.parametrize("lines", [["hello", " ?! "], ["hello"] * (LINES_LIMIT + 1)])
def test_what_cannot_be_said_is_refused(lines: list[str]) -> None:
    with pytest.raises(DemoFailed):
        own_lines(lines)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 44100, 48000])
def test_a_wav_of_any_common_rate_is_the_callers_sound(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "caller.wav"
    write_wav(path, rate_hz, b"\x10\x20" * rate_hz)

    (turn,) = own_sound(path).turns
    assert turn.text == "caller.wav"
    assert round(PCMU_8K.duration_ms(len(turn.sound)), -1) == 1000


def test_a_wav_that_is_empty_or_too_long_is_refused(tmp_path: Path) -> None:
    for duration_s in (0, WAV_LIMIT_S + 1):
        path = tmp_path / "caller.wav"
        write_wav(path, PCM16_16K.rate_hz, PCM16_16K.silence(duration_s * 1000))
        with pytest.raises(DemoFailed, match=r"caller\.wav lasts"):
            own_sound(path)


def test_a_file_that_is_no_wav_is_told(tmp_path: Path) -> None:
    (tmp_path / "caller.wav").write_text("hello")
    with pytest.raises(AudioError, match="not a WAV file"):
        own_sound(tmp_path / "caller.wav")


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with agents in it."""
    (tmp_path / "demo_test_agents.py").write_text(
        "from offhook import Agent\n"
        "talker = Agent(examples=('what is new', 'who are you'))\n"
        "quiet = Agent()\n"
        "cloudy = Agent(engine='openai')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "demo_test_agents", raising=False)
    return tmp_path


def test_an_agent_with_examples_is_told_those_and_goodbye(agents: Path) -> None:
    told = [turn.text for turn in own_agent("demo_test_agents:talker").turns]

    assert told == ["what is new", "who are you", "Bye bye."]


def test_an_agent_without_examples_is_asked_what_it_can_do(agents: Path) -> None:
    assert [turn.text for turn in own_agent("demo_test_agents:quiet").turns] == ["What can you do?", "Bye bye."]


def test_an_agent_of_another_engine_is_refused(agents: Path) -> None:
    with pytest.raises(DemoFailed, match="wants the engine openai"):
        require_agent("demo_test_agents:cloudy")


def test_an_agent_that_does_not_exist_is_told(agents: Path) -> None:
    with pytest.raises(AgentError, match="there is no module nowhere"):
        require_agent("nowhere:agent")
