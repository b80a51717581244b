"""An open session and a server that does well: what it tells of what the server says, and what it says to it."""

import asyncio
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from tests.engines.vendor import BRIEF, TURN, Ear, Vendor, created, done, error, opened, realtime, speak

from offhook.audio.formats import PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat
from offhook.calls import engine
from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, Noted, ToolStatus, ToolUsed
from offhook.calls.engine import ToolSpec
from offhook.loadtest.far_end import FarEnd, Reply, Script, ToolCall

HOURS = ToolSpec("hours", "Opening hours.", {"type": "object", "properties": {"day": {"type": "string"}}})

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


async def test_a_reply_that_failed_takes_the_one_that_waits_with_it() -> None:
    # Whoever is told of the failure asks again, for what was wanted last; else it would be said twice.
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        await vendor.say(created("resp_1"))
        await ear.until(engine.ReplyStarted)
        session.respond("Then this.")
        await vendor.say(done("resp_1", status="failed"))
        await ear.until(engine.ReplyDone)
        await vendor.settled()
        assert vendor.said("response.create") == []
        session.respond("Then this.")
        await vendor.until("response.create")
        session.close()

    assert len(vendor.said("response.create")) == 1


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
