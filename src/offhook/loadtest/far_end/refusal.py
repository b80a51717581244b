"""One event of the client cannot be granted. The session goes on."""

from offhook.errors import OffhookError


class EventError(OffhookError):
    """Becomes an ``error`` event that names the client's event.

    ``code``, ``message`` and ``param`` are worded like the vendor's where those are known.
    """

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        self.code = code
        self.message = message
        self.param = param
        super().__init__(f"{code}: {message}")
