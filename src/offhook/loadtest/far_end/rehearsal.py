"""A session played by hand, without socket or clock: events in, events out, and time goes on only when told to."""

from collections.abc import Sequence
from typing import Any, TypeVar

from offhook.audio.formats import PCMU_8K
from offhook.loadtest.far_end.faults import HangUp, Noise
from offhook.loadtest.far_end.script import Script
from offhook.loadtest.far_end.session import Said, Session
from offhook.loadtest.far_end.tones import tone
from offhook.wires.openai_realtime import client_events as client

FRAME_MS = 20
VOICE_HZ = 500
"""What stands for a caller's voice; no reply chimes at this pitch."""

PCMU_BOTH_WAYS: dict[str, Any] = {
    "type": "realtime",
    "audio": {
        "input": {"format": {"type": "audio/pcmu"}, "transcription": {"model": "gpt-4o-mini-transcribe"}},
        "output": {"format": {"type": "audio/pcmu"}},
    },
}

_Kind = TypeVar("_Kind")


class Rehearsal:
    """Opens a session, and speaks to it. Every verb returns what the session said in answer, in order."""

    def __init__(self, script: Script, **options: Any) -> None:
        self.now = 1000.0
        self.session = Session(script, **options)
        self.said: list[Said] = list(self.session.open(self.now))
        """All that the session has said so far."""

    def send(self, event: client.ClientEvent | bytes) -> list[Said]:
        """One event of the client, or one message as it may come."""
        message = event if isinstance(event, bytes) else client.encode(event)
        return self._kept(self.session.receive(message, self.now))

    def set_up(self, **changes: Any) -> list[Said]:
        """A session.update to µ-law both ways and transcripts, with ``changes`` on top."""
        return self.send(client.SessionUpdate({**PCMU_BOTH_WAYS, **changes}))

    def speak(self, duration_ms: int) -> list[Said]:
        """The caller speaks, in µ-law and at real pace."""
        return self._sound(tone(VOICE_HZ, duration_ms))

    def be_quiet(self, duration_ms: int) -> list[Said]:
        """The caller says nothing, in µ-law and at real pace."""
        return self._sound(PCMU_8K.silence(duration_ms))

    def wait(self, duration_ms: float) -> list[Said]:
        """Time goes by, and no sound comes."""
        until = self.now + duration_ms / 1000
        said: list[Said] = []
        while (deadline := self.session.deadline()) <= until:
            self.now = max(self.now, deadline)
            said += self._kept(self.session.on_time(self.now))
        self.now = until
        return said

    def all_of(self, kind: type[_Kind]) -> list[_Kind]:
        """Of what was said so far, the events of one kind."""
        return only(self.said, kind)

    def _sound(self, sound: bytes) -> list[Said]:
        said: list[Said] = []
        step = PCMU_8K.size_bytes(FRAME_MS)
        for at in range(0, len(sound), step):
            said += self.wait(FRAME_MS)
            said += self.send(client.append(sound[at : at + step]))
        return said

    def _kept(self, said: Any) -> list[Said]:
        self.said += said
        return list(said)


def only(said: Sequence[Said], kind: type[_Kind]) -> list[_Kind]:
    """Of these events, those of one kind."""
    return [event for event in said if isinstance(event, kind)]


def names(said: Sequence[Said]) -> list[str]:
    """What these events are called on the wire; Noise and HangUp, which are none, by these names."""
    return [
        type(event).__name__ if isinstance(event, Noise | HangUp) else str(event.__struct_config__.tag)
        for event in said
    ]
