"""An open session: what it tells of what the server says, and what it says to it."""

import asyncio
import logging
import os
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from tests.engines.vendor import BRIEF, Ear, Vendor, created, done, error, realtime
from tests.waiting import eventually

from offhook.audio.formats import PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat
from offhook.calls import engine
from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, Noted, ToolStatus, ToolUsed
from offhook.calls.engine import EngineSession, ToolSpec
from offhook.engines.realtime.session import BAD_MESSAGES_LIMIT
from offhook.loadtest.far_end import FarEnd, Faults, Reply, Script, ToolCall
from offhook.loadtest.far_end.faults import BINARY, BROKEN_EVENT, GARBAGE, NOT_AN_OBJECT, UNKNOWN_EVENT
from offhook.loadtest.far_end.rehearsal import VOICE_HZ
from offhook.loadtest.far_end.tones import tone

HOURS = ToolSpec("hours", "Opening hours.", {"type": "object", "properties": {"day": {"type": "string"}}})
TURN = tone(VOICE_HZ, 300) + PCMU_8K.silence(600)
"""A caller who speaks and then waits."""


def speak(session: EngineSession, sound: bytes = TURN) -> None:
    for at in range(0, len(sound), 160):
        session.hear(sound[at : at + 160])


async def opened(far_end: FarEnd, **brief: Any) -> tuple[EngineSession, Ear]:
    session = await realtime(far_end.url, transcription_model="gpt-4o-mini-transcribe").open(replace(BRIEF, **brief))
    return session, Ear(session)


# ---- a healthy server ----------------------------------------------------------------------------------------------


async def test_a_turn_and_its_reply_are_told_in_order() -> None:
    script = Script(replies=(Reply("We are open.", duration_ms=400),), heard=("Are you open?",))
    async with FarEnd(script, keep_audio=True) as far_end:
        session, ear = await opened(far_end)
        speak(session)
        reply = await ear.until(engine.ReplyDone)
        session.close()

    kinds = [type(event) for event in ear.events]
    assert list(dict.fromkeys(kinds)) == [
        engine.CallerStarted,
        engine.CallerStopped,
        engine.CallerTurn,
        engine.CallerWords,
        engine.ReplyStarted,
        engine.ReplyWords,
        engine.ReplySound,
        engine.ReplySoundDone,
        engine.ReplyDone,
    ]
    assert len({e.item_id for e in ear.all(engine.CallerStarted) + ear.all(engine.CallerTurn)}) == 1
    assert ear.all(engine.CallerWords)[0].text == "Are you open?"
    assert b"".join(e.audio for e in ear.all(engine.ReplySound)) == script.replies[0].sound
    assert "".join(e.text for e in ear.all(engine.ReplyWords)) == "We are open."
    assert (reply.status, reply.reason) == ("completed", None)
    assert reply.usage["total_tokens"] > 0
    assert bytes(far_end.sessions[0].appended.sound or b"") == TURN
    assert far_end.sessions[0].errors == []


@pytest.mark.parametrize(
    ("leg", "spoken"), [(PCMU_8K, PCMU_8K), (PCMA_8K, PCMA_8K), (PCM16_24K, PCM16_24K)], ids=["pcmu", "pcma", "pcm16"]
)
async def test_each_leg_is_heard_and_answered_in_its_own_format(leg: AudioFormat, spoken: AudioFormat) -> None:
    async with FarEnd(Script(greeting=Reply("Hello.", duration_ms=200)), keep_audio=True) as far_end:
        session, ear = await opened(far_end, audio=leg)
        session.hear(leg.silence(20))
        session.respond()
        await ear.until(engine.ReplyDone)
        session.close()

    assert session.hears == session.speaks == spoken
    assert far_end.sessions[0].config.input_format == far_end.sessions[0].config.output_format == spoken
    assert far_end.sessions[0].appended.duration_ms == 20
    assert spoken.duration_ms(sum(len(e.audio) for e in ear.all(engine.ReplySound))) == 200


async def test_without_transcription_the_callers_words_are_not_told() -> None:
    async with FarEnd(Script()) as far_end:
        session = await realtime(far_end.url, transcription_model="").open(BRIEF)
        ear = Ear(session)
        speak(session)
        await ear.until(engine.ReplyDone)
        session.close()

    assert ear.all(engine.CallerTurn)
    assert not ear.all(engine.CallerWords)


