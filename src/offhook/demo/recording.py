"""Both sides of the call as the phone has recorded them, and what can be told from that alone, by level.

The caller is on the left, and on the right is what they heard of the agent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from offhook.audio.formats import PCMU_8K, Encoding
from offhook.audio.meter import Meter

WINDOW_MS: Final = 20
FINE_WINDOW_MS: Final = 5
"""Where the caller's wait begins and ends is told so exactly."""

SPEECH_DBFS: Final = -45.0
"""A window that loud is speech; speech on a good line lies around −20, and its pauses below −50."""

BREATH_MS: Final = 500
"""A pause within a turn is shorter."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Both sides of a call, in µ-law and equally long."""

    caller: bytes
    agent: bytes

    @property
    def duration_ms(self) -> float:
        """How long it lasts."""
        return PCMU_8K.duration_ms(len(self.caller))

    def tail(self, duration_ms: float) -> "Recording":
        """The end of it, or a little more: windows of all kinds lie in it as they do in the whole."""
        begin = max(0, len(self.caller) - PCMU_8K.size_bytes(duration_ms))
        begin -= begin % PCMU_8K.size_bytes(WINDOW_MS)
        return Recording(self.caller[begin:], self.agent[begin:])


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody speaks, from and to, in milliseconds of the recording."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Wait:
    """The caller has stopped, and the agent answers: both to FINE_WINDOW_MS, in milliseconds of the recording."""

    from_ms: int
    """Behind the caller's last voiced sound."""
    to_ms: int
    """The first voiced sound of the agent."""

    @property
    def lasted_ms(self) -> int:
        """How long the line was silent."""
        return self.to_ms - self.from_ms


@dataclass(frozen=True, slots=True)
class Overlap:
    """Where the caller began to speak into the agent's words, in milliseconds of the recording."""

    reply_at_ms: int
    """The agent's first sound since the caller's turn before."""
    caller_at_ms: int
    silent_at_ms: int
    """The agent's last sound."""

    @property
    def yielded_ms(self) -> int:
        """How long both were heard."""
        return self.silent_at_ms - self.caller_at_ms

    @property
    def heard_ms(self) -> int:
        """How much of the reply is in the recording."""
        return self.silent_at_ms - self.reply_at_ms


def caller_turns(recording: Recording) -> list[Span]:
    """When the caller spoke."""
    return _spans(recording.caller, WINDOW_MS)


def is_heard(recording: Recording) -> bool:
    """Whether the agent ever spoke."""
    return any(_speech(recording.agent, WINDOW_MS))


def waits(recording: Recording) -> list[Wait]:
    """How long the caller waited for an answer, for each turn that was answered before the next one."""
    voiced_ms = [at * FINE_WINDOW_MS for at, spoken in enumerate(_speech(recording.agent, FINE_WINDOW_MS)) if spoken]
    turns = _spans(recording.caller, FINE_WINDOW_MS)
    ends_ms = [*(turn.from_ms for turn in turns[1:]), recording.duration_ms]
    found: list[Wait] = []
    for turn, end_ms in zip(turns, ends_ms, strict=False):
        answer_ms = next((at_ms for at_ms in voiced_ms if at_ms >= turn.to_ms), None)
        if answer_ms is not None and answer_ms < end_ms:
            found.append(Wait(turn.to_ms, answer_ms))
    return found


def overlaps(recording: Recording) -> list[Overlap]:
    """Where the caller interrupts."""
    agent = _speech(recording.agent, WINDOW_MS)
    found: list[Overlap] = []
    for before, turn in pairwise([Span(0, 0), *caller_turns(recording)]):
        first = before.to_ms // WINDOW_MS
        sounding = [at * WINDOW_MS for at in range(first, turn.to_ms // WINDOW_MS) if agent[at]]
        if sounding and sounding[0] < turn.from_ms <= sounding[-1]:
            found.append(Overlap(sounding[0], turn.from_ms, sounding[-1] + WINDOW_MS))
    return found


def levels_dbfs(sound: bytes, window_ms: int) -> list[float]:
    """The level of each window of µ-law."""
    level_dbfs, size = Meter(Encoding.PCMU).level_dbfs, PCMU_8K.size_bytes(window_ms)
    return [level_dbfs(sound[at : at + size]) for at in range(0, len(sound), size)]


def _spans(sound: bytes, window_ms: int) -> list[Span]:
    """Runs of windows with speech in them, and no pause longer than a breath."""
    spans: list[Span] = []
    for at_ms in _voiced_ms(_speech(sound, window_ms), window_ms):
        if spans and at_ms - spans[-1].to_ms <= BREATH_MS:
            spans[-1] = Span(spans[-1].from_ms, at_ms + window_ms)
        else:
            spans.append(Span(at_ms, at_ms + window_ms))
    return spans


def _voiced_ms(speech: Iterable[bool], window_ms: int) -> Iterable[int]:
    return (index * window_ms for index, spoken in enumerate(speech) if spoken)


def _speech(sound: bytes, window_ms: int) -> list[bool]:
    return [level >= SPEECH_DBFS for level in levels_dbfs(sound, window_ms)]
