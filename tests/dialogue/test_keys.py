from typing import Any

import pytest

from offhook.calls.asked import keys_pressed
from offhook.dialogue.keys import pressed_keys, read_keys
from offhook.dialogue.parameters import read_parameters


@pytest.mark.parametrize(("keys", "told"), [("1", "1"), ("1234#", "1234"), ("#", "#"), ("*", "*"), ("12A", "12A")])
def test_the_gateways_note_tells_the_keys(keys: str, told: str) -> None:
    assert pressed_keys(keys_pressed(keys)) == told


@pytest.mark.parametrize("note", ["", "The kitchen has seen the booking.", keys_pressed(""), keys_pressed("x")])
def test_other_notes_tell_none(note: str) -> None:
    assert pressed_keys(note) is None


@pytest.mark.parametrize(
    ("schema", "keys", "value"),
    [
        ({"type": "integer", "maximum": 8}, "4", 4),
        ({"type": "integer", "maximum": 8}, "9", None),
        ({"type": "string", "pattern": r"^\d{4}$"}, "0420", "0420"),
        ({"type": "string", "pattern": r"^\d{4}$"}, "042", None),
        ({"type": "boolean"}, "1", True),
        ({"type": "boolean"}, "2", False),
        ({"type": "boolean"}, "3", None),
        ({"enum": ["sales", "support"]}, "2", "support"),
        ({"enum": ["sales", "support"]}, "3", None),
        ({"enum": ["sales", "support"]}, "0", None),
        ({"enum": [10, 20]}, "20", 20),
        ({"type": "string", "format": "time"}, "1930", "19:30"),
        ({"type": "string", "format": "time"}, "730", "07:30"),
        ({"type": "string", "format": "time"}, "2530", None),
        ({"type": "string", "format": "date"}, "20", None),
        ({"type": "string"}, "20", None),
        ({"type": "integer"}, "*", None),
        ({"type": "array", "items": {"type": "integer"}}, "7", [7]),
    ],
)
def test_keys_are_values(schema: dict[str, Any], keys: str, value: Any) -> None:
    (slot,) = read_parameters({"properties": {"it": schema}}).slots

    assert read_keys(slot, keys) == value