async def test_a_failed_transcript_is_told_as_no_words_and_complained_of() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(
            {
                "type": "conversation.item.input_audio_transcription.failed",
                "item_id": "item_1",
                "error": {"message": "unintelligible", "code": "audio_unintelligible"},
            }
        )
        complaint = await ear.until(engine.EngineComplained)
        session.close()

    assert ear.all(engine.CallerWords) == [engine.CallerWords("item_1", None)]
    assert (complaint.reason, complaint.code) == ("no transcript: unintelligible", "audio_unintelligible")


async def test_beta_spellings_are_understood() -> None:
    sound = b64encode(b"\x7f" * 80).decode()
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(
            created("resp_1"),
            {"type": "response.audio.delta", "response_id": "resp_1", "item_id": "item_1", "delta": sound},
            {"type": "response.audio_transcript.delta", "response_id": "resp_1", "item_id": "item_1", "delta": "Hi"},
            {"type": "response.audio.done", "response_id": "resp_1", "item_id": "item_1"},
            done("resp_1"),
        )
        await ear.until(engine.ReplyDone)
        session.close()

    assert ear.all(engine.ReplySound) == [engine.ReplySound("resp_1", "item_1", b"\x7f" * 80)]
    assert ear.all(engine.ReplyWords) == [engine.ReplyWords("resp_1", "item_1", "Hi")]
    assert ear.all(engine.ReplySoundDone) == [engine.ReplySoundDone("resp_1", "item_1")]


async def test_what_came_before_somebody_listened_is_told_first() -> None:
    async with Vendor() as vendor:
        session = await realtime(vendor.url).open(BRIEF)
        await vendor.say(created("resp_1"))
        await vendor.settled()
        await asyncio.sleep(0)
        ear = Ear(session)
        await vendor.say(done("resp_1"))
        await ear.until(engine.ReplyDone)
        session.close()

    assert [type(event) for event in ear.events] == [engine.ReplyStarted, engine.ReplyDone]


# ---- an earlier conversation ---------------------------------------------------------------------------------------

HISTORY: tuple[Entry, ...] = (
    AgentSaid("item_0", "Hello.", 0, sound_ms=900, heard_ms=900),
    CallerSaid("item_1", "Are you open on Monday?", 1000),
    ToolUsed("call_9", "hours", '{"day":"mon"}', 2000, ToolStatus.DONE, "9 to 5"),
    Noted("note_1", "The caller pressed 5.", 3000),
)


async def test_a_new_session_is_told_what_was_said_before_anything_else() -> None:
    async with FarEnd(Script(greeting=Reply("As I said.", duration_ms=200))) as far_end:
        session, ear = await opened(far_end, history=HISTORY, tools=(HOURS,))
        session.respond()
        await ear.until(engine.ReplyDone)
        session.close()

    heard = far_end.sessions[0]
    assert heard.errors == []
    assert [(e.item.type, e.item.role) for e in heard.items] == [
        ("message", "assistant"),
        ("message", "user"),
        ("function_call", None),
        ("function_call_output", None),
        ("message", "system"),
        ("message", "assistant"),
    ]
    assert [type(event).__name__ for event in heard.received] == [
        "SessionUpdate",
        *["ItemCreate"] * 5,
        "ResponseCreate",
    ]


async def test_the_answer_of_a_tool_that_outlived_its_session_reaches_the_next_one() -> None:
    running = (ToolUsed("call_9", "hours", "{}", 0, ToolStatus.INTENDED),)
    async with FarEnd(Script(greeting=Reply("Nine to five."))) as far_end:
        session, ear = await opened(far_end, history=running, running_tools=frozenset({"call_9"}), tools=(HOURS,))
        session.answer("call_9", "9 to 5")
        session.respond()
        await ear.until(engine.ReplyDone)
        session.close()

    assert far_end.sessions[0].errors == []
    assert [e.item.output for e in far_end.sessions[0].items if e.item.type == "function_call_output"] == ["9 to 5"]


# ---- asking for replies --------------------------------------------------------------------------------------------


