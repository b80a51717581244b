"""Annotations as text are in test_signature_deferred.py."""

import functools
from typing import Annotated, Any

import pytest

from offhook.agents.handle import CallHandle
from offhook.agents.signature import REQUIRED, Parameter, function_name, read_signature
from offhook.errors import AgentError


def test_parameters_keep_their_order_types_and_defaults() -> None:
    async def book(day: str, seats: int = 2, *, window: bool = False) -> None: ...

    assert read_signature(book).parameters == (
        Parameter("day", str, REQUIRED),
        Parameter("seats", int, 2),
        Parameter("window", bool, False),
    )


@pytest.mark.parametrize("hint", [CallHandle, CallHandle | None, Annotated[CallHandle, "the call"]])
def test_the_call_is_told_apart_from_what_the_model_fills_in(hint: Any) -> None:
    async def book(day: str, call: Any) -> None: ...

    book.__annotations__["call"] = hint
    signature = read_signature(book)

    assert signature.call_names == ("call",)
    assert [parameter.name for parameter in signature.parameters] == ["day"]


def test_any_number_of_values_is_refused_with_the_name_of_the_parameter() -> None:
    async def order(*dishes: str) -> None: ...
    async def note(**facts: str) -> None: ...

    with pytest.raises(AgentError, match="order: parameter dishes takes any number of values"):
        read_signature(order)
    with pytest.raises(AgentError, match="note: parameter facts takes any number of values"):
        read_signature(note)


def test_a_positional_only_parameter_is_refused() -> None:
    async def order(dish: str, /, number: int) -> None: ...

    with pytest.raises(AgentError, match="order: parameter dish is positional-only"):
        read_signature(order)


def test_a_parameter_without_a_type_is_refused_with_an_example() -> None:
    async def order(dish) -> None:  # type: ignore[no-untyped-def]
        ...

    with pytest.raises(AgentError, match="order: parameter dish has no type; write one, such as dish: str"):
        read_signature(order)


def test_a_partial_asks_for_what_is_left() -> None:
    async def order(dish: str, table: int) -> None: ...

    signature = read_signature(functools.partial(order, table=7))

    assert [(parameter.name, parameter.default) for parameter in signature.parameters] == [
        ("dish", REQUIRED),
        ("table", 7),
    ]


def test_a_well_behaved_decorator_hides_nothing() -> None:
    async def order(dish: str) -> None: ...

    @functools.wraps(order)
    async def logged(*args: Any, **kwargs: Any) -> None:
        await order(*args, **kwargs)

    assert read_signature(logged).parameters == (Parameter("dish", str, REQUIRED),)


def test_what_has_no_name_is_called_what_it_is() -> None:
    async def order() -> None: ...

    assert function_name(order) == "order"
    assert function_name(functools.partial(order)) == "partial"
