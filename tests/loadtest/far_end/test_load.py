"""The far end of a load test: replies by the short way, endless ones, and what is counted."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from offhook.loadtest.far_end import FarEnd, Reply, Script, load_script
from offhook.loadtest.far_end.gauges import Gauges
from offhook.loadtest.far_end.rehearsal import PCMU_BOTH_WAYS, Rehearsal
from offhook.loadtest.far_end.speaking import Speaking
from offhook.loadtest.far_end.tones import tone
from offhook.loadtest.load.reading import FarReading, NoReadingError, read_far_end
from offhook.wires.openai_realtime import client_events as client
from offhook.wires.openai_realtime import server_events as server

PAIR = Script(greeting=Reply("One two.", duration_ms=200), delta_ms=20, pace=1)


def greeted(script: Script) -> tuple[Rehearsal, Speaking]:
    talk = Rehearsal(script)
    talk.set_up()
    talk.send(client.ResponseCreate())
    active = talk.session.active
    assert active is not None
    return talk, active


def deltas(said: list[Any]) -> list[bytes]:
    return [event.delta for event in said if isinstance(event, server.AudioDelta)]


def test_the_short_way_says_what_the_long_way_says() -> None:
    long_way, _ = greeted(PAIR)
    long_way.wait(1000)
    talk, speaking = greeted(PAIR)
    short: list[bytes] = []
    while talk.session.active is not None:
        message = speaking.next_delta()
        if message is None:  # the first, the last, or one with words
            talk.wait(max(0.0, (speaking.deadline() - talk.now) * 1000))
        else:
            event = server.parse(message)
            assert isinstance(event, server.AudioDelta)
            assert (event.item_id, event.response_id) == (speaking.item_id, speaking.id)
            assert event.event_id
            short.append(event.delta)

    assert len(short) >= 5
    assert sorted(short + deltas(talk.said)) == sorted(deltas(long_way.said))
    assert speaking.said == "One two."
    assert speaking.sent_ms == 200
    assert talk.session.items[-1].audio_ms == 200


def test_an_endless_reply_goes_on_until_it_is_broken_off() -> None:
    talk, speaking = greeted(load_script.all_the_time())
    talk.wait(3 * load_script.ROUND_MS)
    assert talk.session.active is speaking
    assert speaking.said == load_script.WORDS
    talk.send(client.ResponseCancel())

    assert talk.session.active is None
    assert speaking.next_delta() is None


def test_an_endless_reply_needs_a_pace() -> None:
    with pytest.raises(ValueError, match="needs a pace"):
        Script(replies=(Reply("On.", endless=True),))


def test_load_takes_one_script_at_real_pace() -> None:
    for script in (Script(pace=1), Script(pace=2, delta_ms=20), lambda number: PAIR):
        with pytest.raises(ValueError, match="at pace 1 and with deltas of 20 ms"):
            FarEnd(script, gauges=Gauges())


async def test_replies_come_whole_and_at_real_pace_and_all_is_counted() -> None:
    gauges, loop = Gauges(), asyncio.get_running_loop()
    heard: list[Any] = []
    async with (
        asyncio.timeout(10),
        FarEnd(load_script.turns(think_ms=0), gauges=gauges) as far_end,
        websockets.connect(far_end.url + "?model=m") as connection,
    ):

        async def until(kind: type) -> None:
            while not (heard and isinstance(heard[-1], kind)):
                heard.append(server.parse(await connection.recv(decode=False)))

        await connection.send(client.encode(client.SessionUpdate(PCMU_BOTH_WAYS)), text=True)
        await until(server.SessionUpdated)
        voice = tone(500, 200)
        for at in range(0, len(voice), 160):
            await connection.send(client.append(voice[at : at + 160]), text=True)
        for _ in range(25):
            await connection.send(client.append(b"\xff" * 160), text=True)
        await until(server.ResponseCreated)
        began = loop.time()
        await until(server.ResponseDone)
        took_s = loop.time() - began
        await connection.send("not JSON")
        await until(server.Failure)
        assert gauges.live == 1

    assert [len(delta) for delta in deltas(heard)] == [160] * 75
    assert b"".join(deltas(heard)) == load_script.turns().replies[0].sound
    assert took_s > 1.3
    assert len({event.event_id for event in heard if isinstance(event, server.AudioDelta)}) == 75
    assert (gauges.sessions, gauges.turns, gauges.complaints) == (1, 1, 1)
    assert gauges.received_ms == 700
    assert gauges.sent_ms == 1500
    assert gauges.lateness.count == 35
    assert gauges.reply_time.count == 1
    assert far_end.sessions == []


async def test_a_program_tells_its_stats_while_it_runs_and_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "stats.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "offhook.loadtest.far_end", "--paced", "all-the-time", "--stats-file", str(file)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            said = json.loads(await process.stdout.readline())
            async with websockets.connect(f"{said['url']}?model=m") as connection:
                await connection.send(client.encode(client.SessionUpdate(PCMU_BOTH_WAYS)), text=True)
                await connection.send(client.encode(client.ResponseCreate()), text=True)
                while b"output_audio.delta" not in await connection.recv(decode=False):
                    pass
                reading = await read_far_end(said["stats_url"])
            async with httpx.AsyncClient() as http:
                missing = await http.get(said["stats_url"] + "/more")
            process.send_signal(signal.SIGTERM)
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()

    assert code == 0
    assert reading.sessions == 1
    assert reading.sent_ms >= 20
    assert reading.cpu_s > 0
    assert missing.status_code == 404
    assert FarReading.from_json(json.loads(file.read_text())).sessions == 1


async def test_a_far_end_that_does_not_tell_is_named() -> None:
    with pytest.raises(NoReadingError, match=r"127\.0\.0\.1:1/stats does not tell"):
        await read_far_end("http://127.0.0.1:1/stats")