async def test_a_reply_is_asked_for_with_instructions_and_without_tools() -> None:
    async with Vendor() as vendor:
        session, _ = await vendor.session()
        session.respond("Say hello.", tools=False)
        asked = await vendor.until("response.create")
        session.close()

    assert asked["response"] == {"instructions": "Be brief.\n\nSay hello.", "tool_choice": "none"}


async def test_while_a_reply_is_being_made_the_next_one_waits() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(created("resp_1"))
        await ear.until(engine.ReplyStarted)
        session.respond("Then this.")
        await vendor.settled()
        assert vendor.said("response.create") == []

        await vendor.say(done("resp_1"))
        asked = await vendor.until("response.create")
        session.close()

    assert asked["response"] == {"instructions": "Be brief.\n\nThen this."}


async def test_of_several_wishes_that_wait_the_last_one_counts() -> None:
    async with Vendor() as vendor:
        session, _ = await vendor.session()
        for wish in ("first", "second", "third"):
            session.respond(wish)
        await vendor.until("response.create")
        await vendor.say(created("resp_1"), done("resp_1"))
        await vendor.until("response.create", 2)
        await vendor.say(created("resp_2"), done("resp_2"))
        await vendor.settled()
        session.close()

    assert [asked["response"]["instructions"] for asked in vendor.said("response.create")] == [
        "Be brief.\n\nfirst",
        "Be brief.\n\nthird",
    ]


async def test_a_reply_that_came_too_early_is_asked_for_again_when_the_other_is_done() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        session.respond("Mine.")
        asked = await vendor.until("response.create")
        # The server began one of its own at the same moment.
        await vendor.say(created("resp_1"), error("conversation_already_has_active_response", asked["event_id"]))
        await vendor.settled()
        assert len(vendor.said("response.create")) == 1

        await vendor.say(done("resp_1"))
        again = await vendor.until("response.create", 2)
        session.close()

    assert again["response"] == {"instructions": "Be brief.\n\nMine."}
    assert again["event_id"] != asked["event_id"]
    assert not ear.all(engine.EngineComplained)


async def test_it_is_asked_for_at_once_if_the_other_is_done_already() -> None:
    async with Vendor() as vendor:
        session, _ = await vendor.session()
        session.respond("Mine.")
        asked = await vendor.until("response.create")
        await vendor.say(
            created("resp_1"), done("resp_1"), error("conversation_already_has_active_response", asked["event_id"])
        )
        await vendor.until("response.create", 2)
        session.close()


async def test_a_caller_whom_the_server_could_not_answer_is_answered_when_the_other_reply_is_done() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        session.respond("Mine.")
        await vendor.until("response.create")
        # The caller's turn ends while ours is being made: the server complains that it cannot answer it by itself.
        await vendor.say(created("resp_1"), error("conversation_already_has_active_response"), done("resp_1"))
        again = await vendor.until("response.create", 2)
        session.close()

    assert again.get("response") is None
    assert not ear.all(engine.EngineComplained)


async def test_a_wish_that_was_taken_back_is_not_asked_for_again_when_it_is_refused() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        session.respond("Mine.")
        asked = await vendor.until("response.create")
        await vendor.say(created("resp_1"))
        await ear.until(engine.ReplyStarted)
        session.cancel()
        session.respond("Another.")
        await vendor.say(error("conversation_already_has_active_response", asked["event_id"]), done("resp_1"))
        await vendor.until("response.create", 2)
        await vendor.settled()
        session.close()

    wishes = [asked["response"]["instructions"].split()[-1] for asked in vendor.said("response.create")]
    assert wishes == ["Mine.", "Another."]


async def test_a_reply_that_the_server_refuses_is_told_as_failed() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        session.respond("Mine.")
        asked = await vendor.until("response.create")
        await vendor.say(error("invalid_value", asked["event_id"]))
        failed = await ear.until(engine.ReplyDone)
        session.respond("Another.")
        await vendor.until("response.create", 2)
        session.close()

    assert (failed.status, failed.reason) == ("failed", "invalid_value")


CANCELLED = {"type": "cancelled", "reason": "client_cancelled"}

# ---- cancelling and truncating -------------------------------------------------------------------------------------


