"""When the next outbound call may be placed. Twilio queues what comes faster than the account's calls per second, for
up to 24 hours; a call that rings somebody tomorrow is worse than one that is refused now."""

from offhook.errors import CallRefused


class Pacing:
    """At most ``per_second`` calls; who comes too soon waits their turn, up to ``wait_limit_s``."""

    __slots__ = ("_interval_s", "_next_at", "_wait_limit_s")

    def __init__(self, per_second: float, wait_limit_s: float = 30.0) -> None:
        self._interval_s = 1 / per_second
        self._wait_limit_s = wait_limit_s
        self._next_at = 0.0

    def reserve(self, now: float) -> float:
        """Take the next turn; return the seconds to wait for it. Raises CallRefused if that is too long."""
        wait_s = max(0.0, self._next_at - now)
        if wait_s > self._wait_limit_s:
            raise CallRefused(
                f"{round(wait_s / self._interval_s)} calls wait to be placed at {1 / self._interval_s:g} per second",
                retry_after_s=wait_s - self._wait_limit_s,
            )
        self._next_at = now + wait_s + self._interval_s
        return wait_s
