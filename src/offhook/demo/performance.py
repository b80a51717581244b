"""The whole demo: sets the stage, has the caller ring, shows the call, and judges it."""

import asyncio
import secrets
from pathlib import Path
from typing import Final

import httpx
import msgspec

from offhook.audio.formats import PCMU_8K
from offhook.calls import events
from offhook.calls.events import CallEvent
from offhook.calls.view import CallDetail
from offhook.carriers.twilio.addresses import STATUS_PATH, VOICE_PATH
from offhook.demo.director import Caller
from offhook.demo.failure import DemoFailed
from offhook.demo.recording import Recording, check, levels_dbfs, write_recording
from offhook.demo.scenario import CALLER, CALLER_TURNS, DIALLED, TOOLS_CALLED
from offhook.demo.screen import Screen
from offhook.demo.script import demo_script
from offhook.demo.stage import Gateway, Keys, gateway_process
from offhook.demo.telling import Teller
from offhook.demo.watch import watching
from offhook.loadtest.far_end import FarEnd
from offhook.loadtest.twilio import Line, TwilioStandIn
from offhook.telemetry.feed import Occurrence

END_TOLD_WITHIN_S: Final = 5.0
"""The carrier has ended the call; so long the gateway may take to say so."""

METERS_EVERY_S: Final = 0.1


class _Programme:
    """Follows the gateway's events: shows them, and remembers which call it is and whether it is over."""

    def __init__(self, screen: Screen) -> None:
        self.call_id = ""
        self.ended = asyncio.Event()
        self._screen = screen
        self._teller = Teller()

    def happened(self, occurrence: Occurrence[CallEvent]) -> None:
        self.call_id = self.call_id or occurrence.call_id
        for line in self._teller.tell(occurrence):
            self._screen.told(line)
        if isinstance(occurrence.event, events.CallEnded):
            self.ended.set()


async def perform(screen: Screen, folder: Path, *, show_log: bool) -> None:
    """One call from ringing to goodbye; its files are in ``folder``, which exists, afterwards.

    Raises DemoFailed if it did not go as promised, OSError if the files cannot be written.
    """
    keys = Keys("AC" + secrets.token_hex(16), *(secrets.token_hex(16) for _ in range(3)))
    async with (
        FarEnd(demo_script(), api_key=keys.engine_key) as far_end,
        TwilioStandIn(account_sid=keys.account_sid, auth_token=keys.auth_token) as twilio,
        gateway_process(
            keys,
            engine_url=far_end.url,
            twilio_api_url=twilio.api_url,
            tell=screen.log_line if show_log else lambda line: None,
        ) as gateway,
    ):
        screen.header(gateway, engine_url=far_end.url, twilio_api_url=twilio.api_url)
        twilio.voice_url = gateway.url + VOICE_PATH
        twilio.status_callback = gateway.url + STATUS_PATH
        try:
            detail_json, recording = await _call(gateway, twilio, screen)
        except DemoFailed as failure:
            raise DemoFailed(failure.reason, gateway.log.last_lines) from None
        except httpx.HTTPError as error:
            reason = f"the gateway does not answer: {error or type(error).__name__}"
            raise DemoFailed(reason, gateway.log.last_lines) from None
    call = msgspec.json.decode(detail_json, type=CallDetail)
    kept = write_recording(folder, recording, detail_json)
    for session in far_end.sessions:
        if session.errors:
            raise DemoFailed(f"the far end complained: {session.errors[0].message}")
    truncated_at_ms = [cut.audio_end_ms for session in far_end.sessions for cut in session.truncations]
    cut = check(call, recording, tools=TOOLS_CALLED, turns=len(CALLER_TURNS), truncated_at_ms=truncated_at_ms)
    screen.summary(call, cut, recording, kept)


async def _call(gateway: Gateway, twilio: TwilioStandIn, screen: Screen) -> tuple[bytes, Recording]:
    """Have the caller ring and talk. Return what the gateway has written down, and what the phone has recorded."""
    programme = _Programme(screen)
    async with watching(gateway.http, programme.happened):
        line = await twilio.ring(CALLER, DIALLED)
        with screen.meters():
            meters = asyncio.create_task(_show_levels(line, screen))
            try:
                await Caller(line).talk(CALLER_TURNS)
            finally:
                meters.cancel()
        try:
            await asyncio.wait_for(programme.ended.wait(), END_TOLD_WITHIN_S)
        except TimeoutError:
            raise DemoFailed(f"the gateway did not tell of the call's end within {END_TOLD_WITHIN_S:.0f} s") from None
    answer = await gateway.http.get(f"/api/calls/{programme.call_id}")
    return answer.raise_for_status().content, Recording(*line.stereo())


async def _show_levels(line: Line, screen: Screen) -> None:
    size = PCMU_8K.size_bytes(METERS_EVERY_S * 1000)
    while True:
        await asyncio.sleep(METERS_EVERY_S)
        caller, agent = (levels_dbfs(side[-size:], round(METERS_EVERY_S * 1000)) for side in line.stereo())
        if caller and agent:
            screen.levels(caller[0], agent[0])
