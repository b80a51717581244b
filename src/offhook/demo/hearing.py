"""The phone, listened to during the call: how long the caller waited for each answer."""

import asyncio
import time
from typing import Final

from offhook.demo.recording import Recording, Wait, waits
from offhook.loadtest.twilio import Line

LISTEN_EVERY_S: Final = 0.05
LISTENS_BACK_MS: Final = 8000
"""Of the recording, so much is looked at: all of it would take longer than a frame of sound lasts."""

HEARD_WITHIN_S: Final = 1.5
"""Behind the moment at which the gateway says that it sent the first sound of an answer."""


class Phone:
    """One line, which is open. Times are loop time."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()

    @property
    def recording(self) -> Recording:
        """All of it until now."""
        return Recording(*self._line.stereo())

    @property
    def began_at(self) -> float:
        """When the recording began, in seconds since the epoch. While the call lasts."""
        return time.time() - self.recording.duration_ms / 1000

    async def wait_for(self, sent_at: float) -> Wait | None:
        """The caller's wait for an answer whose first sound was sent then (seconds since the epoch), once it is heard.

        None if it is not: it was cut before, or there was no turn of the caller before it.
        """
        give_up_at = sent_at + HEARD_WITHIN_S
        while True:
            last = _last_wait(self.recording.tail(LISTENS_BACK_MS))
            # That long ago the answer was sent, so this must be the wait for it and not an earlier one's.
            if last is not None and last[1] <= (time.time() - sent_at) * 1000 + SENT_EARLIER_MS:
                return last[0]
            if time.time() > give_up_at or self._line.life.over:
                return None
            await asyncio.sleep(LISTEN_EVERY_S)


SENT_EARLIER_MS: Final = 100
"""The clocks of the two processes are one, but events need a while to be written and read."""


def _last_wait(tail: Recording) -> tuple[Wait, float] | None:
    """The last wait in it, and how long ago it ended."""
    found = waits(tail)
    return (found[-1], tail.duration_ms - found[-1].to_ms) if found else None
