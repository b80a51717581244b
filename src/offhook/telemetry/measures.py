"""What is measured where it happens and is too frequent, or too deep inside, to be an event of a call.

One of these belongs to a worker and is shared by all its calls. Everything in seconds.
"""

from dataclasses import dataclass, field

from offhook.telemetry.tally import Tally

MOMENTS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""For what should take no time."""

MICROMOMENTS_S = (0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01)
"""For the work on one frame."""

ROUND_TRIPS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)


def _moments() -> Tally:
    return Tally(MOMENTS_S)


@dataclass(slots=True)
class Measures:
    """Tallies of one worker."""

    conversion_s: Tally = field(default_factory=lambda: Tally(MICROMOMENTS_S))
    """Converting the sound of one frame between leg and engine; a sample of the frames."""

    frame_lateness_s: Tally = field(default_factory=_moments)
    """How much later a caller's frame came than the earliest of its stream lead to expect; a sample of the frames."""

    loop_lag_s: Tally = field(default_factory=_moments)
    """How much later the loop woke than it was asked to."""

    barge_in_s: Tally = field(default_factory=_moments)
    """From the engine's word that the caller speaks to the order that the carrier drops its queue."""

    engine_round_trip_s: Tally = field(default_factory=lambda: Tally(ROUND_TRIPS_S))
    """From a question to the engine that it answers at once to the answer."""

    caller_sound_dropped_ms: float = 0.0
    """Sound of callers that the engines did not take in time, over all calls that ever were."""
