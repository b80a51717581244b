import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.engines.vendor import BRIEF, Ear, Vendor, realtime, speak
from tests.gateway import NOWHERE, logged

from offhook.calls import engine
from offhook.calls.engine import Brief, ToolSpec
from offhook.dialogue.hints import PHRASES_LIMIT, Hints
from offhook.engines.local import LocalEngine, local_config
from offhook.engines.realtime.setup import session_config
from offhook.errors import EngineError
from offhook.loadtest.far_end import FarEnd, Reply, Script

BOOK = ToolSpec("book_table", "Book a table.", {"type": "object"}, ("book a table for {guests}", "i need a table"))
END = ToolSpec("end_call", "Hang up.", {"type": "object"})
HINTED = replace(BRIEF, tools=(BOOK, END), greeting="Hello!", examples=("what can you do",))
TOLD = {
    "examples": ["what can you do"],
    "phrases": {"book_table": ["book a table for {guests}", "i need a table"]},
    "greeting": "Hello!",
}


def local(url: str, *, within_s: float = 3, api_key: str = "") -> LocalEngine:
    return LocalEngine(url, api_key, within_s)


async def set_up(opening: Any, brief: Brief) -> dict[str, Any]:
    """The session that an engine asks for."""
    async with Vendor() as vendor:
        session = await opening(vendor.url).open(brief)
        update = await vendor.until("session.update")
        session.close()
    body: dict[str, Any] = update["session"]
    return body


async def test_what_the_agent_knows_of_callers_goes_with_the_set_up() -> None:
    body = await set_up(local, HINTED)

    assert body["hints"] == TOLD
    assert Hints.from_json(body["hints"]) == Hints(
        ("what can you do",), {"book_table": ("book a table for {guests}", "i need a table")}, "Hello!"
    )


async def test_another_engine_is_not_told_it_and_is_asked_for_all_else_alike() -> None:
    body = await set_up(realtime, HINTED)

    assert "hints" not in body
    assert "phrases" not in str(body)
    assert local_config(HINTED) == session_config(HINTED, "local") | {"hints": TOLD}


@pytest.mark.parametrize(
    ("more", "hints"),
    [
        ({"greeting": "Hello!"}, {"greeting": "Hello!"}),
        ({"examples": ("what can you do",)}, {"examples": ["what can you do"]}),
        ({"tools": (BOOK, END)}, {"phrases": TOLD["phrases"]}),
    ],
)
def test_only_what_the_agent_has_is_told(more: dict[str, Any], hints: dict[str, Any]) -> None:
    assert local_config(replace(BRIEF, **more))["hints"] == hints


def test_an_agent_without_any_of_it_needs_no_extension_of_the_protocol() -> None:
    assert "hints" not in local_config(replace(BRIEF, tools=(END,)))


def test_what_callers_say_is_always_written_down() -> None:
    assert local_config(BRIEF)["audio"]["input"]["transcription"] == {"model": "local"}


async def test_a_call_is_held_with_any_server_of_the_protocol() -> None:
    async with FarEnd(Script(replies=(Reply("Good evening.", duration_ms=300),))) as far_end:
        session = await local(far_end.url).open(BRIEF)
        ear = Ear(session)
        speak(session)
        words = await ear.until(engine.CallerWords)
        done = await ear.until(engine.ReplyDone)
        session.close()

        assert far_end.sessions[0].config.model == "local"
    assert isinstance(words.text, str)
    assert done.status == "completed"
    assert "".join(event.text for event in ear.all(engine.ReplyWords)) == "Good evening."


async def test_the_key_is_shown_where_the_server_asks_for_one() -> None:
    async with FarEnd(Script(), api_key="right-key") as far_end:
        session = await local(far_end.url, api_key="right-key").open(BRIEF)
        session.close()
        with pytest.raises(EngineError, match=r"local: .* the key was refused") as refused:
            await local(far_end.url).open(BRIEF)

    assert not refused.value.retryable


async def test_a_server_that_does_not_know_hints_ends_the_attempt() -> None:
    async with FarEnd(Script()) as far_end:
        with pytest.raises(EngineError, match=r"session\.hints") as refused:
            await local(far_end.url).open(HINTED)

    assert not refused.value.retryable


async def test_more_than_may_be_sent_is_told_and_not_sent() -> None:
    many = replace(BOOK, phrases=tuple(f"table number {n}" for n in range(PHRASES_LIMIT + 1)))
    async with Vendor() as vendor:
        with pytest.raises(EngineError, match="phrases of book_table: more than 50 sentences") as refused:
            await local(vendor.url).open(replace(BRIEF, tools=(many,)))

        assert vendor.heard == []
    assert not refused.value.retryable


async def test_an_agent_is_learnt_ahead_by_a_session_like_a_calls_which_is_closed_again() -> None:
    async with Vendor() as vendor:
        await local(vendor.url).warm(HINTED, "bistro")
        async with asyncio.timeout(5):
            await vendor.left.wait()

    [update] = vendor.heard
    assert update["type"] == "session.update"
    assert update["session"] == local_config(HINTED)


async def test_an_agent_that_cannot_be_learnt_ahead_is_told_of_and_that_is_all(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await local(NOWHERE).warm(HINTED, "bistro")

    [line] = logged(caplog, "an agent was not learnt ahead of its calls")
    assert line["agent"] == "bistro"
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_printed_engine_does_not_show_its_key() -> None:
    assert "secret-key" not in repr(local("ws://h", api_key="secret-key"))
