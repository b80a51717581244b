"""A clock for tests."""


class SteppedClock:
    """Stands still until it is stepped. Call it for the time, in seconds."""

    __slots__ = ("now",)

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time, in seconds."""
        return self.now

    def step(self, seconds: float) -> float:
        """Let so much time pass; return the time."""
        self.now += seconds
        return self.now
