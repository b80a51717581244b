"""The whole demo: sets the stage, has the caller ring, shows the call, and judges it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import msgspec

from offhook.audio.formats import PCMU_8K
from offhook.calls import events
from offhook.calls.conversation import ToolStatus
from offhook.calls.events import CallEvent
from offhook.calls.view import CallDetail
from offhook.carriers.twilio.addresses import STATUS_PATH, VOICE_PATH
from offhook.demo.database import DATABASE_NAME, read_tables
from offhook.demo.director import Caller
from offhook.demo.failure import DemoFailed
from offhook.demo.hearing import Phone
from offhook.demo.kept import keep
from offhook.demo.recording import Recording, levels_dbfs
from offhook.demo.scenario import CALLER, DIALLED, Scenario, require_agent
from offhook.demo.screen import Screen
from offhook.demo.stage import Stage, fresh_keys, stage
from offhook.demo.svg import draw
from offhook.demo.telling import Teller, Told
from offhook.demo.timeline import timeline
from offhook.demo.verdict import check, tools_used
from offhook.demo.voice import spoken
from offhook.demo.watch import watching
from offhook.loadtest.twilio import Line, TwilioStandIn
from offhook.telemetry.feed import Occurrence

END_TOLD_WITHIN_S: Final = 5.0
"""The carrier has ended the call; so long the gateway may take to say so, and so long its last tool may take then."""

METERS_EVERY_S: Final = 0.1
_ASK_AGAIN_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Held:
    """A call that is over."""

    detail_json: bytes
    recording: Recording
    opened_ms: int
    """The recording began so long after the call."""
    lines_said: int

    @property
    def detail(self) -> CallDetail:
        """What the gateway has written down."""
        return msgspec.json.decode(self.detail_json, type=CallDetail)


class _Programme:
    """Follows the gateway's events: shows them, and remembers which call it is and whether it is over."""

    def __init__(self, screen: Screen, phone: Phone) -> None:
        self.call_id = ""
        self.began_at = 0.0
        self.ended = asyncio.Event()
        self._screen = screen
        self._phone = phone
        self._teller = Teller()
        self._lines: asyncio.Queue[Told | None] = asyncio.Queue()

    def happened(self, occurrence: Occurrence[CallEvent]) -> None:
        if not self.call_id:
            self.call_id, self.began_at = occurrence.call_id, occurrence.at
        for line in self._teller.tell(occurrence):
            self._lines.put_nowait(line)
        if isinstance(occurrence.event, events.CallEnded):
            self.ended.set()

    def close(self) -> None:
        """There will be no more."""
        self._lines.put_nowait(None)

    async def show(self) -> None:
        """Print the lines in their order, to the last. An answer waits until the phone has heard its first sound."""
        while (line := await self._lines.get()) is not None:
            wait = await self._phone.wait_for(self.began_at + line.at_s) if line.answers else None
            self._screen.told(line, wait)


async def perform(screen: Screen, folder: Path, scenario: Scenario, *, show_log: bool, stay: bool) -> None:
    """One call from ringing to goodbye; its files are in ``folder``, which exists, afterwards.

    With ``stay`` it goes on serving until it is cancelled. Raises DemoFailed if the call did not go as promised,
    OSError if the files cannot be written.
    """
    screen.beginning(scenario)
    keys = fresh_keys()
    database = folder / DATABASE_NAME
    database.unlink(missing_ok=True)
    async with (
        TwilioStandIn(account_sid=keys.account_sid, auth_token=keys.auth_token) as twilio,
        stage(
            keys,
            agent=scenario.agent,
            database=database,
            twilio_api_url=twilio.api_url,
            tell=screen.log_line if show_log else lambda line: None,
        ) as running,
    ):
        screen.header(running, scenario, twilio_api_url=twilio.api_url)
        twilio.voice_url = running.gateway.url + VOICE_PATH
        twilio.status_callback = running.gateway.url + STATUS_PATH
        try:
            held = await _call(running, twilio, screen, scenario)
        except DemoFailed as failure:
            raise DemoFailed(failure.reason, running.log.last_lines) from None
        except httpx.HTTPError as error:
            reason = f"a server does not answer: {error or type(error).__name__}"
            raise DemoFailed(reason, running.log.last_lines) from None
        _judge(screen, folder, scenario, held, database)
        if stay:
            screen.staying(running, keys)
            await _serve_on(running)


