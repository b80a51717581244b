"""What is written, as it is said: the result of a tool, and single values.

Strings are said as they are, because a tool's author wrote them to be. JSON becomes sentences: "The status is on its
way." for ``{"status": "on its way"}``, "soup, pizza and cake" for a list.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from offhook.dialogue.slots import Kind, Slot
from offhook.dialogue.words import listed, name_words, sentence_case

TOLD_LIMIT_CHARS: Final = 700
"""Of one result; about 45 seconds of speech. It is cut at the end of a sentence, or else of a word."""

ITEMS_LIMIT: Final = 8
"""Items of a list that are said; the rest are counted."""

DEPTH_LIMIT: Final = 3

THERE_IS_MORE: Final = "There is more, but it is too long to say."

_LONG_DIGITS: Final = 5
"""Text of so many digits is no count or year, and is said digit by digit."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(:\d{2}(\.\d+)?)?")


def tell(output: str) -> str:
    """What a tool returned, in sentences; ``""`` if there is nothing to say."""
    text = output.strip()
    if text[:1] in ("{", "[", '"') or text in ("true", "false", "null") or re.fullmatch(r"-?\d+(\.\d+)?", text):
        try:
            told = _sentences(json.loads(text))
        except (ValueError, RecursionError):
            told = text
    else:
        told = text
    return _cut(sentence_case(" ".join(told.split())))


def _sentences(value: Any) -> str:
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        told = [_object(item) if isinstance(item, Mapping) else f"{_value(item, 1)}." for item in value[:ITEMS_LIMIT]]
        return " ".join(told + _and_more(value))
    match value:
        case None:
            return "Done."
        case []:
            return "There is nothing."
        case bool():
            return "Yes." if value else "No."
    return sentence_case(_value(value, 0))


def _object(value: Mapping[str, Any]) -> str:
    parts = [(_name(key), text) for key, each in value.items() if (text := _value(each, 1))]
    lists = {_name(key) for key, each in value.items() if isinstance(each, list) and len(each) > 1}
    if not parts:
        return "There is nothing."
    if len(parts) == 1 and parts[0][0] in ("result", "message", "answer", "text", "output", "reply", "response"):
        return sentence_case(parts[0][1])
    return sentence_case(listed([f"the {name} {'are' if name in lists else 'is'} {text}" for name, text in parts]))


def _and_more(value: Sequence[Any]) -> list[str]:
    return [f"And {len(value) - ITEMS_LIMIT} more."] if len(value) > ITEMS_LIMIT else []


def _name(key: str) -> str:
    return " ".join(name_words(str(key))) or "value"


def _value(value: Any, depth: int) -> str:
    if depth > DEPTH_LIMIT:
        return ""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case float():
            return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
        case str() if value.isdigit() and len(value) >= _LONG_DIGITS:
            return digits_apart(value)
        case str():
            return written_as_said(value.strip())
        case list():
            items = [text for item in value[:ITEMS_LIMIT] if (text := _value(item, depth + 1))]
            more = [f"{len(value) - ITEMS_LIMIT} more"] if len(value) > ITEMS_LIMIT else []
            return listed(items + more) or "none"
        case Mapping():
            return listed([f"{_name(key)} {text}" for key, each in value.items() if (text := _value(each, depth + 1))])
    return ""


def written_as_said(text: str) -> str:
    """A date, a time or both as people write them to be read aloud; other text as it is."""
    if _DATE.fullmatch(text):
        return _day(text) or text
    if _MOMENT.fullmatch(text):
        day = _day(text[:10])
        return f"{day} at {time_of_day(text[11:16])}" if day else text
    if _TIME.fullmatch(text):
        return time_of_day(text)
    return text


def _day(text: str) -> str | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return f"{day:%A}, {day:%B} {day.day}"


def time_of_day(text: str) -> str:
    """``19:30`` as "7:30 pm"."""
    found = _TIME.fullmatch(text)
    if found is None:
        return text
    hour, minute = int(found[1]), int(found[2])
    if minute == 0 and hour in (0, 12):
        return "noon" if hour else "midnight"
    shown = f"{hour % 12 or 12}:{minute:02}" if minute else f"{hour % 12 or 12}"
    return f"{shown} {'am' if hour < 12 else 'pm'}"


def digits_apart(digits: str) -> str:
    """``427`` as "4 2 7", so that it is not said as four hundred and twenty seven."""
    return " ".join(digits)


def tell_value(slot: Slot, value: Any) -> str:
    """One value of a slot, as the agent says it."""
    if isinstance(value, list):
        return listed([tell_value(slot, each) for each in value])
    if slot.kind is Kind.CHOICE:
        return next((choice.spoken[0] for choice in slot.choices if choice.value == value), str(value))
    if slot.kind is Kind.YES_NO:
        return "yes" if value else "no"
    if slot.kind is Kind.DIGITS:
        return digits_apart(str(value))
    if slot.kind is Kind.NUMBER and isinstance(value, int | float):
        return f"{value:g}"
    return written_as_said(str(value))


def _cut(text: str) -> str:
    if len(text) <= TOLD_LIMIT_CHARS:
        return text
    kept = text[: TOLD_LIMIT_CHARS - len(THERE_IS_MORE)]
    end = max(kept.rfind(". "), kept.rfind("! "), kept.rfind("? "))
    kept = kept[: end + 1] if end > TOLD_LIMIT_CHARS // 3 else kept.rpartition(" ")[0] + "."
    return f"{kept} {THERE_IS_MORE}"
