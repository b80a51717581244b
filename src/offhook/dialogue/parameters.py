"""The slots of a tool, read from the JSON schema of its parameters.

Types and formats come first; where a schema says no more than "string", the parameter's name and description tell what
is meant by it. What no spoken words can fill, such as an object, is told, so that the tool can be left out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from offhook.dialogue.calendar import MONTHS, WEEKDAYS
from offhook.dialogue.slots import Choice, Kind, Slot
from offhook.dialogue.words import name_words, words
from offhook.recognisers.spoken import cardinal

SLOTS_LIMIT: Final = 16
"""Parameters of one tool; a caller would have hung up before."""

CHOICES_LIMIT: Final = 200
"""Values of one parameter."""

DEPTH_LIMIT: Final = 8
"""Choices of types within choices of types, and lists within lists; what is deeper is not looked at."""

DATE_PART: Final = ".date"
TIME_PART: Final = ".time"

PEOPLE: Final = frozenset({"guests", "people", "persons", "party", "seats", "covers", "adults", "visitors"})
"""A number with one of these words in its name counts people."""

_PEOPLE_UNITS: Final = ("people", "persons", "guests", "person", "adults", "seats", "of us", "in total")
_MONEY: Final = frozenset({"amount", "price", "sum", "budget", "money", "payment"})
_MONEY_UNITS: Final = ("dollars", "euros", "pounds", "dollar", "euro", "pound")
_PLACES: Final = frozenset({"city", "town", "place", "location", "country", "region", "area", "street"})
_DAY_NAMES: Final = frozenset({"day", "date", "weekday", "when"})
_DIGIT_NAMES: Final = frozenset(
    {"number", "no", "id", "code", "pin", "phone", "telephone", "mobile", "zip", "postcode", "tel", "digits", "account"}
    | {"reference", "ssn", "iban", "extension"}
)
_NAME_OWNERS: Final = frozenset(
    {"customer", "caller", "guest", "first", "last", "full", "contact", "patient", "your", "user", "client", "person"}
    | {"family", "given", "holder", "employee", "member"}
)
_FROM_NAMES: Final = frozenset(
    {"from", "origin", "start", "begin", "departure", "source", "since", "pickup", "checkin"}
)
_TO_NAMES: Final = frozenset({"to", "destination", "end", "until", "till", "checkout", "arrival"})
_DIGIT_PATTERN: Final = re.compile(r"\^?(?:\\d|\[0-9\])(?:\{(\d{1,3})(?:,(\d{0,3}))?\}|\+|\*)\$?")


class Unfillable(Exception):
    """A parameter that must be given and cannot be said."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a tool wants to be told."""

    slots: tuple[Slot, ...]
    """In the order of the schema."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Parameters that have only one value."""

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call, from the values of the slots. A date and its time become one."""
        told: dict[str, Any] = dict(self.fixed)
        for slot in self.slots:
            if slot.name not in values:
                continue
            name, dot, part = slot.name.partition(".")
            if not dot:
                told[name] = values[slot.name]
            elif f".{part}" == DATE_PART and name + TIME_PART in values:
                told[name] = f"{values[slot.name]}T{values[name + TIME_PART]}:00"
        return told


def read_parameters(schema: Mapping[str, Any]) -> Parameters:
    """The slots of a schema of type object. Raises Unfillable, with the reason."""
    properties = schema.get("properties")
    required = schema.get("required")
    names = set(required) if isinstance(required, list) else set()
    slots: list[Slot] = []
    fixed: dict[str, Any] = {}
    for name, told in properties.items() if isinstance(properties, Mapping) else ():
        schema_of_one = _plain(told)
        values = schema_of_one.get("enum")
        if isinstance(values, list) and len(values) == 1 and name in names:
            fixed[name] = values[0]
            continue
        read = _read(str(name), schema_of_one, required=name in names)
        if not read and name in names:
            raise Unfillable(f"{name} cannot be said: it is of type {schema_of_one.get('type', 'unknown')}")
        slots.extend(read)
    if len(slots) > SLOTS_LIMIT:
        slots = [slot for slot in slots if slot.required]
    if len(slots) > SLOTS_LIMIT:
        raise Unfillable(f"it wants more than {SLOTS_LIMIT} values")
    return Parameters(tuple(slots), fixed)


def _plain(schema: Any, depth: int = 0) -> Mapping[str, Any]:
    """The schema without null, and of several types the first; what stands beside a choice of types is kept."""
    if not isinstance(schema, Mapping) or depth > DEPTH_LIMIT:
        return {}
    plain: dict[str, Any] = dict(schema)
    for key in ("anyOf", "oneOf", "allOf"):
        options = plain.pop(key, None)
        if isinstance(options, list):
            kept = (each for each in options if isinstance(each, Mapping) and each.get("type") != "null")
            plain = {**_plain(next(kept, None), depth + 1), **plain}
    if isinstance(kind := plain.get("type"), list):
        plain["type"] = next((each for each in kind if each != "null"), "null")
    if "const" in plain:
        plain["enum"] = [plain["const"]]
    return plain


def _read(name: str, schema: Mapping[str, Any], *, required: bool, depth: int = 0) -> list[Slot]:
    spoken = " ".join(name_words(name))
    description = schema.get("description")
    slot = Slot(
        name,
        Kind.TEXT,
        required,
        spoken,
        description if isinstance(description, str) else "",
        cues=_cues(name_words(name)),
    )
    values = schema.get("enum")
    if isinstance(values, list) and values:
        return _choice(slot, values)
    match schema.get("type"):
        case "integer" | "number" as kind:
            return [_number(slot, schema, whole=kind == "integer")]
        case "boolean":
            return [replace(slot, kind=Kind.YES_NO, spoken=spoken.removeprefix("is ").removeprefix("with "))]
        case "array" if depth < DEPTH_LIMIT:
            items = _read(name, _plain(schema.get("items")), required=required, depth=depth + 1)
            return [replace(items[0], many=True, description=slot.description)] if len(items) == 1 else []
        case "string":
            return _string(slot, schema)
    return []


def _choice(slot: Slot, values: Sequence[Any]) -> list[Slot]:
    usable = [value for value in values[:CHOICES_LIMIT] if isinstance(value, str | int | float)]
    forms = {id(value): _forms(value) for value in usable}
    said = {form for told in forms.values() for form in told}
    of_days = bool(said & set(WEEKDAYS)) or "weekday" in said
    choices = tuple(
        Choice(value, (*forms[id(value)], *_days_of(forms[id(value)], said))) for value in usable if forms[id(value)]
    )
    units = (slot.spoken,) if slot.spoken else ()
    return [replace(slot, kind=Kind.CHOICE, choices=choices, of_days=of_days, units=units)] if choices else []


def _forms(value: str | float) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("yes",) if value else ("no",)
    if isinstance(value, int | float):
        return (cardinal(value), str(value)) if isinstance(value, int) and 0 <= value < 10**9 else (str(value),)
    text = value
    if value.startswith(("sip:", "sips:")):  # of an address, what stands before the host is its name
        text = value.partition(":")[2].partition("@")[0]
    elif re.fullmatch(r"\+?\d{5,}", value):
        return ()
    plain = " ".join(words(" ".join(name_words(text))))
    if not plain:
        return ()
    whole = [name for name in (*WEEKDAYS, *MONTHS) if len(plain) >= 3 and name.startswith(plain)]
    return (whole[0], plain) if len(whole) == 1 and whole[0] != plain else (plain,)


def _days_of(forms: Sequence[str], said: set[str]) -> tuple[str, ...]:
    """The days that a choice such as "weekday" stands for, as far as they are no choices themselves."""
    if {"weekday", "weekdays", "workday"} & set(forms):
        days: Sequence[str] = WEEKDAYS[:5]
    elif {"weekend", "weekends"} & set(forms):
        days = WEEKDAYS[5:]
    else:
        return ()
    return tuple(day for day in days if day not in said)


def _number(slot: Slot, schema: Mapping[str, Any], *, whole: bool) -> Slot:
    step = 1 if whole else 0
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if isinstance(above, int | float) and not isinstance(above, bool):
        low = above + step
    if isinstance(below, int | float) and not isinstance(below, bool):
        high = below - step
    name = slot.spoken.split()
    units: tuple[str, ...] = ()
    cues = slot.cues
    if PEOPLE & set(name):
        units, cues = _PEOPLE_UNITS, (*cues, "for", "of", "with")
    elif _MONEY & set(name):
        units = _MONEY_UNITS
    elif name and name[-1].endswith("s") and len(name[-1]) > 3:
        units = (slot.spoken, name[-1], name[-1].removesuffix("s"))
    return replace(
        slot,
        kind=Kind.INTEGER if whole else Kind.NUMBER,
        low=low if isinstance(low, int | float) else None,
        high=high if isinstance(high, int | float) else None,
        units=tuple(dict.fromkeys(units)),
        cues=cues,
    )


def _string(slot: Slot, schema: Mapping[str, Any]) -> list[Slot]:
    name = slot.spoken.split()
    match schema.get("format"):
        case "date":
            return [replace(slot, kind=Kind.DATE, cues=(*slot.cues, "on", "for"))]
        case "time":
            return [replace(slot, kind=Kind.TIME, cues=(*slot.cues, *_TIME_CUES))]
        case "date-time":
            date = replace(slot, name=slot.name + DATE_PART, kind=Kind.DATE, cues=(*slot.cues, "on", "for"))
            time = replace(slot, name=slot.name + TIME_PART, kind=Kind.TIME, cues=(*slot.cues, *_TIME_CUES))
            return [date, time]
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and (digits := _DIGIT_PATTERN.fullmatch(pattern)):
        least, most = digits[1], digits[2] if digits[2] is not None else digits[1]
        low = float(least) if least else 1.0
        return [replace(slot, kind=Kind.DIGITS, low=low, high=float(most) if most else None)]
    return [_by_name(slot, name, schema)]


_TIME_CUES: Final = ("at", "around", "about", "by", "for")


def _by_name(slot: Slot, name: Sequence[str], schema: Mapping[str, Any]) -> Slot:
    """What a bare string most likely is."""
    last, told = name[-1] if name else "", slot.description.lower()
    if "yyyy-mm-dd" in told and "hh:mm" not in told:
        return replace(slot, kind=Kind.DATE, cues=(*slot.cues, "on", "for"))
    if last == "time" or "hh:mm" in told or name == ["hour"]:
        return replace(slot, kind=Kind.TIME, cues=(*slot.cues, *_TIME_CUES))
    if last in _DAY_NAMES:
        return replace(slot, kind=Kind.DAY, cues=(*slot.cues, "on", "for"))
    if last in _DIGIT_NAMES or {"phone", "telephone", "mobile"} & set(name):
        low, high = schema.get("minLength"), schema.get("maxLength")
        return replace(
            slot,
            kind=Kind.DIGITS,
            low=float(low) if isinstance(low, int) else None,
            high=float(high) if isinstance(high, int) else None,
        )
    if last == "surname" or (last == "name" and (len(name) == 1 or _NAME_OWNERS & set(name[:-1]))):
        return replace(slot, kind=Kind.NAME)
    return slot


def _cues(name: Sequence[str]) -> tuple[str, ...]:
    if _FROM_NAMES & set(name):
        return ("from", "starting", "since")
    if _TO_NAMES & set(name):
        return ("to", "until", "till")
    return ("in", "for", "at") if _PLACES & set(name) else ()
