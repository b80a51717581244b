"""One bad evening: bad callers and bad engines, all at once, beside callers who must not notice.

It is played once, in about seven seconds; the tests look at what came of it.
"""

import asyncio
import json
import logging
import socket
import time
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import websockets
from tests.by_hand import Hand, Ringing, Stream, by_hand, connected, media, ringing, start, stream_url
from tests.door.scrape import Page
from tests.gateway import CALLER, DIALLED, Network, network
from tests.legs.street import MONOLOGUE, MONOLOGUE_SOUND, SPEECH, SPEECH_SOUND, without_pauses
from tests.waiting import eventually
from websockets.asyncio.server import Server, ServerConnection

from offhook.agents.agent import Agent
from offhook.agents.policies import BargeIn, SilencePolicy
from offhook.calls import bridge, events
from offhook.calls.call import Call
from offhook.calls.leg import LeftReason
from offhook.engines.realtime.session import UNSENT_LIMIT_BYTES as ENGINE_UNSENT_LIMIT_BYTES
from offhook.legs import twilio
from offhook.loadtest.far_end import Reply, Script
from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.figures.lateness import Lateness
from offhook.loadtest.twilio.track import SILENCE

BYSTANDERS = 10
LISTENERS = 5
"""Bystanders who do nothing but note when what they hear comes."""

QUIET_S = 1.5
"""How long the listeners listen before the bad ones come."""

LATE_MS = 500
"""Far above what a machine that is busy with other tests does to the bystanders, far below what one bad peer could do
whom others had to wait for: the shortest of those waits is seconds."""
QUEUE_MS = 1000
STALL_S = 5.0
TEN_MINUTES = Script(greeting=Reply("A very long story.", audio=b"\x55" * 8000 * 600), delta_ms=1000)
HELLO = Script(greeting=Reply("Hello.", duration_ms=300))
EVENLY = Script(greeting=Reply("On and on. " * 100, duration_ms=60_000), pace=1, delta_ms=20)
FRAME = b64encode(SILENCE * 160)
STALLS, RESETS, SHOUTS, SILENT = "+15550003331", "+15550003332", "+15550003333", "+15550003334"

pytestmark = pytest.mark.asyncio(loop_scope="module")


def badly_answered(name: str) -> Agent:
    return Agent(name=name, instructions=f"You are one who {name}", greeting="Hello.", engine="local", silence=None)


STALLED, RESET, SHOUTED = (badly_answered(name) for name in ("stalls", "resets", "shouts"))
IMPATIENT = Agent(
    name="impatient",
    instructions="You are one who listens",
    engine="local",
    silence=SilencePolicy(after_s=0.5, checks=0),
)


