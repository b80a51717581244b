"""Keys that the caller pressed, as an answer."""

import re
from typing import Any, Final

from offhook.dialogue.slots import Kind, Slot

_NOTE: Final = re.compile(r"The caller pressed (?:these keys|this key|the keys?)[^:]*:\s*([0-9A-D*#]{1,64})\s*")


def pressed_keys(note: str) -> str | None:
    """The keys that a note of the gateway tells of, without the ``#`` that ends a number; None if it tells of none."""
    found = _NOTE.fullmatch(note)
    if found is None:
        return None
    return found[1].removesuffix("#") or "#"


def read_keys(slot: Slot, keys: str) -> Any:
    """The value that the keys mean for a slot; None if they mean none."""
    if not keys.isdigit():
        return None
    value = _value(slot, keys)
    return [value] if slot.many and value is not None else value


def _value(slot: Slot, keys: str) -> Any:
    match slot.kind:
        case Kind.DIGITS:
            return keys if _within(slot, len(keys)) else None
        case Kind.INTEGER | Kind.NUMBER:
            return int(keys) if len(keys) <= 12 and _within(slot, int(keys)) else None
        case Kind.YES_NO:
            return {"1": True, "2": False}.get(keys)
        case Kind.CHOICE:
            for choice in slot.choices:
                if str(choice.value) == keys:
                    return choice.value
            return slot.choices[int(keys) - 1].value if len(keys) == 1 and 0 < int(keys) <= len(slot.choices) else None
        case Kind.TIME if len(keys) in (3, 4) and int(keys[:-2]) < 24 and int(keys[-2:]) < 60:
            return f"{int(keys[:-2]):02}:{keys[-2:]}"
    return None


def _within(slot: Slot, number: int) -> bool:
    return (slot.low is None or number >= slot.low) and (slot.high is None or number <= slot.high)