async def test_a_server_that_stops_by_itself_is_not_told_to() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(created("resp_1"), {"type": "input_audio_buffer.speech_started", "item_id": "item_2"})
        await ear.until(engine.CallerStarted)
        session.cancel()
        await vendor.settled()
        session.close()

    assert vendor.said("response.cancel") == []


async def test_a_reply_that_began_while_the_caller_spoke_is_cancelled_all_the_same() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say({"type": "input_audio_buffer.speech_started", "item_id": "item_2"}, created("resp_1"))
        await ear.until(engine.ReplyStarted)
        session.cancel()
        await vendor.until("response.cancel")
        session.close()


async def test_a_server_that_waits_to_be_told_is() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session(replace(BRIEF, interrupt_itself=False))
        await vendor.say(created("resp_1"), {"type": "input_audio_buffer.speech_started", "item_id": "item_2"})
        await ear.until(engine.CallerStarted)
        session.cancel()
        cancelled = await vendor.until("response.cancel")
        session.close()

    assert cancelled["response_id"] == "resp_1"


async def test_a_reply_is_cancelled_while_nobody_speaks() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(
            {"type": "input_audio_buffer.speech_started", "item_id": "item_1"},
            {"type": "input_audio_buffer.speech_stopped", "item_id": "item_1"},
            created("resp_1"),
        )
        await ear.until(engine.ReplyStarted)
        session.cancel()
        await vendor.until("response.cancel")
        session.close()


async def test_without_a_reply_there_is_nothing_to_cancel() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(created("resp_1"), done("resp_1"))
        await ear.until(engine.ReplyDone)
        session.cancel()
        await vendor.settled()
        session.close()

    assert vendor.said("response.cancel") == []


async def test_cancelling_also_takes_back_the_wish_for_another_reply() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(created("resp_1"))
        await ear.until(engine.ReplyStarted)
        session.respond("Not any more.")
        session.cancel()
        await vendor.say(
            done("resp_1", "cancelled", status_details={"type": "cancelled", "reason": "client_cancelled"})
        )
        ended = await ear.until(engine.ReplyDone)
        await vendor.settled()
        session.close()

    assert vendor.said("response.create") == []
    assert (ended.status, ended.reason) == ("cancelled", "client_cancelled")


async def test_a_reply_is_truncated_at_what_was_heard() -> None:
    script = Script(greeting=Reply("A long hello.", duration_ms=4000))
    async with FarEnd(script) as far_end:
        session, ear = await opened(far_end)
        session.respond()
        item_id = (await ear.until(engine.ReplySoundDone)).item_id
        session.truncate(item_id, 1234)
        await far_end.until(lambda: bool(far_end.sessions[0].truncations))
        session.close()

    cut = far_end.sessions[0].truncations[0]
    assert (cut.item_id, cut.audio_end_ms) == (item_id, 1234)
    assert far_end.sessions[0].errors == []


# ---- tools ---------------------------------------------------------------------------------------------------------


async def test_a_tool_call_is_told_once_and_its_answer_goes_on() -> None:
    wants_hours = Reply("One moment.", tool_calls=(ToolCall("hours", '{"day":"mon"}'),), after_tools=Reply("Nine."))
    async with FarEnd(Script(replies=(wants_hours,))) as far_end:
        session, ear = await opened(far_end, tools=(HOURS,))
        speak(session)
        await ear.until(engine.ReplyDone)
        [wanted] = ear.all(engine.ToolWanted)
        session.answer(wanted.call_id, "9 to 5")
        session.respond()
        await ear.until(engine.ReplyDone, 2)
        session.close()

    assert (wanted.name, wanted.arguments) == ("hours", '{"day":"mon"}')
    assert "".join(e.text for e in ear.all(engine.ReplyWords)) == "One moment.Nine."
    assert far_end.sessions[0].errors == []


def calls_hours(arguments: str = "{}") -> dict[str, Any]:
    return {"type": "function_call", "id": "item_9", "call_id": "call_9", "name": "hours", "arguments": arguments}


async def test_a_tool_call_that_only_the_finished_reply_names_is_told_too() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(created("resp_1"), done("resp_1", output=[calls_hours()]))
        await ear.until(engine.ReplyDone)
        session.close()

    assert ear.all(engine.ToolWanted) == [engine.ToolWanted("resp_1", "call_9", "hours", "{}")]


