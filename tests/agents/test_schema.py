import enum
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from offhook.agents.handle import CallHandle
from offhook.agents.schema import read_function
from offhook.errors import AgentError


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Guest(BaseModel):
    """Someone who comes."""

    name: Annotated[str, Field(title="The name", description="full name")]
    title: str | None = None


@dataclass
class Table:
    number: int
    window: bool = False


class Menu(BaseModel):
    dish: str
    parts: list["Menu"] = []


class Cash(BaseModel):
    kind: Literal["cash"]


class Card(BaseModel):
    kind: Literal["card"]
    number: str


def _properties(function: Callable[..., Any]) -> dict[str, Any]:
    properties: dict[str, Any] = read_function(function)[1].schema["properties"]
    return properties


def _subschemas(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        return [node, *(found for value in node.values() for found in _subschemas(value))]
    if isinstance(node, list):
        return [found for value in node for found in _subschemas(value)]
    return []


def test_the_schema_is_one_that_function_tools_take() -> None:
    async def hours(day: Literal["mon", "tue"], call: CallHandle, holiday: bool = False) -> None: ...

    assert read_function(hours)[1].schema == {
        "type": "object",
        "properties": {
            "day": {"type": "string", "enum": ["mon", "tue"]},
            "holiday": {"type": "boolean", "default": False},
        },
        "required": ["day"],
        "additionalProperties": False,
    }


def test_a_function_without_parameters_still_has_a_whole_schema() -> None:
    async def menu(call: CallHandle) -> None: ...

    assert read_function(menu)[1].schema == {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (Literal["a"], {"type": "string", "enum": ["a"]}),
        (Size, {"type": "string", "enum": ["small", "large"]}),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (list, {"type": "array", "items": {}}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (date, {"type": "string", "format": "date"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (Annotated[int, Field(ge=1, le=8)], {"type": "integer", "minimum": 1, "maximum": 8}),
        (Annotated[str, Field(max_length=3)], {"type": "string", "maxLength": 3}),
    ],
)
def test_each_type_has_its_schema(hint: Any, schema: dict[str, Any]) -> None:
    async def tool(it: Any) -> None: ...

    tool.__annotations__["it"] = hint

    assert _properties(tool)["it"] == schema


def test_an_array_of_set_places_has_items_all_the_same() -> None:
    async def tool(span: tuple[int, str]) -> None: ...

    span = _properties(tool)["span"]
    assert span["items"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert (span["minItems"], span["maxItems"]) == (2, 2)


def test_models_and_dataclasses_are_written_out_where_they_are_used() -> None:
    async def book(guests: list[Guest], table: Table) -> None: ...

    schema = read_function(book)[1].schema

    assert "$defs" not in schema
    assert schema["properties"]["guests"]["items"] == {
        "type": "object",
        "description": "Someone who comes.",
        "properties": {
            "name": {"type": "string", "description": "full name"},
            "title": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        },
        "required": ["name"],
        "additionalProperties": False,
    }
    assert schema["properties"]["table"]["required"] == ["number"]
    assert schema["properties"]["table"]["additionalProperties"] is False


def test_a_model_that_contains_itself_keeps_its_definition() -> None:
    async def order(menu: Menu, extra: Menu | None = None) -> None: ...

    schema = read_function(order)[1].schema

    assert schema["properties"]["menu"] == {"$ref": "#/$defs/Menu"}
    assert schema["$defs"]["Menu"]["properties"]["parts"]["items"] == {"$ref": "#/$defs/Menu"}


def test_a_choice_of_models_is_plain() -> None:
    async def pay(by: Annotated[Cash | Card, Field(discriminator="kind")]) -> None: ...

    by = _properties(pay)["by"]

    assert by.keys() == {"anyOf"}
    assert [choice["properties"]["kind"]["enum"] for choice in by["anyOf"]] == [["cash"], ["card"]]


def test_titles_are_dropped_but_a_parameter_may_be_called_title() -> None:
    async def greet(title: Literal["Ms", "Mr"], guest: Guest) -> None: ...

    schema = read_function(greet)[1].schema

    assert schema["properties"]["title"] == {"type": "string", "enum": ["Ms", "Mr"]}
    assert not [found for found in _subschemas(schema) if isinstance(found.get("title"), str)]


def test_parameters_may_be_called_what_they_like() -> None:
    async def save(json: str, copy: int, schema: str, model_config: str, _note: str, self: str) -> None: ...

    _, parameters = read_function(save)
    sent = {"json": "a", "copy": 1, "schema": "b", "model_config": "c", "_note": "d", "self": "e"}

    assert list(parameters.schema["properties"]) == list(sent)
    assert parameters.read(json.dumps(sent)) == sent


def test_a_default_that_json_cannot_hold_is_left_out_of_the_schema() -> None:
    nothing: Any = object()

    async def order(dish: str = nothing) -> None: ...

    _, parameters = read_function(order)

    assert parameters.schema["properties"]["dish"] == {"type": "string"}
    assert parameters.read("{}") == {"dish": nothing}


def test_a_default_may_be_a_pydantic_field() -> None:
    async def order(dish: str = Field(description="what to eat"), number: int = Field(default=1, le=9)) -> None: ...

    _, parameters = read_function(order)

    assert parameters.schema["properties"] == {
        "dish": {"type": "string", "description": "what to eat"},
        "number": {"type": "integer", "default": 1, "maximum": 9},
    }
    assert parameters.read('{"dish": "soup"}') == {"dish": "soup", "number": 1}


def test_a_list_as_default_is_not_shared_between_calls() -> None:
    async def order(dishes: list[str] = []) -> None: ...  # noqa: B006

    _, parameters = read_function(order)
    parameters.read("{}")["dishes"].append("soup")

    assert parameters.read("{}") == {"dishes": []}


def test_a_google_docstring_is_understood() -> None:
    async def book(day: str, seats: int = 2) -> str:
        """Book a table.

        Ask for the name first.

        Args:
            day: the weekday
                the caller asks for
            seats (int): how many come

        Returns:
            The number of the table.
        """
        return ""

    description, parameters = read_function(book)

    assert description == "Book a table.\n\nAsk for the name first."
    assert parameters.schema["properties"]["day"]["description"] == "the weekday the caller asks for"
    assert parameters.schema["properties"]["seats"]["description"] == "how many come"


def test_a_numpy_docstring_is_understood() -> None:
    async def book(day: str) -> None:
        """Book a table.

        Parameters
        ----------
        day : str
            The weekday.
        """

    description, parameters = read_function(book)

    assert description == "Book a table."
    assert parameters.schema["properties"]["day"]["description"] == "The weekday."


def test_a_rest_docstring_is_understood() -> None:
    async def book(day: str) -> None:
        """Book a table.

        :param day: the weekday
        :returns: nothing
        """

    description, parameters = read_function(book)

    assert description == "Book a table."
    assert parameters.schema["properties"]["day"]["description"] == "the weekday"


def test_no_docstring_is_no_error() -> None:
    async def book(day: str) -> None: ...

    description, parameters = read_function(book)

    assert description == ""
    assert "description" not in parameters.schema["properties"]["day"]


def test_a_description_in_the_annotation_wins() -> None:
    async def book(day: Annotated[str, Field(description="weekday")]) -> None:
        """Book a table.

        Args:
            day: something else
        """

    assert _properties(book)["day"]["description"] == "weekday"


def test_the_docstring_of_the_parameter_wins_over_that_of_its_type() -> None:
    async def book(guest: Guest) -> None:
        """Book a table.

        Args:
            guest: who books
            nobody: not a parameter
        """

    assert _properties(book)["guest"]["description"] == "who books"


def test_a_type_that_no_json_can_fill_is_told_with_function_and_parameter() -> None:
    class Socket: ...

    async def book(day: str, socket: Socket) -> None: ...
    async def ring(back: Callable[[], None]) -> None: ...

    with pytest.raises(AgentError, match="book: parameter socket has a type that no JSON can fill") as caught:
        read_function(book)
    assert "\n" not in str(caught.value)
    with pytest.raises(AgentError, match="ring: parameter back has a type that no JSON can fill"):
        read_function(ring)


def test_arguments_become_what_the_function_expects() -> None:
    async def book(day: date, size: Size, guest: Guest, table: Table, seats: int = 2) -> None: ...

    arguments = read_function(book)[1].read(
        '{"day": "2026-03-01", "size": "large", "guest": {"name": "Ann"}, "table": {"number": "7"}}'
    )

    assert arguments == {
        "day": date(2026, 3, 1),
        "size": Size.LARGE,
        "guest": Guest(name="Ann"),
        "table": Table(7),
        "seats": 2,
    }


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"day": 1}', '{"day": "mon", "dya": "tue"}', "{}"])
def test_rubbish_is_not_read(text: str) -> None:
    async def hours(day: str) -> None: ...

    with pytest.raises(ValidationError):
        read_function(hours)[1].read(text)