def _judge(screen: Screen, folder: Path, scenario: Scenario, held: _Held, database: Path) -> None:
    call, recording = held.detail, held.recording
    picture = draw(timeline(call, recording, opened_ms=held.opened_ms), recording)
    kept = keep(folder, recording, held.detail_json, picture)
    tables = read_tables(database)
    cut = check(call, recording, tables, scenario)
    screen.summary(call, cut, recording, tables, kept)
    if held.lines_said < len(scenario.turns):
        screen.note(f"the call was over after line {held.lines_said} of {len(scenario.turns)}")
    screen.next_steps(scenario.agent, require_agent(scenario.agent))


async def _call(running: Stage, twilio: TwilioStandIn, screen: Screen, scenario: Scenario) -> _Held:
    """Have the caller ring and talk."""
    sounds = await spoken(scenario.turns, running.speech.http)
    turns = [(turn.cue, sound) for turn, sound in zip(scenario.turns, sounds, strict=True)]
    gateway = running.gateway.http
    line = await twilio.ring(CALLER, DIALLED)
    phone = Phone(line)
    programme = _Programme(screen, phone)
    async with watching(gateway, programme.happened):
        with screen.meters():
            showing = asyncio.create_task(programme.show())
            tasks = [showing, asyncio.create_task(_show_levels(line, screen))]
            try:
                await line.until_answered()
                opened_at = phone.began_at
                caller = Caller(line)
                if scenario.promise is not None:
                    await caller.talk(turns)
                    said = len(turns)
                else:
                    said = await caller.talk_freely(turns)
                await _until_told(programme)
                detail_json = await _settled(gateway, programme.call_id)
                programme.close()
                await showing
            finally:
                for task in tasks:
                    task.cancel()
    return _Held(detail_json, phone.recording, round((opened_at - programme.began_at) * 1000), said)


async def _until_told(programme: _Programme) -> None:
    try:
        async with asyncio.timeout(END_TOLD_WITHIN_S):
            await programme.ended.wait()
    except TimeoutError:
        raise DemoFailed(f"the gateway did not tell of the call's end within {END_TOLD_WITHIN_S:.0f} s") from None


async def _settled(gateway: httpx.AsyncClient, call_id: str) -> bytes:
    """The call's record once no tool runs any more: the one that hangs up ends behind the call."""
    give_up_at = asyncio.get_running_loop().time() + END_TOLD_WITHIN_S
    while True:
        answer = (await gateway.get(f"/api/calls/{call_id}")).raise_for_status()
        call = msgspec.json.decode(answer.content, type=CallDetail)
        runs = any(used.status is ToolStatus.INTENDED for used in tools_used(call))
        if not runs or asyncio.get_running_loop().time() > give_up_at:
            return answer.content
        await asyncio.sleep(_ASK_AGAIN_S)


async def _show_levels(line: Line, screen: Screen) -> None:
    size = PCMU_8K.size_bytes(METERS_EVERY_S * 1000)
    while True:
        await asyncio.sleep(METERS_EVERY_S)
        caller, agent = (levels_dbfs(side[-size:], round(METERS_EVERY_S * 1000)) for side in line.stereo())
        if caller and agent:
            screen.levels(caller[-1], agent[-1])


async def _serve_on(running: Stage) -> None:
    """Until Ctrl-C, or until one of them ends by itself: DemoFailed then."""
    with suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as serving:
            for server in (running.gateway, running.speech):
                serving.create_task(server.program.until_gone())
