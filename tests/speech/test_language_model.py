"""The dialogue of a language model: spoken while it is still being written, and cut where the caller cut it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from starlette.responses import StreamingResponse
from tests.dialogue.stand_in import Answer, StandIn, call, serve, streamed, words
from tests.speech.caller import LINE, SERVER_VAD, UNDERSTOOD, Caller, bakery, calls_of, spoken, with_other, words_of

from offhook.dialogue.chat import APOLOGY, Endpoint
from offhook.dialogue.chat_messages import NOT_UNDERSTOOD
from offhook.speech.faculties import Faculties
from offhook.wires.openai_realtime import server_events as server

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHORT = "When are you open?"
STORY = (
    "Once upon a time there was a baker who baked a cake for the whole town. ",
    "Everybody came to eat of it, young and old, and nobody went home hungry. ",
    "In the evening there was nothing left of it but a crumb, and a mouse took it.",
)


@pytest_asyncio.fixture(loop_scope="session")
async def model() -> AsyncIterator[StandIn]:
    async with serve() as stand_in:
        yield stand_in


@pytest_asyncio.fixture(loop_scope="session")
async def talkative(faculties: Faculties, model: StandIn) -> AsyncIterator[Faculties]:
    async with with_other(faculties, endpoint=Endpoint(model.url)) as others:
        yield others


def held(begin: list[bytes], until: asyncio.Event, end: list[bytes]) -> Answer:
    """An answer of which the end is not written before something has happened."""

    async def body() -> AsyncIterator[bytes]:
        for piece in begin:
            yield piece
        await until.wait()
        for piece in end:
            yield piece

    return lambda: StreamingResponse(body(), media_type="text/event-stream")


def messages(model: StandIn) -> list[dict[str, Any]]:
    """Of the last request, without the system's."""
    told: list[dict[str, Any]] = model.asked[-1]["messages"]
    assert told[0]["role"] == "system"
    assert "bakery" in told[0]["content"]
    return told[1:]


async def test_it_is_spoken_while_the_model_still_writes(model: StandIn, talkative: Faculties) -> None:
    heard = asyncio.Event()
    model.answers = [held(words("We open ", "at nine. ", "And", finish=None), heard, words(" we close at six."))]
    caller = await Caller(talkative).dial(bakery())

    await caller.tell(SHORT)
    await caller.hears(server.AudioDelta)
    assert caller.only(server.TranscriptDelta)[0].delta.startswith("We")
    heard.set()  # only now does the model go on
    response = await caller.hears_reply()

    assert words_of(response) == "We open at nine. And we close at six."
    assert "".join(delta.delta for delta in caller.only(server.TranscriptDelta)) == words_of(response)
    assert messages(model) == [{"role": "user", "content": "when are you open"}]


async def test_its_tools_are_called_and_told_of(model: StandIn, talkative: Faculties) -> None:
    model.answers = [streamed(call("order_cake", '{"kind":"cherry",', '"people":6}')), streamed(words("It is done."))]
    caller = await Caller(talkative).dial(bakery())

    await caller.tell(LINE)
    first = await caller.hears_reply()
    [item] = first.output or []
    output = {"type": "function_call_output", "call_id": item.call_id, "output": "Ready on Sunday."}
    caller.ask("conversation.item.create", item=output)
    caller.ask("response.create")
    second = await caller.hears_reply()

    assert calls_of(first) == [("order_cake", {"kind": "cherry", "people": 6})]
    assert words_of(second) == "It is done."
    assert {tool["function"]["name"] for tool in model.asked[0]["tools"]} == {"order_cake", "opening_hours"}
    said, called, answered = messages(model)
    assert said == {"role": "user", "content": UNDERSTOOD}
    assert called["tool_calls"][0]["id"] == answered["tool_call_id"] == item.call_id
    assert answered["content"] == "Ready on Sunday."


