"""A street with one long call on it, and a hand that makes others, good and bad."""

from dataclasses import dataclass
from typing import Any

from tests.by_hand import (
    Hand,
    Ringing,
    Stream,
)
from tests.gateway import Network
from tests.waiting import eventually

from offhook.calls.view import CallDetail
from offhook.loadtest.far_end import NO_FAULTS, Faults, Reply, Script, Session
from offhook.loadtest.far_end.tones import tone
from offhook.loadtest.twilio import Line
from offhook.loadtest.twilio.track import SILENCE

START_WITHIN_S = 0.6
VOICE_HZ = 700.0
MONOLOGUE = Script(greeting=Reply("On and on. " * 100, duration_ms=120_000), pace=1.05, delta_ms=100)
MONOLOGUE_SOUND = MONOLOGUE.greeting.sound.replace(SILENCE, b"") if MONOLOGUE.greeting else b""
SPEECH = tone(VOICE_HZ, 120_000)
SPEECH_SOUND = SPEECH.replace(SILENCE, b"")
HELLO = Script(greeting=Reply("Hello.", duration_ms=400))


@dataclass
class Street:
    """A gateway with one long call on it, and a hand that makes bad ones."""

    net: Network
    twilio: Hand
    bystander: Line
    script: Script = HELLO
    """Of the next engine session."""
    faults: Faults = NO_FAULTS

    def shown(self, call: Ringing) -> CallDetail:
        [found] = [each for each in self.net.running.calls if each.id == call.call_id]
        return found

    def state(self, call: Ringing) -> str:
        return str(self.shown(call).state)

    async def session_of(self, call: Ringing) -> Session:
        """The engine's side of the call that was made last."""
        await eventually(lambda: self.shown(call).timings.engine_ms is not None)
        return self.net.far_end.sessions[-1]

    async def started(self) -> tuple[Ringing, Stream]:
        """A stream of a call by hand, as far as ``start``."""
        call = await self.twilio.ring()
        stream = await Stream.to(call.url)
        await stream.start(call.call_sid)
        await eventually(lambda: self.state(call) == "talking")
        return call, stream

    async def over(self, call: Ringing) -> None:
        await self.twilio.post("/twilio/status", {"CallSid": call.call_sid, "CallStatus": "completed"})

    async def goes_on(self, ms: float = 100) -> None:
        """The bystander hears and is heard from now on; and so far, nothing of either was lost."""
        line, session = self.bystander, self.net.far_end.sessions[0]
        heard_ms, spoken_ms = line.played_ms, session.appended.duration_ms
        await eventually(lambda: line.played_ms >= heard_ms + ms and session.appended.duration_ms >= spoken_ms + ms)
        assert len(line.streams) == 1
        assert line.stream is not None
        assert line.stream.chunks_discarded == 0
        assert self.net.of(line).dropped_ms == 0
        # A pause is this process being busy, and no sound that is missing.
        heard, spoken = without_pauses(line.heard()), without_pauses(bytes(session.appended.sound or b""))
        assert heard == MONOLOGUE_SOUND[: len(heard)]
        assert spoken == SPEECH_SOUND[: len(spoken)]


def without_pauses(sound: bytes) -> bytes:
    return sound.replace(SILENCE, b"")


UNKNOWN = {"event": "weather", "streamSid": "MZ1", "sky": "clear"}


def pressing(digit: Any) -> dict[str, Any]:
    return {"event": "dtmf", "streamSid": "MZ1", "sequenceNumber": "3", "dtmf": {"digit": digit}}
