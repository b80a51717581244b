from dataclasses import dataclass

import pytest

from offhook.agents.checked import Checked
from offhook.errors import AgentError


@dataclass(frozen=True, slots=True)
class Slot(Checked):
    day: str
    seats: tuple[int, ...] = ()
    _notes: object = None


def test_right_values_are_kept_as_they_are() -> None:
    assert Slot("mon", (1, 2)).seats == (1, 2)


def test_nothing_is_converted() -> None:
    with pytest.raises(AgentError, match="Slot: seats should be a valid tuple, not a list"):
        Slot("mon", [1])  # type: ignore[arg-type]


def test_the_field_and_the_place_within_it_are_named() -> None:
    with pytest.raises(AgentError, match=r"Slot: seats\[1\] should be a valid integer, not 'two'"):
        Slot("mon", (1, "two"))  # type: ignore[arg-type]


def test_fields_with_an_underscore_are_not_looked_at() -> None:
    assert Slot("mon", _notes=object())._notes is not None
