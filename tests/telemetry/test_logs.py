import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from offhook.settings import Settings
from offhook.telemetry.logs import TALKATIVE, configure_logs, get_logger, lines_lost
from offhook.telemetry.plain import EXCEPTION_CHARS, FIELD_CHARS

KEY = "sk-0123456789abcdef"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    names = [*TALKATIVE, "uvicorn", "uvicorn.error"]
    before = root.level, list(root.handlers), {name: logging.getLogger(name).level for name in names}
    ours = structlog.get_config() if structlog.is_configured() else None
    yield
    for handler in root.handlers:
        if handler not in before[1]:
            handler.close()
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    for name, level in before[2].items():
        logging.getLogger(name).setLevel(level)
    if ours is not None:
        structlog.configure(**ours)
    else:  # configuring it with what it has would make it say that it was configured, and write to stdout
        structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def only_our_handler(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Pytest's own handlers raise where they cannot format a record; this takes them away within a test."""
    root = logging.getLogger()
    return lambda: monkeypatch.setattr(root, "handlers", [h for h in root.handlers if "offhook" in type(h).__module__])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def settings(**given: Any) -> Settings:
    return Settings(log_format="json", openai_api_key=SecretStr(KEY)).model_copy(update=given)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure_logs(settings(), stream)
    return stream


def test_a_line_says_when_how_grave_what_and_where(stream: io.StringIO) -> None:
    get_logger("offhook.calls").info("call answered", caller="+15550001111", seconds=1.5)
    (line,) = lines(stream)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("timestamp"))
    assert line == {
        "level": "info",
        "event": "call answered",
        "logger": "offhook.calls",
        "caller": "+15550001111",
        "seconds": 1.5,
    }
    assert list(lines(stream)[0])[:4] == ["timestamp", "level", "event", "logger"]


def test_a_bound_logger_brings_the_call_along(stream: io.StringIO) -> None:
    log = get_logger("offhook.calls").bind(call_id="c1")
    log.warning("line lost")
    get_logger("offhook.calls").info("another")
    assert [line.get("call_id") for line in lines(stream)] == ["c1", None]


