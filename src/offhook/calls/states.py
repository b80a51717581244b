"""The life of a call, as a table.

A call is RINGING from the moment it exists here: an inbound one until its media stream opens, an outbound one while it
is dialled. It TALKS while a leg is there. When the line breaks it is RESUMING, until the carrier brings the caller back
on another leg or the time for that is over. Once it is decided to end it is ENDING, until the carrier has let go.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a call stands."""

    RINGING = "ringing"
    TALKING = "talking"
    RESUMING = "resuming"
    ENDING = "ending"
    ENDED = "ended"


class Change(StrEnum):
    """What moves it."""

    LEG_CAME = "leg_came"
    LINE_LOST = "line_lost"
    DECIDED = "decided"
    """We, the agent, or an operator want it to end."""
    OVER = "over"
    """The caller or the carrier ended it, or nobody came."""


TRANSITIONS: dict[State, dict[Change, State]] = {
    State.RINGING: {
        Change.LEG_CAME: State.TALKING,
        Change.DECIDED: State.ENDING,
        Change.OVER: State.ENDED,
    },
    State.TALKING: {
        Change.LEG_CAME: State.TALKING,
        Change.LINE_LOST: State.RESUMING,
        Change.DECIDED: State.ENDING,
        Change.OVER: State.ENDED,
    },
    State.RESUMING: {
        Change.LEG_CAME: State.TALKING,
        Change.DECIDED: State.ENDING,
        Change.OVER: State.ENDED,
    },
    State.ENDING: {
        # A leg may still come: its stream was on the way when the end was decided. It is told to go.
        Change.LEG_CAME: State.ENDING,
        Change.LINE_LOST: State.ENDING,
        Change.DECIDED: State.ENDING,
        Change.OVER: State.ENDED,
    },
    State.ENDED: {},
}
