from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.dialogue.parameters import SLOTS_LIMIT, Unfillable, read_parameters
from offhook.dialogue.slots import Kind, Slot


def _slots(**properties: Any) -> tuple[Slot, ...]:
    return read_parameters({"type": "object", "properties": properties, "required": list(properties)}).slots


@pytest.mark.parametrize(
    ("name", "schema", "kind"),
    [
        ("guests", {"type": "integer"}, Kind.INTEGER),
        ("price", {"type": "number"}, Kind.NUMBER),
        ("price", {"type": ["number", "null"]}, Kind.NUMBER),
        ("price", {"anyOf": [{"type": "null"}, {"type": "number"}]}, Kind.NUMBER),
        ("spicy", {"type": "boolean"}, Kind.YES_NO),
        ("size", {"enum": ["small", "large"]}, Kind.CHOICE),
        ("on", {"type": "string", "format": "date"}, Kind.DATE),
        ("at", {"type": "string", "format": "time"}, Kind.TIME),
        ("day", {"type": "string"}, Kind.DAY),
        ("arrival_date", {"type": "string"}, Kind.DAY),
        ("arrival", {"type": "string", "description": "as YYYY-MM-DD"}, Kind.DATE),
        ("time", {"type": "string"}, Kind.TIME),
        ("pickupTime", {"type": "string"}, Kind.TIME),
        ("phone_number", {"type": "string"}, Kind.DIGITS),
        ("zip", {"type": "string"}, Kind.DIGITS),
        ("code", {"type": "string", "pattern": "^[0-9]{4,6}$"}, Kind.DIGITS),
        ("plate", {"type": "string", "pattern": "^[A-Z]{1,3}$"}, Kind.TEXT),
        ("name", {"type": "string"}, Kind.NAME),
        ("customer_name", {"type": "string"}, Kind.NAME),
        ("product_name", {"type": "string"}, Kind.TEXT),
        ("message", {"type": "string"}, Kind.TEXT),
        ("sizes", {"type": "array", "items": {"enum": ["small", "large"]}}, Kind.CHOICE),
    ],
)
def test_schema_and_name_tell_what_is_meant(name: str, schema: Any, kind: Kind) -> None:
    (slot,) = _slots(**{name: schema})

    assert slot.kind is kind
    assert slot.required


def test_a_parameter_that_need_not_be_given_is_not_required() -> None:
    (slot,) = read_parameters({"properties": {"note": {"type": "string"}}, "required": []}).slots

    assert not slot.required


def test_limits_are_kept() -> None:
    guests, share, code = _slots(
        guests={"type": "integer", "minimum": 1, "exclusiveMaximum": 9},
        share={"type": "number", "exclusiveMinimum": 0},
        code={"type": "string", "pattern": r"^\d{4,6}$"},
    )

    assert (guests.low, guests.high) == (1, 8)
    assert (share.low, share.high) == (0, None)
    assert (code.low, code.high) == (4, 6)


def test_a_date_and_time_in_one_is_asked_for_in_two() -> None:
    parameters = read_parameters({"properties": {"when": {"type": "string", "format": "date-time"}}})

    assert [slot.name for slot in parameters.slots] == ["when.date", "when.time"]
    assert parameters.arguments({"when.date": "2026-11-20", "when.time": "19:30"}) == {"when": "2026-11-20T19:30:00"}
    assert parameters.arguments({"when.date": "2026-11-20"}) == {}


def test_what_has_only_one_value_is_not_asked_for() -> None:
    parameters = read_parameters({"properties": {"to": {"const": "kitchen"}}, "required": ["to"]})

    assert parameters.slots == ()
    assert parameters.arguments({}) == {"to": "kitchen"}


def test_choices_are_spoken_as_words() -> None:
    (slot,) = _slots(to={"enum": ["sip:front-desk@example.com", "mon", "four_seasons", 7, "+4930123456"]})

    assert [choice.spoken[0] for choice in slot.choices] == ["front desk", "monday", "four seasons", "seven"]
    assert [choice.value for choice in slot.choices][3] == 7


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "array", "items": {"type": "object"}},
        {"$ref": "#/$defs/Guest"},
        {"enum": ["+4930123456", "+4930123457"]},
        {},
        None,
        "string",
    ],
)
def test_what_cannot_be_said_makes_a_tool_useless_if_it_must_be(schema: Any) -> None:
    with pytest.raises(Unfillable, match="it cannot be said"):
        _slots(it=schema)

    assert read_parameters({"properties": {"it": schema}}).slots == ()


def test_of_too_many_parameters_only_the_needed_ones_are_asked_for() -> None:
    properties = {f"note_{number}": {"type": "string"} for number in range(SLOTS_LIMIT + 1)}

    assert len(read_parameters({"properties": properties, "required": ["note_3"]}).slots) == 1
    with pytest.raises(Unfillable, match="more than 16 values"):
        read_parameters({"properties": properties, "required": list(properties)})


def test_schemas_within_schemas_have_an_end() -> None:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(2_000):
        schema = {"anyOf": [schema]}

    assert read_parameters({"properties": {"it": schema}}).slots == ()


_KEYS = "type enum const anyOf items format pattern minimum maximum description minLength"
_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["integer", "date"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS.split()), inner, max_size=4),
    max_leaves=15,
)


@given(schema=_ANY, name=st.text(max_size=8))
def test_any_schema_is_read_or_refused(schema: Any, name: str) -> None:
    with suppress(Unfillable):
        read_parameters({"properties": {name: schema}, "required": [name]})
    read_parameters({"properties": schema})