def test_the_context_brings_the_call_along_for_other_libraries_too(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(call_id="c2"):
        get_logger("offhook.calls").info("line back")
        logging.getLogger("uvicorn.error").info("something")
    assert [line["call_id"] for line in lines(stream)] == ["c2", "c2"]


def test_lines_of_other_libraries_look_the_same(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("Started server process [7]", "info", "uvicorn.error")


@pytest.mark.parametrize("name", ["picows.client", "httpx", "uvicorn.access", "twilio.http_client"])
def test_talkative_libraries_are_heard_when_they_warn(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("GET / 200")
    logging.getLogger(name).warning("odd")
    assert [line["event"] for line in lines(stream)] == ["odd"]


def test_the_level_is_the_one_that_is_set() -> None:
    stream = io.StringIO()
    configure_logs(settings(log_level="error"), stream)
    get_logger("offhook").warning("no")
    logging.getLogger("httpx").warning("no")
    get_logger("offhook").error("yes")
    assert [line["event"] for line in lines(stream)] == ["yes"]


def test_secrets_do_not_reach_the_log(stream: io.StringIO) -> None:
    log = get_logger("offhook.engines").bind(bound=f"a {KEY} b")
    log.info(
        f"connecting with {KEY}", headers={"Authorization": f"Bearer {KEY}"}, nested=[[f"{KEY}"]], token="anything"
    )
    logging.getLogger("other").error("failed for %s", KEY)
    try:
        raise ValueError(f"refused {KEY}")
    except ValueError:
        log.exception("broken")
    assert KEY not in stream.getvalue()
    assert "anything" not in stream.getvalue()
    assert len(lines(stream)) == 3


def test_an_exception_is_written_once_with_its_end(stream: io.StringIO) -> None:
    try:
        raise ValueError("a" * 20_000 + " the end")
    except ValueError:
        get_logger("offhook").exception("our own")
        logging.getLogger("other").exception("another's")
    for line, event in zip(lines(stream), ("our own", "another's"), strict=True):
        assert line["event"] == event
        assert line["exception"].endswith("the end")
        assert len(line["exception"]) <= EXCEPTION_CHARS
        assert line["level"] == "error"


def test_no_field_is_longer_than_its_limit(stream: io.StringIO) -> None:
    get_logger("offhook").info("e" * 100_000, peer="p" * 100_000)
    logging.getLogger("other").warning("m" * 100_000)
    for line in lines(stream):
        assert all(len(str(value)) <= FIELD_CHARS for value in line.values())


def test_a_value_that_was_cut_says_how_long_it_was(stream: io.StringIO) -> None:
    get_logger("offhook").info("said", text="t" * 100_000)
    assert lines(stream)[0]["text"].endswith("t… (100000 characters)")


def test_a_pipe_that_is_not_read_holds_nobody_up_and_loses_only_what_is_too_much(
    only_our_handler: Callable[[], None],
) -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as read, os.fdopen(writer, "w") as pipe:
        configure_logs(settings(), pipe)
        only_our_handler()
        log = get_logger("offhook")
        before = lines_lost()
        written = 0
        while lines_lost() == before:
            log.info("call answered", text="x" * 1900, number=written)
            written += 1
        assert 1000 < written < 10_000
        log.info("call answered", text="x" * 1900, number=written)

        kept: list[int] = []
        told = 0
        while told < 2:
            line = json.loads(read.readline())
            if found := re.fullmatch(r"log lines dropped: (\d+); what they go to was too slow", line["event"]):
                told += int(found[1])
                assert line["level"] == "warning"
            else:
                kept.append(line["number"])
        assert kept == list(range(written - 1))
        log.info("back")
        assert json.loads(read.readline())["event"] == "back"


def test_what_was_logged_last_is_written_when_the_program_ends() -> None:
    program = """if True:
        from offhook.settings import Settings
        from offhook.telemetry.logs import configure_logs, get_logger
        configure_logs(Settings(log_format="json"))
        for number in range(300):
            get_logger("offhook").info("going", number=number)
    """
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30, check=True)
    assert [json.loads(line)["number"] for line in ended.stderr.splitlines()] == list(range(300))


def test_a_program_whose_log_is_not_read_ends_all_the_same() -> None:
    program = """if True:
        from offhook.settings import Settings
        from offhook.telemetry.logs import configure_logs, get_logger
        configure_logs(Settings(log_format="json"))
        for number in range(300):
            get_logger("offhook").info("going", text="x" * 1900)
        print("done", flush=True)
    """
    reader, writer = os.pipe()
    try:
        ended = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=writer, timeout=30)
    finally:
        os.close(reader)
        os.close(writer)
    assert (ended.returncode, ended.stdout) == (0, b"done\n")


def test_wrong_arguments_do_not_raise_and_do_not_lose_the_line(
    stream: io.StringIO, only_our_handler: Callable[[], None]
) -> None:
    only_our_handler()
    get_logger("offhook").info("port %d of %s", 7, "host")
    get_logger("offhook").info("port %d", "not a number")
    logging.getLogger("other").warning("port %d", "not a number")
    right, wrong, foreign = lines(stream)
    assert right["event"] == "port 7 of host"
    assert "positional_args" not in right
    assert (wrong["event"], wrong["positional_args"]) == ("port %d", ["not a number"])
    assert (foreign["event"], foreign["logger"]) == ("a log line could not be written", "other")


def test_odd_values_do_not_raise(stream: io.StringIO, only_our_handler: Callable[[], None]) -> None:
    only_our_handler()
    circle: list[Any] = []
    circle.append(circle)
    get_logger("offhook").info(
        "odd", sound=b"\xff\x7f" * 80, circle=circle, half="\ud800", number=10**5000, nothing=None
    )
    (line,) = lines(stream)
    assert line["sound"].startswith("160 bytes: ")
    assert line["half"] == "\ud800"


def test_a_closed_stream_does_not_raise_and_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    configure_logs(settings(), stream)
    stream.close()
    get_logger("offhook").error("call lost", token=KEY)
    assert capsys.readouterr() == ("", "")


def test_setting_up_twice_writes_each_line_once(stream: io.StringIO) -> None:
    log = get_logger("offhook")
    second = io.StringIO()
    configure_logs(settings(), second)
    log.info("once")
    assert stream.getvalue() == ""
    assert len(lines(second)) == 1


def test_uvicorn_keeps_no_handlers_of_its_own() -> None:
    mine = logging.StreamHandler(io.StringIO())
    logging.getLogger("uvicorn").addHandler(mine)
    stream = io.StringIO()
    configure_logs(settings(), stream)
    logging.getLogger("uvicorn.error").info("started")
    assert mine.stream.getvalue() == ""
    assert len(lines(stream)) == 1


def test_before_it_is_set_up_nothing_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    get_logger("offhook.early").info("early")
    assert capsys.readouterr().out == ""


def test_a_terminal_gets_lines_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    configure_logs(settings(log_format="auto"), stream)
    get_logger("offhook").info("call answered", call_id="c1")
    assert re.search(r"call answered .*call_id=c1", stream.getvalue())
    assert "\x1b" not in stream.getvalue()


def test_auto_is_json_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    configure_logs(settings(log_format="auto"), stream)
    get_logger("offhook").info("call answered")
    assert lines(stream)[0]["event"] == "call answered"


def test_a_peer_cannot_write_on_the_terminal() -> None:
    stream = io.StringIO()
    configure_logs(settings(log_format="console"), stream)
    get_logger("offhook").info("said \x1b[2J", text="one\n2026-01-01 [error] two", key={"\x1b": "\x1b[2J"})
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        get_logger("offhook").exception("broken")
    assert "\x1b" not in stream.getvalue()
    first = stream.getvalue().splitlines()[0]
    assert "said \\x1b[2J" in first
    assert "two" in first
    assert "ValueError: \\x1b[2J" in stream.getvalue()
