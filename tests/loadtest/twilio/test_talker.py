from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from twilio.twiml.voice_response import Connect, VoiceResponse

from offhook.loadtest.twilio import TwilioStandIn

if TYPE_CHECKING:
    from tests.loadtest.twilio.conftest import Gateway

FRAME = bytes(range(160))


class Parrot:
    """Says one frame again and again, and counts what it hears."""

    def __init__(self) -> None:
        self.heard: list[int] = []
        self.enough = asyncio.Event()

    def next_payload(self, at: float) -> bytes:
        return b64encode(FRAME)

    def hears(self, size_bytes: int, now: float) -> None:
        self.heard.append(size_bytes)
        if sum(self.heard) >= 1120:
            self.enough.set()


async def test_a_talker_speaks_and_listens_and_marks_come_back_when_its_sound_has_played(
    twilio: TwilioStandIn, gateway: Gateway
) -> None:
    response, verb = VoiceResponse(), Connect()
    verb.stream(url=gateway.stream_url)
    response.append(verb)
    gateway.answer("/voice", str(response))
    parrot = Parrot()
    line = await twilio.ring("+15550001111", "+15550002222", talker=parrot)
    peer = await gateway.stream()
    await peer.until("media", 3)

    sid = peer.sid
    usual = f'{{"event":"media","streamSid":"{sid}","media":{{"payload":"{b64encode(bytes(320)).decode()}"}}}}'
    spaced = f'{{"event": "media", "streamSid": "{sid}", "media": {{"payload": "{b64encode(bytes(480)).decode()}"}}}}'
    await peer.connection.send(usual)
    await peer.connection.send(spaced)
    await peer.connection.send([usual[:60], usual[60:]])  # in two fragments
    await peer.connection.send(f'{{"event":"mark","streamSid":"{sid}","mark":{{"name":"100"}}}}')
    async with asyncio.timeout(5):
        await parrot.enough.wait()
    echoed = await peer.until("mark")

    assert parrot.heard == [320, 480, 320]
    assert echoed["mark"] == {"name": "100"}
    assert [b64decode(message["media"]["payload"]) for message in peer.events("media")[:3]] == [FRAME] * 3
    numbers = [int(message["sequenceNumber"]) for message in peer.messages[1:]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert line.played_ms >= 140
    line.hang_up()
    await line.until_ended()
    twilio.forget(line)
    assert line.sid not in twilio.lines_by_sid
    assert line.heard() == b"\xff" * len(line.heard())
