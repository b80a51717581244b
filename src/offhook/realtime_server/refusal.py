"""One event of the client cannot be granted. The session goes on."""

from offhook.errors import OffhookError

MAX_MESSAGE_CHARACTERS = 500
"""What is longer is cut: it quotes the client, who may have sent megabytes."""


class EventError(OffhookError):
    """Becomes an ``error`` event that names the client's event.

    ``code``, ``message`` and ``param`` are worded like the vendor's where those are known.
    """

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        self.code = code
        self.message = _cut(message)
        self.param = None if param is None else _cut(param)
        super().__init__(f"{code}: {self.message}")


def _cut(text: str) -> str:
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else f"{text[: MAX_MESSAGE_CHARACTERS - 1]}…"
