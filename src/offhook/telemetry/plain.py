"""Making any value fit for a log line: plain, bounded, without secrets. Nothing in here raises."""

import math
from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any, Final

from offhook.telemetry.mask import HIDDEN, Mask, is_secret_name

FIELD_CHARS: Final = 2000
"""One field of a line holds at most this many characters, with everything nested in it."""
EXCEPTION_CHARS: Final = 8000
"""A traceback holds at most this many: its last ones."""
NAME_CHARS: Final = 100
"""The name of a field."""
DEPTH: Final = 5
"""Values nested deeper than this are left out."""
ITEMS: Final = 100
"""So many items of one list or mapping are shown."""

LEFT_OUT: Final = "…"
_INT64 = 2**63


def plain_field(name: str, value: object, mask: Mask) -> Any:
    """Return what may be written for a field: a string, number, bool, None, or a list or dict of those."""
    try:
        return _Field(mask).value(name, value, DEPTH)
    except Exception:
        # A log line is never worth a call: whatever a strange object does when looked at, the caller goes on.
        return f"<{type(value).__name__}: cannot be shown>"


class _Field:
    """One field's walk through a value, with the characters that are left."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._left = FIELD_CHARS

    def value(self, name: str, value: object, depth: int) -> Any:
        if is_secret_name(name) and not _is_empty(value):
            return HIDDEN
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int) and -_INT64 <= value < _INT64:
            return int(value)
        if isinstance(value, float) and math.isfinite(value):
            return float(value)
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple | set | frozenset):
            return self._list(_without_secret(value), depth)
        return self._text(_words(value))

    def _text(self, text: str) -> str:
        shown = self._mask.text(text, max(self._left, len(LEFT_OUT)))
        self._left -= len(shown)
        return shown

    def _mapping(self, mapping: Mapping[Any, Any], depth: int) -> dict[str, Any] | str:
        shown: dict[str, Any] = {}
        for key, item in islice(mapping.items(), ITEMS):
            name = self._mask.text(_words(key), NAME_CHARS)
            self._left -= len(name) + 4  # its quotes, colon and comma
            if depth == 0 or self._left <= 0:
                return shown or LEFT_OUT
            shown[name] = self.value(name, item, depth - 1)
        return shown

    def _list(self, items: Collection[Any], depth: int) -> list[Any] | str:
        shown: list[Any] = []
        for item in islice(items, ITEMS):
            self._left -= 4
            if depth == 0 or self._left <= 0:
                return [*shown, LEFT_OUT] if shown else LEFT_OUT
            shown.append(self.value("", item, depth - 1))
        return shown


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value)


def _without_secret(items: Collection[Any]) -> Collection[Any]:
    """Headers come as ``(name, value)`` too."""
    if isinstance(items, tuple) and len(items) == 2:
        name = items[0].decode("latin-1") if isinstance(items[0], bytes) else items[0]
        if isinstance(name, str) and is_secret_name(name):
            return (name, HIDDEN)
    return items


def _words(value: object) -> str:
    """The value as text. May raise what the value's own ``__str__`` raises."""
    match value:
        case str():
            return str.__str__(value)
        case bytes() | bytearray() | memoryview():
            # Sound and broken messages: the first bytes tell them apart, the length says the rest.
            size, start = len(value), bytes(value[:FIELD_CHARS])
            return f"{size} bytes: {start.decode('ascii', 'backslashreplace')}"
        case BaseException():
            return f"{type(value).__name__}: {value}"
        case _:
            return str(value)
