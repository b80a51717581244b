"""Sentences about values that pydantic did not accept, for people and for models."""

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MAX_FAULTS = 5
"""So many faults are told at once; the rest are counted."""

MAX_SHOWN_CHARS = 40
"""So much of a wrong value is repeated."""

_EXPECTATION = re.compile(r"\w+ should ")
_OWN_WORDS = ("Value error, ", "Assertion failed, ")


def faults(error: ValidationError, *, within: str = "") -> list[str]:
    """One sentence without a full stop for each fault, naming the field and what it should be.

    ``within`` names the field that was checked, when pydantic was shown only its value.
    """
    details = error.errors(include_url=False, include_context=False)
    told = [_sentence(fault, within) for fault in details[:MAX_FAULTS]]
    if len(details) > MAX_FAULTS:
        told.append(f"and {len(details) - MAX_FAULTS} more")
    return told


def _sentence(fault: ErrorDetails, within: str) -> str:
    place = _place((within, *fault["loc"]) if within else fault["loc"])
    message = fault["msg"]
    match fault["type"]:
        case "json_invalid":
            return "they are not valid JSON" + message.removeprefix("Invalid JSON")
        case "missing":
            return f"{place} is missing"
        case "extra_forbidden":
            return f"there is no {place}"
    for prefix in _OWN_WORDS:
        if message.startswith(prefix):
            return f"{place}: {message.removeprefix(prefix)}"
    if expectation := _EXPECTATION.match(message):  # "Input should be ...", "String should have ..."
        told = f"{place} should {message[expectation.end() :]}"
        return told if ", not " in told else f"{told}, not {shown(fault['input'])}"
    return f"{place}: {message}"


def _place(location: tuple[int | str, ...]) -> str:
    """``("guests", 0, "name")`` as ``guests[0].name``; no steps are the arguments as a whole."""
    place = ""
    for step in location:
        if isinstance(step, int):
            place += f"[{step}]"
        else:
            place += f".{step}" if place else step
    return place or "the arguments"


def shown(value: Any) -> str:
    """A short form of a wrong value. Containers are only named: their text may be long, or not printable."""
    match value:
        case None:
            return "null"
        case bool() | float():
            return str(value)
        case int():
            return str(value) if value.bit_length() <= 64 else "a very large number"
        case str() if len(value) > MAX_SHOWN_CHARS:
            return repr(value[:MAX_SHOWN_CHARS]) + "…"
        case str():
            return repr(value)
        case dict():
            return "an object"
        case list() | tuple():
            return "a list"
    return f"a value of type {type(value).__name__}"