class BadEngine:
    """Knows by the instructions which of its faults is wanted."""

    def __init__(self) -> None:
        self.sessions: dict[str, int] = defaultdict(int)
        self.sound_ms: dict[str, float] = defaultdict(float)
        self._server: Server | None = None

    async def __aenter__(self) -> "BadEngine":
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
        self._server = await websockets.serve(
            self._serve, sock=listener, compression=None, ping_interval=None, max_size=None, max_queue=1
        )
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}/v1/realtime"

    async def _serve(self, connection: ServerConnection) -> None:
        update = json.loads(await connection.recv())
        hints = update["session"].get("hints", {})
        name = update["session"]["instructions"].rsplit(" ", 1)[-1]
        assert hints is not None
        self.sessions[name] += 1
        await connection.send(json.dumps({"type": "session.updated", "session": {}}))
        try:
            if name == "shouts":
                await self._shout(connection)
            elif name == "resets" and self.sessions[name] == 1:
                await asyncio.sleep(1)
                connection.transport.abort()
            elif name == "stalls":
                await asyncio.sleep(0.5)
                connection.transport.pause_reading()
                await asyncio.sleep(STALL_S)
                connection.transport.resume_reading()
            async for message in connection:
                event = json.loads(message)
                if event["type"] == "input_audio_buffer.append":
                    self.sound_ms[name] += len(b64decode(event["audio"])) / 8
                elif event["type"] == "response.create" and name == "listens":
                    for kind, status in (("created", "in_progress"), ("done", "completed")):
                        response = {"id": "r1", "object": "realtime.response", "status": status, "output": []}
                        await connection.send(json.dumps({"type": f"response.{kind}", "response": response}))
        except websockets.ConnectionClosed:
            pass

    async def _shout(self, connection: ServerConnection) -> None:
        sound = b64encode(bytes(10 * 1024 * 1024 * 3 // 4)).decode()
        response = {"id": "r1", "object": "realtime.response", "status": "in_progress", "output": []}
        await connection.send(json.dumps({"type": "response.created", "response": response}))
        await connection.send(
            json.dumps({"type": "response.output_audio.delta", "response_id": "r1", "item_id": "i1", "delta": sound})
        )


class Late:
    """How late sound came, of all listeners together."""

    def __init__(self) -> None:
        self.lateness = Distribution()
        self.missing_ms = 0.0


class Listener:
    """A caller who says nothing and notes when sound comes."""

    def __init__(self, late: Late) -> None:
        self._lateness = Lateness(late)

    def next_payload(self, at: float) -> bytes:
        return FRAME

    def hears(self, size_bytes: int, now: float) -> None:
        self._lateness.arrived(size_bytes / 8, now)


@dataclass
class Evening:
    """What came of it."""

    net: Network
    engine: BadEngine
    calls: dict[str, Call] = field(default_factory=dict)
    """The bad ones, by what is wrong with them."""
    closed: dict[str, tuple[int | None, str]] = field(default_factory=dict)
    happened: list[tuple[str, events.CallEvent]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    unsent_bytes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """The most there ever was."""
    queued_ms: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    spoken_ms: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    streams: list[Stream] = field(default_factory=list)
    late: Late = field(default_factory=Late)
    before: Distribution = field(default_factory=Distribution)
    """How late sound came to the listeners in QUIET_S, without any bad peer."""
    during: Distribution = field(default_factory=Distribution)
    page: Page = field(default_factory=lambda: Page(""))
    """``GET /metrics``, at the end."""

    async def stream(self, call: Ringing) -> Stream:
        self.streams.append(await Stream.to(call.url))
        return self.streams[-1]

    def told(self, wrong: str, kind: type[Any]) -> list[Any]:
        call_id = self.calls[wrong].call_id
        return [event for of, event in self.happened if of == call_id and isinstance(event, kind)]

    def logged(self, wrong: str, event: str) -> list[dict[str, Any]]:
        call_id = self.calls[wrong].call_id
        return [line for line in self.log if line.get("event") == event and line.get("call_id") == call_id]

    def living(self, call_id: str) -> Call:
        found = self.net.running.gateway.switchboard.find(call_id)
        assert isinstance(found, Call)
        return found

    async def watch(self) -> None:
        while True:
            for wrong, call in self.calls.items():
                self.unsent_bytes[wrong] = max(self.unsent_bytes[wrong], call.bridge.unsent_bytes)
                self.queued_ms[wrong] = max(self.queued_ms[wrong], call.bridge.queued_ms)
            await asyncio.sleep(0.02)

    async def follow(self) -> None:
        with self.net.running.gateway.feed.subscribe() as feed:
            while True:
                occurrence = await feed.next()
                self.happened.append((occurrence.call_id, occurrence.event))


class Notes(logging.Handler):
    """Keeps the log."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict):
            self._lines.append(dict(record.msg))


async def rings(evening: Evening, hand: Hand, wrong: str, dialled: str | None = None) -> Ringing:
    fields = ringing(**({"To": dialled} if dialled else {}))
    answer = await hand.post("/twilio/voice", fields)
    call = Ringing(fields["CallSid"], stream_url(answer.text))
    evening.calls[wrong] = evening.living(call.call_id)
    return call


async def speaks(evening: Evening, wrong: str, stream: Stream, seconds: float, times: float = 1) -> None:
    """Sound at so many times real time, as long as anybody listens."""
    began, sent = time.monotonic(), 0
    while (lasted := time.monotonic() - began) < seconds and not stream.writer.is_closing():
        while sent < lasted * 50 * times:
            sent += 1
            frame = media()
            frame["media"]["timestamp"] = str(sent * 20)
            stream.say(frame)
            evening.spoken_ms[wrong] += 20
        await asyncio.sleep(0.02)


async def hurried_caller(evening: Evening, hand: Hand) -> None:
    call = await rings(evening, hand, "hurries")
    stream = await evening.stream(call)
    await stream.start(call.call_sid)
    speaking = asyncio.create_task(speaks(evening, "hurries", stream, 6, times=10))
    evening.closed["hurries"] = await stream.closed(8)
    speaking.cancel()


async def deaf_caller(evening: Evening, hand: Hand) -> None:
    call = await rings(evening, hand, "never reads")
    stream = await evening.stream(call)
    stream.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stream.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await stream.start(call.call_sid)
    await speaks(evening, "never reads", stream, twilio.SLOW_LIMIT_S + 1)


async def silent_caller(evening: Evening, hand: Hand) -> None:
    call = await rings(evening, hand, "says nothing", SILENT)
    stream = await evening.stream(call)
    stream.say(connected(), start(call.call_sid))
    evening.closed["says nothing"] = await stream.closed(10)


async def long_listener(evening: Evening) -> None:
    line = await evening.net.connected()
    found = evening.net.running.gateway.switchboard.find_by_carrier(line.sid)
    assert isinstance(found, Call)
    evening.calls["is told a story"] = found
    await eventually(lambda: evening.told("is told a story", events.EngineComplaint))


async def with_bad_engine(
    evening: Evening, hand: Hand, wrong: str, dialled: str, seconds: float, times: float = 1
) -> None:
    call = await rings(evening, hand, wrong, dialled)
    stream = await evening.stream(call)
    await stream.start(call.call_sid)
    await speaks(evening, wrong, stream, seconds, times)


def script(number: int) -> Script:
    if number < BYSTANDERS:
        return MONOLOGUE
    return EVENLY if number < BYSTANDERS + LISTENERS else TEN_MINUTES


async def listens(evening: Evening) -> None:
    line = await evening.net.twilio.ring(CALLER, DIALLED, talker=Listener(evening.late))
    await line.until_streaming()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def evening() -> AsyncIterator[Evening]:
    agent = Agent(greeting="Hello.", barge_in=BargeIn(allowed=False), silence=None)
    here = "tests.legs.test_bad_peers"
    routes = {
        STALLS: f"{here}:STALLED",
        RESETS: f"{here}:RESET",
        SHOUTS: f"{here}:SHOUTED",
        SILENT: f"{here}:IMPATIENT",
    }
    async with (
        BadEngine() as bad,
        network(
            script, agent, rest=False, speech_url=bad.url, routes=routes, queue_ms=QUEUE_MS, resume_seconds=60
        ) as net,
        by_hand(net.running) as hand,
    ):
        came_of_it = Evening(net, bad)
        notes = Notes(came_of_it.log)
        logging.getLogger("offhook").addHandler(notes)
        await eventually(lambda: len(bad.sessions) == 4)  # opened ahead of the calls, and closed
        bad.sessions.clear()
        lines = [await net.connected() for _ in range(BYSTANDERS)]
        for line in lines:
            line.say(SPEECH)
        for _ in range(LISTENERS):
            await listens(came_of_it)
        await asyncio.sleep(QUIET_S)
        came_of_it.before = came_of_it.late.lateness.copy()
        watching = [asyncio.create_task(each) for each in (came_of_it.watch(), came_of_it.follow())]
        await asyncio.gather(
            hurried_caller(came_of_it, hand),
            deaf_caller(came_of_it, hand),
            silent_caller(came_of_it, hand),
            long_listener(came_of_it),
            with_bad_engine(came_of_it, hand, "stalls", STALLS, STALL_S + 2, times=2),
            with_bad_engine(came_of_it, hand, "resets", RESETS, 3),
            with_bad_engine(came_of_it, hand, "shouts", SHOUTS, 3),
        )
        for watcher in watching:
            watcher.cancel()
        came_of_it.during = came_of_it.late.lateness.since(came_of_it.before)
        for wrong, call in came_of_it.calls.items():
            if wrong != "is told a story":
                sid = call.line.carrier_call_id or ""
                await hand.post("/twilio/status", {"CallSid": sid, "CallStatus": "completed"})
        came_of_it.page = Page((await net.http.get("/metrics")).text)
        yield came_of_it
        logging.getLogger("offhook").removeHandler(notes)
        for stream in came_of_it.streams:
            stream.abort()


async def test_a_caller_at_ten_times_real_time_is_closed_with_the_rate_in_the_log(evening: Evening) -> None:
    code, reason = evening.closed["hurries"]

    assert code == 1008
    assert "times real time" in reason
    [line] = evening.logged("hurries", "stream refused")
    assert line["reason"] == reason
    [left] = evening.told("hurries", events.LegLeft)
    assert left.reason is LeftReason.REFUSED


async def test_a_caller_who_never_reads_holds_back_their_engine_and_is_closed(evening: Evening) -> None:
    [line] = evening.logged("never reads", "the stream does not take what is played; closing it")
    [left] = evening.told("never reads", events.LegLeft)

    assert left.reason is LeftReason.TOO_SLOW
    # Not all ten minutes, which are 6 MB, but what was read before the engine was held back.
    assert twilio.UNSENT_HIGH_BYTES < line["unsent_bytes"] < twilio.UNSENT_LIMIT_BYTES
    assert evening.unsent_bytes["never reads"] < twilio.UNSENT_LIMIT_BYTES


async def test_a_caller_who_sends_nothing_is_let_go_by_the_agents_patience(evening: Evening) -> None:
    assert evening.closed["says nothing"][0] == 1000
    assert evening.queued_ms["says nothing"] == 0


async def test_an_engine_that_stalls_costs_no_more_sound_than_is_told(evening: Evening) -> None:
    call = evening.calls["stalls"]
    spoken_ms, heard_ms = evening.spoken_ms["stalls"], evening.engine.sound_ms["stalls"]

    assert call.bridge.dropped_ms > 0
    socket_ms = ENGINE_UNSENT_LIMIT_BYTES * 3 / 4 / 8 + 40
    assert evening.queued_ms["stalls"] <= QUEUE_MS + socket_ms
    # All that was spoken was heard, or is accounted for as dropped; the last frames may be on their way.
    assert spoken_ms - 500 <= heard_ms + call.bridge.dropped_ms + call.bridge.queued_ms <= spoken_ms
    assert not evening.told("stalls", events.EngineWent)


async def test_a_call_whose_engine_resets_the_connection_goes_on_with_another_session(evening: Evening) -> None:
    assert len(evening.told("resets", events.EngineWent)) == 1
    assert len(evening.told("resets", events.EngineCame)) == 2
    assert not evening.told("resets", events.CallEnded)


async def test_a_delta_of_ten_megabytes_is_not_taken_and_an_engine_that_insists_loses_the_call(
    evening: Evening,
) -> None:
    refusals = evening.logged("shouts", "closed the connection to the engine")

    assert {line["close_code"] for line in refusals} == {1009}
    assert evening.engine.sessions["shouts"] == len(refusals) == 3
    assert {went.code for went in evening.told("shouts", events.EngineWent)} == {"1009"}
    assert evening.logged("shouts", "no engine for the call")


async def test_of_ten_minutes_of_reply_at_once_the_caller_gets_what_is_allowed(evening: Evening) -> None:
    [complaint] = evening.told("is told a story", events.EngineComplaint)
    call = evening.calls["is told a story"]

    assert complaint.code == bridge.TOO_FAR_AHEAD
    assert evening.logged("is told a story", "cut a reply")
    assert bridge.UNPLAYED_LIMIT_S - 10 < call.bridge.plays_until - time.monotonic() < bridge.UNPLAYED_LIMIT_S + 2


async def test_the_bystanders_neither_lost_nor_missed_anything(evening: Evening) -> None:
    net = evening.net
    for line, session in zip(net.twilio.lines[:BYSTANDERS], net.far_end.sessions, strict=False):
        assert len(line.streams) == 1
        assert line.stream is not None
        assert line.stream.chunks_discarded == 0
        assert net.of(line).dropped_ms == 0
        heard, spoken = without_pauses(line.heard()), without_pauses(bytes(session.appended.sound or b""))
        assert len(heard) > 8000
        assert len(spoken) > 8000
        assert heard == MONOLOGUE_SOUND[: len(heard)]
        assert spoken == SPEECH_SOUND[: len(spoken)]


async def test_what_the_bystanders_hear_comes_no_later_than_ever(evening: Evening) -> None:
    before, during = evening.before, evening.during
    before_ms, during_ms = before.quantile(0.99) or 0.0, during.quantile(0.99) or 0.0
    print(f"p99 of lateness at the bystanders: {before_ms:.1f} ms before, {during_ms:.1f} ms beside bad peers")

    assert before.count >= LISTENERS * 20
    assert during.count >= LISTENERS * 200
    assert evening.late.missing_ms <= LATE_MS
    assert during_ms <= LATE_MS


async def test_the_fate_of_each_is_in_the_metrics(evening: Evening) -> None:
    page = evening.page

    # Hurried, deaf; and two whom we closed: one whose silence the agent had enough of, one whose engine shouted.
    assert page.not_zero("offhook_legs_left_total", "reason") == {"refused": 1, "too_slow": 1, "closed": 2}
    assert page.not_zero("offhook_calls_ended_total", "outcome") == {
        "silence": 1,
        "engine_failed": 1,
        "caller_hung_up": 4,  # all others but the long listener, when the evening was over
    }
    # One was reset, and three shouted at.
    assert page.not_zero("offhook_engine_sessions_lost_total", "retryable") == {"true": 4}
    assert page.sum("offhook_engine_sessions_lost_total", engine="local") == 4
    dropped_ms = evening.calls["stalls"].bridge.dropped_ms
    assert page["offhook_caller_sound_dropped_seconds_total"] == pytest.approx(dropped_ms / 1000)
    assert page["offhook_metering_faults_total"] == 0
