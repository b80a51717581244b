"""An open session and a server that does not do well: broken events, errors, ends, and one that does not read."""

import asyncio
import logging
import os
from base64 import b64decode
from dataclasses import replace

import pytest
from tests.engines.vendor import BRIEF, Ear, Vendor, created, done, error, opened, realtime, speak
from tests.waiting import eventually

from offhook.calls import engine
from offhook.calls.engine import EngineSession
from offhook.engines.realtime.session import BAD_MESSAGES_LIMIT, EVENT_LIMIT_BYTES
from offhook.loadtest.far_end import FarEnd, Faults, Reply, Script
from offhook.loadtest.far_end.faults import BINARY, BROKEN_EVENT, GARBAGE, NOT_AN_OBJECT, UNKNOWN_EVENT
from offhook.telemetry.measures import Measures

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


# ---- what is too long, and too much --------------------------------------------------------------------------------


async def test_an_event_over_the_limit_ends_the_session_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with Vendor() as vendor:
        _, ear = await vendor.session()
        with caplog.at_level(logging.WARNING, logger="offhook.engines"):
            await vendor.say("x" * (EVENT_LIMIT_BYTES + 1))
            gone = await ear.until(engine.EngineGone)

    assert gone.error.retryable
    assert gone.error.code == "1009"
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [line["close_code"] for line in lines if line["event"] == "closed the connection to the engine"] == [1009]


async def test_what_an_engine_says_to_a_full_leg_waits_at_the_engine() -> None:
    async with Vendor() as vendor:
        session, ear = await vendor.session()
        session.hold_back(True)
        session.hold_back(True)
        await vendor.say({"type": "input_audio_buffer.speech_started", "item_id": "i"})
        await asyncio.sleep(0.05)  # it has come; nobody reads it
        assert not ear.events

        session.hold_back(False)
        await ear.until(engine.CallerStarted)
        session.close()


# ---- several frames in one message ---------------------------------------------------------------------------------


@pytest.mark.parametrize("uplink_ms", [20, 40, 60, 80, 100])
async def test_so_many_frames_go_into_one_message_and_none_is_lost(uplink_ms: int) -> None:
    frames = [bytes([number]) * 160 for number in range(33)]
    async with Vendor() as vendor:
        session = await replace(realtime(vendor.url), uplink_ms=uplink_ms).open(BRIEF)
        for frame in frames:
            session.hear(frame)
        held_ms = session.waiting_ms
        session.flush()
        session.flush()
        await vendor.settled()

        messages = [b64decode(said["audio"]) for said in vendor.said("input_audio_buffer.append")]
        assert b"".join(messages) == b"".join(frames)
        assert {len(message) // 8 for message in messages[:-1]} == {uplink_ms}
        assert held_ms == 33 * 20 % uplink_ms
        assert session.waiting_ms == 0
        session.close()


async def test_what_is_said_comes_behind_the_sound_before_it() -> None:
    async with Vendor() as vendor:
        session = await replace(realtime(vendor.url), uplink_ms=100).open(BRIEF)
        session.hear(b"\x55" * 160)
        session.respond()
        await vendor.until("response.create")

        kinds = [event["type"] for event in vendor.heard]
        assert kinds[-2:] == ["input_audio_buffer.append", "response.create"]
        session.close()


async def test_the_round_trip_is_measured_at_the_set_up_and_at_each_reply_that_was_asked_for() -> None:
    async with Vendor() as vendor:
        measures = Measures()
        session = await replace(realtime(vendor.url), measures=measures).open(BRIEF)
        ear = Ear(session)
        assert measures.engine_round_trip_s.count == 1

        session.respond()
        await vendor.until("response.create")
        await vendor.say(created("r1"), done("r1"), created("by itself"), done("by itself"))
        await ear.until(engine.ReplyDone, 2)
        assert measures.engine_round_trip_s.count == 2
        session.close()
