"""The protocol: what a client may set and send, in which order it is obeyed, and how a session ends."""

import asyncio
import json
import random
from typing import Any

import pytest
from tests.speech.caller import (
    ARGUMENTS,
    LINE,
    OPENING_HOURS,
    ORDER_CAKE,
    SERVER_VAD,
    Caller,
    bakery,
    calls_of,
    names,
    spoken,
    with_other,
)
from tests.waiting import eventually

from offhook.recognisers.sphinx.recogniser import SphinxRecogniser
from offhook.speech import session
from offhook.speech.faculties import Faculties
from offhook.voices.espeak import EspeakVoice
from offhook.wires.messages import CloseCode
from offhook.wires.openai_realtime import server_events as server
from offhook.wires.openai_realtime.asides import InputCleared

pytestmark = pytest.mark.asyncio(loop_scope="session")

RESERVE_BOAT: dict[str, Any] = {
    "type": "function",
    "name": "reserve_boat",
    "description": "Reserve a boat.",
    "parameters": {"type": "object", "properties": {}},
}
SHORT = "When are you open?"
HELLO = {"instructions": "Say exactly: Hello."}


def says(text: str, **fields: Any) -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}]
    return {"item": {"type": "message", "role": "user", "content": content, **fields}}


async def test_a_session_introduces_itself_and_shows_what_holds(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    assert names(caller.said) == ["session.created", "conversation.created", "session.updated"]
    [created], [updated] = caller.only(server.SessionCreated), caller.only(server.SessionUpdated)
    assert created.session["id"] == updated.session["id"] == f"sess_{caller.session.number}"
    assert created.session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert updated.session["audio"]["input"]["format"] == {"type": "audio/pcmu"}
    assert updated.session["hints"] == bakery()["hints"]


async def test_ids_are_unique_also_beside_those_of_the_client(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery(SERVER_VAD))
    for number in range(1, 4):
        caller.ask("conversation.item.create", **says("Hello", id=f"item_{caller.session.number}_{number}"))

    await caller.speak(SHORT)
    await caller.hears_reply()
    other = await Caller(faculties).dial(bakery())
    other.ask("response.create", response=HELLO)
    await other.hears_reply()

    assert not caller.errors
    for kept in (
        [event.event_id for each in (caller, other) for event in each.said],
        [added.item.id for each in (caller, other) for added in each.only(server.ItemAdded)],
        [created.response.id for each in (caller, other) for created in each.only(server.ResponseCreated)],
    ):
        assert len(kept) == len(set(kept)) > 0
        assert all(kept)


async def test_other_tools_in_the_middle_are_understood_from_then_on(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery(tools=[OPENING_HOURS], hints=None))
    await caller.tell(SHORT)
    first = await caller.hears_reply()

    caller.ask("session.update", session={"type": "realtime", "tools": [RESERVE_BOAT]})
    await caller.hears(server.SessionUpdated)
    caller.ask("conversation.item.create", **says("Reserve a boat"))
    caller.ask("response.create")
    second = await caller.hears_reply()

    assert calls_of(first) == [("opening_hours", {})]
    assert calls_of(second) == [("reserve_boat", {})]


async def test_messages_wait_while_it_learns_and_are_obeyed_in_order(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial()
    tools = [{**RESERVE_BOAT, "name": "paint_wall", "description": "Paint a wall."}]

    caller.ask("session.update", session=bakery(tools=tools))
    caller.ask("input_audio_buffer.clear")
    caller.ask("session.update", session=bakery())
    caller.append(await spoken(faculties, LINE))
    caller.ask("input_audio_buffer.commit")
    caller.ask("response.create")
    before = names(caller.said)
    response = await caller.hears_reply()

    assert before == ["session.created", "conversation.created"]
    assert names(caller.said)[2:6] == [
        "session.updated",
        "input_audio_buffer.cleared",
        "session.updated",
        "input_audio_buffer.committed",
    ]
    assert calls_of(response) == [("order_cake", ARGUMENTS)]


async def test_only_so_much_waits_while_it_learns(faculties: Faculties, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "HELD_LIMIT_BYTES", 10_000)
    caller = await Caller(faculties).dial()

    caller.ask("session.update", session=bakery(tools=[{**RESERVE_BOAT, "name": "sell_bricks"}]))
    caller.append(bytes(9000), size_bytes=1000)

    code, reason = await caller.is_cut_off()
    assert code == CloseCode.TOO_BIG
    assert "10000 bytes" in reason
    assert not caller.only(server.SessionUpdated)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"audio": {"output": {"voice": "nobody"}}}, "invalid_value", "session.audio.output.voice"),
        ({"hints": {"phrases": 5}}, "invalid_value", "session.hints"),
        ({"hints": {"examples": ["x" * 201]}}, "invalid_value", "session.hints"),
        ({"hints": "say hello"}, "invalid_value", "session.hints"),
        ({"tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
        (
            {"audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 20}}}},
            "invalid_value",
            "session.audio.input.turn_detection",
        ),
        ({"temperature": 0.8}, "unknown_parameter", "session.temperature"),
        ({"model": "gpt-9"}, "invalid_value", "session.model"),
    ],
)
async def test_what_cannot_be_set_is_refused_and_all_stays_as_it_was(
    faculties: Faculties, change: dict[str, Any], code: str, param: str
) -> None:
    caller = await Caller(faculties).dial(bakery())
    before = caller.session.config

    caller.ask("session.update", session={"type": "realtime", "instructions": "Be rude.", **change}, event_id="change")
    [error] = caller.errors

    assert (error.code, error.param, error.event_id) == (code, param, "change")
    assert caller.session.config is before
    await caller.tell(LINE)
    assert calls_of(await caller.hears_reply()) == [("order_cake", ARGUMENTS)]


async def test_tools_that_nobody_can_learn_are_refused_and_the_old_ones_stay(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    endless = {**RESERVE_BOAT, "name": "", "description": "x" * 1000}

    caller.ask("session.update", session={"type": "realtime", "tools": [endless]}, event_id="endless")
    caller.ask("session.update", session={"type": "realtime", "tools": [ORDER_CAKE]})
    await caller.hears(server.Failure)
    await caller.tell(LINE)

    assert calls_of(await caller.hears_reply()) == [("order_cake", ARGUMENTS)]
    assert caller.errors[0].param == "session.tools"
    assert caller.errors[0].event_id == "endless"
    assert caller.closed is None


async def test_the_voice_stays_once_it_was_heard(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    cedar = {"type": "realtime", "audio": {"output": {"voice": "cedar"}}}

    caller.ask("session.update", session=cedar)
    caller.ask("response.create", response=HELLO)
    await caller.hears_reply()
    caller.ask("session.update", session=cedar)
    caller.ask("session.update", session={"type": "realtime", "audio": {"output": {"voice": "marin"}}})

    [error] = caller.errors
    assert error.code == "cannot_update_voice"
    assert len(caller.only(server.SessionUpdated)) == 3


async def test_sound_that_was_not_committed_goes_with_a_new_format(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.append(await spoken(faculties, SHORT))
    caller.ask("session.update", session={"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcma"}}}})
    caller.ask("input_audio_buffer.commit")

    assert [error.code for error in caller.errors] == ["input_audio_buffer_commit_empty"]


async def test_turns_may_be_found_by_the_server_or_the_client_in_one_session(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    sound = await spoken(faculties, SHORT)
    await caller.tell(SHORT)
    await caller.hears_reply()

    caller.ask("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": SERVER_VAD}}})
    await caller.speak(SHORT)
    await caller.hears_reply()
    caller.ask("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    await caller.tell(SHORT)
    await caller.hears_reply()

    assert [told.transcript for told in caller.only(server.InputTranscript)] == ["when are you open"] * 3
    [started] = caller.only(server.SpeechStarted)
    assert started.audio_start_ms == pytest.approx(len(sound) / 8, abs=100)  # the session's position goes on


RUBBISH: list[Any] = [None, True, -1, 2**70, 1e300, "", "\ud800", "x" * 2000, [], [[]], {}, {"type": 5}, {"a": [None]}]
KINDS = {
    "session.update": ["session"],
    "input_audio_buffer.append": ["audio"],
    "input_audio_buffer.commit": [],
    "input_audio_buffer.clear": [],
    "conversation.item.create": ["item", "previous_item_id"],
    "conversation.item.retrieve": ["item_id"],
    "conversation.item.delete": ["item_id"],
    "conversation.item.truncate": ["item_id", "audio_end_ms", "content_index"],
    "response.create": ["response"],
    "response.cancel": ["response_id"],
    "output_audio_buffer.clear": [],
    "no.such.event": ["anything"],
}


@pytest.mark.parametrize("kind", KINDS)
async def test_rubbish_is_complained_about_and_does_no_harm(faculties: Faculties, kind: str) -> None:
    caller = await Caller(faculties).dial(bakery())
    chance = random.Random(kind)

    for value in RUBBISH:
        for field in KINDS[kind]:
            rest = {other: chance.choice(RUBBISH) for other in KINDS[kind] if other != field}
            caller.ask(kind, **{field: value}, **rest, event_id=chance.choice(RUBBISH))
    caller.ask(kind)
    caller.ask("response.cancel")
    caller.ask("input_audio_buffer.clear")
    caller.session.receive(b"\xff\x00 no json")
    caller.session.receive(b"[]")
    caller.session.receive(json.dumps({"type": kind, "event_id": "deep"}).encode()[:-1] + b',"x":' + b"[" * 5000)

    await caller.hears(InputCleared)
    assert caller.closed is None
    assert {error.type for error in caller.errors} == {"invalid_request_error"}
    caller.ask("session.update", session=bakery(tools=[ORDER_CAKE, OPENING_HOURS]))
    caller.ask("conversation.item.create", **says(LINE))
    caller.ask("response.create", response={"output_modalities": ["text"]})
    while not calls_of(await caller.hears_reply()):
        pass


async def test_items_and_sessions_of_all_shapes_do_no_harm(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    chance = random.Random(5)
    fields = ["id", "type", "role", "content", "name", "call_id", "arguments", "output", "status"]
    good = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}

    for _ in range(200):
        item = {**good, **{field: chance.choice(RUBBISH) for field in chance.sample(fields, 2)}}
        caller.ask("conversation.item.create", item=item)
        part = {"type": chance.choice(["input_text", "input_audio", "output_text"]), "audio": chance.choice(RUBBISH)}
        caller.ask("conversation.item.create", item={**good, "content": [part, chance.choice(RUBBISH)]})
        caller.ask(
            "session.update", session={"type": "realtime", chance.choice(list(bakery())): chance.choice(RUBBISH)}
        )
    caller.ask("input_audio_buffer.clear")

    await caller.hears(InputCleared)
    assert caller.closed is None


async def test_at_its_longest_time_a_session_says_so_and_ends(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.session.expire("The session has reached its longest time.")
    caller.ask("response.create")

    assert caller.closed == (CloseCode.GOING_AWAY, "The session has reached its longest time.")
    assert [error.code for error in caller.errors] == ["session_expired"]
    assert not caller.only(server.ResponseCreated)


async def test_a_session_that_is_closed_in_the_middle_of_everything_leaves_nothing(faculties: Faculties) -> None:
    recogniser, voice = SphinxRecogniser(decoders=6), faculties.voice
    assert isinstance(voice, EspeakVoice)
    before = asyncio.all_tasks()
    async with with_other(faculties, recogniser=recogniser) as others:
        speaking = await Caller(others).dial(bakery())
        speaking.ask("response.create", response={"instructions": f'Say exactly: "{LINE * 20}"'})
        await speaking.hears(server.AudioDelta)
        thinking = await Caller(others).dial(bakery())
        await thinking.tell(LINE)
        hearing = await Caller(others).dial(bakery())
        hearing.append(await spoken(faculties, LINE))
        listening = await Caller(others).dial(bakery(SERVER_VAD))
        listening.append(await spoken(faculties, LINE))
        await listening.hears(server.SpeechStarted)
        learning = await Caller(others).dial()
        learning.ask("session.update", session=bakery(tools=[{**RESERVE_BOAT, "name": "mend_roof"}]))
        learning.ask("response.create")
        callers = [speaking, thinking, hearing, listening, learning]
        assert recogniser._utterances

        counts = []
        for caller in callers:
            caller.session.close()
            counts.append(len(caller.said))

        assert not recogniser._utterances
        assert not voice._rota
        await eventually(lambda: not recogniser._cabinet._leased and voice._speaking is None)
        await eventually(lambda: {task.get_name() for task in asyncio.all_tasks() - before} <= lesson_tasks(others))
        assert [len(caller.said) for caller in callers] == counts
        assert all(caller.closed is None for caller in callers)
    await eventually(lambda: asyncio.all_tasks() <= before)


def lesson_tasks(faculties: Faculties) -> set[str]:
    """A lesson goes on when who asked for it is gone: the next one may want it."""
    return {task.get_name() for task in faculties.lessons._known.values()}
