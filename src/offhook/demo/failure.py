"""The one error of the demo."""

from offhook.errors import OffhookError


class DemoFailed(OffhookError):
    """Something did not go as the demo promises. ``log`` is the end of the gateway's log, if that may tell why."""

    def __init__(self, reason: str, log: tuple[str, ...] = ()) -> None:
        self.reason = reason
        self.log = log
        super().__init__(reason)
