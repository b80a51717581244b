"""How a worker stands at this moment: how full, whether it takes calls, how much sound waits."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

from offhook.calls.switchboard import Switchboard
from offhook.telemetry import metrics
from offhook.telemetry.readings import Reading


def standing(switchboard: Switchboard, engines: Sequence[str]) -> Iterator[Reading]:
    """For ``GET /metrics``. ``engines`` are the names of those that are set up."""
    calls = switchboard.living()
    counted: Counter[tuple[str, ...]] = Counter((call.engine_name, call.direction, call.state) for call in calls)
    _, directions, states = metrics.ACTIVE_CALLS.labels
    for labels in product(engines, directions.values or (), states.values or ()):
        yield Reading(metrics.ACTIVE_CALLS, counted[labels], labels)
    yield Reading(metrics.MAX_CALLS, switchboard.max_calls)
    yield Reading(metrics.ACCEPTING, int(switchboard.obstacle is None))
    waiting_ms = [call.bridge.queued_ms for call in calls]
    yield Reading(metrics.SOUND_WAITING, sum(waiting_ms) / 1000)
    yield Reading(metrics.SOUND_WAITING_MAX, max(waiting_ms, default=0.0) / 1000)
    unsent_bytes = [call.bridge.unsent_bytes for call in calls]
    yield Reading(metrics.REPLY_UNSENT, sum(unsent_bytes))
    yield Reading(metrics.REPLY_UNSENT_MAX, max(unsent_bytes, default=0))