async def test_tool_calls_of_a_cancelled_reply_are_not_made() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(created("resp_1"), done("resp_1", "cancelled", output=[calls_hours('{"da')]))
        await ear.until(engine.ReplyDone)
        session.close()

    assert ear.all(engine.ToolWanted) == []


# ---- what is broken ------------------------------------------------------------------------------------------------


async def test_broken_events_are_skipped_and_logged_with_the_calls_id(caplog: pytest.LogCaptureFixture) -> None:
    noise = (GARBAGE, NOT_AN_OBJECT, BINARY, BROKEN_EVENT, UNKNOWN_EVENT)
    async with FarEnd(
        Script(replies=(Reply("All the same.", duration_ms=400),)), faults=Faults(noise=noise)
    ) as far_end:
        session, ear = await opened(far_end)
        with caplog.at_level(logging.WARNING, logger="offhook.engines"):
            speak(session)
            await ear.until(engine.ReplyDone)
        session.close()

    assert "".join(e.text for e in ear.all(engine.ReplyWords)) == "All the same."
    assert ear.gone is None
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    skipped = [line for line in lines if line["event"] == "skipped a broken message of the engine"]
    assert {line["call_id"] for line in skipped} == {"call_1"}
    assert len({line["reason"] for line in skipped}) == 4  # an unknown kind of event is normal


@pytest.mark.parametrize(
    "message",
    [
        b"\xff\xfe",
        b"\x00\x01",
        "",
        "nonsense",
        "null",
        "[]",
        "{}",
        '{"type": 5}',
        '{"type":"response.output_audio.delta","delta":"@@@","item_id":"i","response_id":"r"}',
        '{"type":"response.output_audio.delta","delta":{}}',
        '{"type":"response.created"}',
        '{"type":"response.done","response":[]}',
        '{"type":"error"}',
        '{"type":"input_audio_buffer.committed"}',
        '{"type":"response.output_item.done","item":{"type":"function_call","call_id":7}}',
        "[" * 50_000,
        '{"type":"' + "x" * 100_000 + '"}',
    ],
    ids=lambda message: str(message[:30]),
)
async def test_no_message_of_the_server_breaks_the_session(message: str | bytes) -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(message, created("resp_1"))
        await ear.until(engine.ReplyStarted)
        assert ear.gone is None
        session.close()


async def test_a_server_that_sends_only_broken_events_is_given_up() -> None:
    async with Vendor() as vendor:
        _, ear = await vendor.session()
        await vendor.say(*["nonsense"] * (BAD_MESSAGES_LIMIT + 1))
        gone = await ear.until(engine.EngineGone)
        await asyncio.wait_for(vendor.left.wait(), 2)

    assert not gone.error.retryable


async def test_a_long_call_may_skip_many_broken_events_between_good_ones() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        for number in range(3):
            await vendor.say(*["nonsense"] * (BAD_MESSAGES_LIMIT - 1), created(f"resp_{number}"))
        await ear.until(engine.ReplyStarted, 3)
        session.close()

    assert ear.gone is None


# ---- errors of the server ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["response_cancel_not_active", "input_audio_buffer_commit_empty", "item_create_duplicate_item_id"]
)
async def test_harmless_errors_are_not_worth_a_word(code: str) -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(error(code), created("resp_1"))
        await ear.until(engine.ReplyStarted)
        session.close()

    assert [type(event) for event in ear.events] == [engine.ReplyStarted]


async def test_a_complaint_is_told_and_the_session_goes_on() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(error("rate_limit_exceeded", message="slow down"), created("resp_1"))
        await ear.until(engine.ReplyStarted)
        session.close()

    assert ear.all(engine.EngineComplained) == [engine.EngineComplained("slow down", "rate_limit_exceeded")]


@pytest.mark.parametrize(("code", "retryable"), [("session_expired", True), ("insufficient_quota", False)])
async def test_an_error_can_end_the_session(code: str, retryable: bool) -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(error(code, message="so it is"), created("resp_after"))
        gone = await ear.until(engine.EngineGone)
        await asyncio.wait_for(vendor.left.wait(), 2)
        session.respond()

    assert (gone.error.retryable, gone.error.code, gone.error.reason) == (retryable, code, "so it is")
    assert ear.events[-1] is gone


