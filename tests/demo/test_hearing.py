import asyncio
import time
from types import SimpleNamespace
from typing import Any

from tests.demo import evening

from offhook.demo.hearing import Phone
from offhook.demo.recording import Recording


class Line:
    """A line with this recording so far."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.life = SimpleNamespace(over=False)

    def stereo(self) -> tuple[bytes, bytes]:
        return self.recording.caller, self.recording.agent


def phone(line: Any) -> Phone:
    return Phone(line)


ANSWER_MS = evening.QUESTION_MS
"""The answer at the end of the recording began so long ago."""


async def test_the_wait_for_an_answer_is_known_once_it_is_heard() -> None:
    wait = await phone(Line(evening.recording())).wait_for(time.time() - ANSWER_MS / 1000)

    assert wait is not None
    assert abs(wait.lasted_ms - evening.WAIT_MS) <= 5


async def test_the_wait_for_an_earlier_answer_is_not_taken_for_it() -> None:
    whole = evening.recording()
    line = Line(Recording(whole.caller[:-24_000], whole.agent[:-24_000]))
    waiting = asyncio.create_task(phone(line).wait_for(time.time()))
    await asyncio.sleep(0)
    assert not waiting.done()
    line.recording = Recording(whole.caller[: -8 * ANSWER_MS + 160], whole.agent[: -8 * ANSWER_MS + 160])

    wait = await waiting
    assert wait is not None
    assert abs(wait.lasted_ms - evening.WAIT_MS) <= 5


async def test_an_answer_that_is_never_heard_has_no_wait() -> None:
    line = Line(Recording(b"", b""))

    assert await phone(line).wait_for(time.time() - 60) is None
    line.life.over = True
    assert await phone(line).wait_for(time.time()) is None


def test_the_recording_began_when_it_did() -> None:
    async def began_at() -> float:
        return phone(Line(evening.recording())).began_at

    ago_s = evening.recording().duration_ms / 1000
    assert abs(time.time() - ago_s - asyncio.run(began_at())) < 1
