"""Keeping secrets out of the log: by their value, wherever it stands, and by the name of the field that holds them."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

HIDDEN: Final = "***"
SHORTEST_SECRET_CHARS: Final = 8
"""Shorter values are not looked for: hiding every "x" would hide the log."""

SECRET_NAMES: Final = frozenset({"authorization", "token", "api_key", "auth_token", "password", "secret"})

# A token of the Authorization header (RFC 9110 section 11.6.2), in whatever text quotes it.
_CREDENTIAL_CHARS = 16
_CREDENTIALS = rf"(?i:(?<=\bbearer )|(?<=\bbasic ))[\w.~+/=-]{{{_CREDENTIAL_CHARS},}}"


def is_secret_name(name: str) -> bool:
    """True for ``token``, ``API-Key`` and ``twilio_auth_token``; not for ``tokens`` or ``max_tokens``."""
    plain = name.lower().replace("-", "_")
    return any(plain == secret or plain.endswith(f"_{secret}") for secret in SECRET_NAMES)


class Mask:
    """Hides secrets in text and cuts it, in this order: a secret that the cut goes through does not show its half."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        values = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET_CHARS}
        values |= {quote(value, safe="") for value in values}
        longest_first = sorted(values, key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(re.escape, longest_first), _CREDENTIALS]))
        self._margin = max([2 * _CREDENTIAL_CHARS, *map(len, values)])

    def text(self, text: str, limit_chars: int, *, keep_end: bool = False) -> str:
        """Return at most ``limit_chars`` of ``text`` without the secrets, and say so if it was longer.

        The beginning is kept, or the end: of a traceback, the end says most.
        """
        if len(text) <= limit_chars:
            return self._hide(text)[:limit_chars]
        # What lies beyond the margin cannot matter, however long the text; what lies in it is read for the sake of a
        # secret that begins before it, and may itself end in half a secret.
        window = limit_chars + self._margin
        note = f"… ({len(text)} characters)"
        room = max(limit_chars - len(note), 0)
        if keep_end:
            hidden = self._hide(text[-window:])
            beginning = self._margin if len(text) > window else 0
            return f"{note}{hidden[beginning:][-room:]}" if room else note[:limit_chars]
        hidden = self._hide(text[:window])
        end = len(hidden) - self._margin if len(text) > window else len(hidden)
        return f"{hidden[:end][:room]}{note}"[:limit_chars]

    def _hide(self, text: str) -> str:
        return self._pattern.sub(HIDDEN, text)