async def test_a_reply_that_fails_for_want_of_money_ends_the_session_for_good() -> None:
    no_money = {"type": "failed", "error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": ""}}
    async with Vendor() as vendor:
        _, ear = await vendor.session()
        await vendor.say(created("resp_1"), done("resp_1", "failed", status_details=no_money))
        gone = await ear.until(engine.EngineGone)

    assert not gone.error.retryable
    assert [(e.status, e.reason) for e in ear.all(engine.ReplyDone)] == [("failed", "insufficient_quota")]


async def test_a_reply_that_fails_for_another_reason_does_not_end_it() -> None:
    trouble = {"type": "failed", "error": {"type": "server_error", "code": None, "message": "try again"}}
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(created("resp_1"), done("resp_1", "failed", status_details=trouble), created("resp_2"))
        await ear.until(engine.ReplyStarted, 2)
        session.close()

    assert [(e.status, e.reason) for e in ear.all(engine.ReplyDone)] == [("failed", "try again")]


async def test_a_session_that_has_lasted_its_hour_is_lost_but_another_may_be_had() -> None:
    async with FarEnd(Script(), faults=Faults(expire_after_s=0.1)) as far_end:
        _, ear = await opened(far_end)
        gone = await ear.until(engine.EngineGone)

    assert gone.error.retryable
    assert gone.error.code == "session_expired"


# ---- the end -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "retryable"),
    [(1000, True), (1001, True), (1011, True), (1012, True), (1013, True), (1008, False), (1009, False), (4000, True)],
)
async def test_a_close_of_the_server_is_told_with_its_code(code: int, retryable: bool) -> None:
    async with Vendor() as vendor:
        _, ear = await vendor.session()
        await vendor.close(code, "so it is")
        gone = await ear.until(engine.EngineGone)

    assert (gone.error.retryable, gone.error.code) == (retryable, str(code))
    assert "so it is" in gone.error.reason


async def test_a_broken_connection_is_told_and_another_may_be_had() -> None:
    async with Vendor() as vendor:
        _, ear = await vendor.session()
        vendor.drop()
        gone = await ear.until(engine.EngineGone)

    assert gone.error.retryable
    assert ear.events == [gone]


async def test_a_session_that_was_lost_before_somebody_listened_says_so_then() -> None:
    async with Vendor() as vendor:
        session = await realtime(vendor.url).open(BRIEF)
        await vendor.close(1011)
        await asyncio.wait_for(vendor.left.wait(), 2)
        ear = Ear(session)
        await ear.until(engine.EngineGone)


async def test_a_closed_session_says_goodbye_tells_nothing_and_leaves_nothing_open() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        session.close()
        await asyncio.wait_for(vendor.left.wait(), 2)
        session.hear(b"\xff" * 160)
        session.respond()
        session.cancel()
        session.close()

    assert ear.events == []


# ---- a server that does not keep up --------------------------------------------------------------------------------


async def stuff(session: EngineSession) -> int:
    """Speak until not a byte more goes out; the number of frames that took."""
    frames = 0
    async with asyncio.timeout(5):
        while True:
            while session.can_hear:
                session.hear(b"\xff" * 160)
                frames += 1
            for _ in range(20):  # what is under way comes to rest
                await asyncio.sleep(0.005)
            if not session.can_hear:
                return frames


async def test_a_server_that_stops_reading_is_not_sent_more_until_it_has_caught_up() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        vendor.pause()
        frames = await stuff(session)
        ear.events.clear()

        vendor.resume()
        await ear.until(engine.SessionRelieved)
        assert session.can_hear
        await eventually(lambda: len(vendor.said("input_audio_buffer.append")) == frames)
        session.close()


async def test_a_server_that_does_not_read_cannot_keep_a_closed_session_open() -> None:
    async with Vendor() as vendor:
        session, _ = await vendor.session()
        vendor.pause()
        await stuff(session)
        files = len(os.listdir("/dev/fd"))
        session.close()

        # Nothing that a peer who does not read could see; so it is the open files of this process that tell.
        await eventually(lambda: len(os.listdir("/dev/fd")) == files - 1)
