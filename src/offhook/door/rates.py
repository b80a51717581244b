"""How often who may ask.

Strangers, who show no valid signature or token, are counted by address; Twilio, which asks for all its customers from
few addresses, by the account that signed; programs by the API's token. Who shows what they should is never held up by
what strangers do, even from the same address. Who watches (``/metrics``, ``/api/capacity``) is counted apart, so that a
program that lists calls all the time does not shut out a scraper, nor a busy scraper one that hangs up.

Windows are fixed (``limits``, "Fixed window"): in the worst moment, between two of them, twice as much goes through.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.strategies import FixedWindowRateLimiter

from offhook.door.counts import Counts

WINDOW_S: Final = 10
"""Of what is limited per second: bursts are ordinary."""

STATUSES_PER_CALL: Final = 10
"""So many status callbacks an account may send for each call; Twilio sends up to five."""

ACCOUNT_LIMIT_CHARS: Final = 64


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The limits."""

    strangers_per_minute: int = 300
    """Of one address, or one /64 of IPv6."""
    account_calls_per_second: int = 100
    """New inbound calls of one account."""
    api_per_second: int = 100
    """Requests with the API's token; as many again of who watches."""


class Rates:
    """All counts of one worker. Each method counts once and returns None, or the seconds to wait: that one was too
    much."""

    def __init__(self, limits: RateLimits, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        # Apart, so that strangers of many addresses do not push out the others' counts.
        self._strange = FixedWindowRateLimiter(Counts(clock))
        self._known = FixedWindowRateLimiter(Counts(clock))
        self._per_stranger = RateLimitItemPerMinute(limits.strangers_per_minute)
        self._calls = RateLimitItemPerSecond(limits.account_calls_per_second * WINDOW_S, WINDOW_S)
        self._statuses = RateLimitItemPerSecond(
            limits.account_calls_per_second * STATUSES_PER_CALL * WINDOW_S, WINDOW_S
        )
        self._requests = RateLimitItemPerSecond(limits.api_per_second * WINDOW_S, WINDOW_S)

    def stranger(self, source: str) -> float | None:
        """A request that shows no valid signature or token."""
        return self._hit(self._strange, self._per_stranger, source)

    def stranger_must_wait(self, source: str) -> float | None:
        """The same, asked before it is known; not counted."""
        if self._strange.test(self._per_stranger, source):
            return None
        return self._wait_s(self._strange, self._per_stranger, source)

    def new_call(self, account: str) -> float | None:
        """The carrier rings for this account."""
        return self._hit(self._known, self._calls, "calls", account[:ACCOUNT_LIMIT_CHARS])

    def status(self, account: str) -> float | None:
        """A status callback."""
        return self._hit(self._known, self._statuses, "statuses", account[:ACCOUNT_LIMIT_CHARS])

    def api(self) -> float | None:
        """A request with the API's token, or of this machine where no token is set."""
        return self._hit(self._known, self._requests, "api")

    def watch(self) -> float | None:
        """A request for what there is to watch, with either token."""
        return self._hit(self._known, self._requests, "watch")

    def _hit(self, limiter: FixedWindowRateLimiter, item: RateLimitItem, *who: str) -> float | None:
        return None if limiter.hit(item, *who) else self._wait_s(limiter, item, *who)

    def _wait_s(self, limiter: FixedWindowRateLimiter, item: RateLimitItem, *who: str) -> float:
        return max(1.0, limiter.get_window_stats(item, *who).reset_time - self._clock())
