"""Counts what happens on calls, for ``GET /metrics``: an observer of their events, beside the live feed.

It is called for every event of every call, so it counts and returns: a lookup by the event's type, and for those that
are counted one or two more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from offhook.calls import events
from offhook.telemetry import metrics
from offhook.telemetry.logs import get_logger
from offhook.telemetry.metric import OTHER
from offhook.telemetry.readings import Counts, Reading, Tallies

log = get_logger("offhook.calls")


class _Seen:
    """What has to be known of a call to count its later events."""

    __slots__ = ("direction", "engine", "had_leg", "leg_left")

    def __init__(self, engine: str, direction: str) -> None:
        self.engine = engine
        self.direction = direction
        self.had_leg = False
        self.leg_left = False


_UNSEEN = _Seen(OTHER, OTHER)
"""For what is told of a call after its end; it is never written to."""


class Meter:
    """The counts of one worker. ``engines`` are the names of those that are set up."""

    def __init__(self, engines: Iterable[str]) -> None:
        engines = tuple(engines)
        self._seen: dict[str, _Seen] = {}
        """Calls that are not over: an entry comes with CallCreated and goes with CallEnded."""
        self._started = Counts(metrics.CALLS_STARTED, engine=engines)
        self._ended = Counts(metrics.CALLS_ENDED, engine=engines)
        self._refused = Counts(metrics.CALLS_REFUSED)
        self._setup_s = Tallies(metrics.CALL_SETUP)
        self._resume_s = Tallies(metrics.LINE_RESUME)
        self._engine_setup_s = Tallies(metrics.ENGINE_SETUP, engine=engines)
        self._engine_lost = Counts(metrics.ENGINE_LOST, engine=engines)
        self._replies_failed = Counts(metrics.REPLIES_FAILED, engine=engines)
        self._legs_left = Counts(metrics.LEGS_LEFT)
        self._response_s = Tallies(metrics.RESPONSE_LATENCY, engine=engines)
        self._barge_ins = Counts(metrics.BARGE_INS)
        self._tool_calls = Counts(metrics.TOOL_CALLS)
        self._faults = Counts(metrics.METER_FAULTS)
        self._handlers: Mapping[type, Callable[[str, Any], None]] = {
            events.CallCreated: self._call_created,
            events.LegCame: self._leg_came,
            events.LegLeft: self._leg_left,
            events.EngineCame: self._engine_came,
            events.EngineWent: self._engine_went,
            events.AgentBegan: self._agent_began,
            events.Interrupted: self._interrupted,
            events.ReplyFailed: self._reply_failed,
            events.ToolAnswered: self._tool_answered,
            events.CallEnded: self._call_ended,
        }

    @property
    def calls(self) -> int:
        """Calls of which something is kept."""
        return len(self._seen)

    def observe(self, call_id: str, event: events.CallEvent) -> None:
        """Something happened on a call. Raises nothing: what cannot be counted must not hurt the call."""
        handler = self._handlers.get(type(event))
        if handler is None:
            return
        try:
            handler(call_id, event)
        except Exception:
            self._faults.add()
            log.exception("an event could not be counted", call_id=call_id, kind=type(event).__name__)

    def refused(self, reason: str) -> None:
        """A call was not taken in. ``reason``: as the table lists them."""
        self._refused.add(reason)

    def readings(self) -> Iterator[Reading]:
        """All counts, for the page."""
        for family in (
            self._started,
            self._ended,
            self._refused,
            self._setup_s,
            self._resume_s,
            self._engine_setup_s,
            self._engine_lost,
            self._replies_failed,
            self._legs_left,
            self._response_s,
            self._barge_ins,
            self._tool_calls,
            self._faults,
        ):
            yield from family.readings()

    # ---- each kind -------------------------------------------------------------------------------------------------

    def _call_created(self, call_id: str, event: events.CallCreated) -> None:
        self._seen[call_id] = _Seen(event.engine, event.direction)
        self._started.add(event.engine, event.direction)

    def _leg_came(self, call_id: str, event: events.LegCame) -> None:
        seen = self._seen.get(call_id)
        if seen is None:
            return
        if not seen.had_leg:
            seen.had_leg = True
            self._setup_s.add(event.waited_ms / 1000, seen.direction)
        elif seen.leg_left:  # else it took the place of one that was still on: nobody waited
            self._resume_s.add(event.waited_ms / 1000)
        seen.leg_left = False

    def _leg_left(self, call_id: str, event: events.LegLeft) -> None:
        self._legs_left.add(event.reason)
        seen = self._seen.get(call_id)
        if seen is not None:
            seen.leg_left = True

    def _engine_came(self, call_id: str, event: events.EngineCame) -> None:
        self._engine_setup_s.add(event.took_ms / 1000, event.engine)

    def _engine_went(self, call_id: str, event: events.EngineWent) -> None:
        self._engine_lost.add(self._engine(call_id), "true" if event.retryable else "false")

    def _agent_began(self, call_id: str, event: events.AgentBegan) -> None:
        if event.latency_ms is not None:
            self._response_s.add(event.latency_ms / 1000, self._engine(call_id))

    def _interrupted(self, call_id: str, event: events.Interrupted) -> None:
        self._barge_ins.add()

    def _reply_failed(self, call_id: str, event: events.ReplyFailed) -> None:
        self._replies_failed.add(self._engine(call_id))

    def _tool_answered(self, call_id: str, event: events.ToolAnswered) -> None:
        self._tool_calls.add(event.status)

    def _call_ended(self, call_id: str, event: events.CallEnded) -> None:
        self._ended.add(self._engine(call_id), event.reason)
        self._seen.pop(call_id, None)

    def _engine(self, call_id: str) -> str:
        return self._seen.get(call_id, _UNSEEN).engine