async def test_a_model_that_gives_the_same_id_to_every_call_confuses_nobody(
    model: StandIn, talkative: Faculties
) -> None:
    model.answers = [streamed(call("opening_hours", "{}"))]
    caller = await Caller(talkative).dial(bakery())

    for _ in range(2):
        caller.ask("response.create")
        await caller.hears_reply()

    first, second = ((done.response.output or [])[0].call_id for done in caller.only(server.ResponseDone))
    assert first
    assert second
    assert first != second


async def test_of_a_sentence_that_was_cut_the_model_reads_what_was_heard(model: StandIn, talkative: Faculties) -> None:
    model.answers = [held(words(*STORY, finish=None), asyncio.Event(), []), streamed(words("At nine."))]
    caller = await Caller(talkative).dial(bakery({**SERVER_VAD, "create_response": False}))
    caller.ask("response.create")
    *_, delta = await caller.hears(server.AudioDelta)
    assert isinstance(delta, server.AudioDelta)

    await caller.speak(SHORT)
    broken_off = await caller.hears_reply()
    await asyncio.wait_for(model.left.wait(), 5)  # nobody listens to the rest
    caller.ask("conversation.item.truncate", item_id=delta.item_id, content_index=0, audio_end_ms=900)
    await caller.hears(server.InputTranscript)
    caller.ask("response.create")
    await caller.hears_reply()

    assert broken_off.status == "cancelled"
    [_, agent, answer] = messages(model)
    assert agent["role"] == "assistant"
    assert agent["content"].startswith("Once upon")
    assert STORY[0].startswith(agent["content"])
    assert len(agent["content"]) < 40
    assert answer == {"role": "user", "content": "when are you open"}


async def test_a_turn_that_came_too_late_for_a_reply_is_the_last_word_for_the_next(
    model: StandIn, talkative: Faculties
) -> None:
    go_on = asyncio.Event()
    model.answers = [held([], go_on, words("Welcome.")), streamed(words("At nine."))]
    caller = await Caller(talkative).dial(bakery({**SERVER_VAD, "interrupt_response": False}))
    caller.ask("response.create")

    await caller.speak(SHORT)
    await caller.hears(server.InputTranscript)
    go_on.set()
    first = await caller.hears_reply()
    second = await caller.hears_reply()

    assert [words_of(first), words_of(second)] == ["Welcome.", "At nine."]
    assert [message["content"] for message in messages(model)][-2:] == ["Welcome.", "when are you open"]
    assert not caller.errors


async def test_it_is_told_that_the_caller_was_not_understood(model: StandIn, talkative: Faculties) -> None:
    model.answers = [streamed(words("Pardon?"))]
    caller = await Caller(talkative).dial(bakery())

    await caller.tell("The quick brown fox jumps over the lazy dog in Patagonia.")
    await caller.hears_reply()

    assert messages(model) == [{"role": "user", "content": NOT_UNDERSTOOD}]


async def test_a_reply_that_the_model_was_not_let_finish_is_incomplete(model: StandIn, talkative: Faculties) -> None:
    pieces = words("We open at nine and", finish="length")
    model.answers = [streamed([piece.replace(b'"stop"', b'"length"') for piece in pieces])]
    caller = await Caller(talkative).dial(bakery(output_modalities=["text"]))

    caller.ask("response.create")
    response = await caller.hears_reply()

    assert response.status == "incomplete"
    assert response.status_details is not None
    assert response.status_details.reason == "max_output_tokens"
    assert words_of(response) == "We open at nine and"


async def test_a_model_that_is_not_there_is_apologised_for(faculties: Faculties) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        async with with_other(faculties, endpoint=Endpoint(url)) as others:
            caller = await Caller(others).dial(bakery())
            caller.append(await spoken(faculties, SHORT))
            caller.ask("input_audio_buffer.commit")
            caller.ask("response.create")
            response = await caller.hears_reply()

    assert response.status == "completed"
    assert words_of(response) == APOLOGY
    assert caller.closed is None
