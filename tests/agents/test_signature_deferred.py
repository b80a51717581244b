"""Annotations that are text until someone reads them."""

from __future__ import annotations

import enum
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest

from offhook.agents.agent import Agent
from offhook.agents.signature import read_signature
from offhook.errors import AgentError

if TYPE_CHECKING:
    from decimal import Decimal

    from offhook.agents.handle import CallHandle

Day = Literal["mon", "tue"]


def test_names_of_the_module_are_found() -> None:
    async def hours(day: Day) -> None: ...

    assert read_signature(hours).parameters[0].hint == Day


def test_names_of_the_function_around_are_found_while_the_decorator_works() -> None:
    class Size(enum.Enum):
        SMALL = "small"
        LARGE = "large"

    agent = Agent()

    @agent.tool
    async def order(size: Size, sizes: list[Size]) -> None: ...

    properties = agent.tools["order"].parameters["properties"]
    assert properties["size"] == {"type": "string", "enum": ["small", "large"]}
    assert properties["sizes"]["items"] == properties["size"]


def test_names_of_every_function_around_are_found_innermost_first() -> None:
    def outer() -> Callable[..., Coroutine[Any, Any, None]]:
        class Size(enum.Enum):
            OUTER = "outer"

        class Dish(enum.Enum):
            SOUP = "soup"

        def inner() -> Callable[..., Coroutine[Any, Any, None]]:
            class Size(enum.Enum):
                INNER = "inner"

            async def order(size: Size, dish: Dish) -> None: ...

            hints = {parameter.name: parameter.hint for parameter in read_signature(order).parameters}
            assert hints == {"size": Size, "dish": Dish}
            return order

        assert Size.OUTER
        return inner()

    outer()


def test_names_of_a_function_that_merely_calls_are_not_used() -> None:
    async def order(size: Size) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    def stranger() -> None:
        Size = str  # noqa: F841, N806
        read_signature(order)

    with pytest.raises(AgentError, match="order: parameter size has a type that cannot be read, 'Size'"):
        stranger()


def test_what_a_closure_holds_is_found_after_the_function_around_has_returned() -> None:
    def make() -> Callable[..., Coroutine[Any, Any, None]]:
        class Size(enum.Enum):
            SMALL = "small"

        async def order(size: Size) -> None:
            assert size in Size

        return order

    assert [member.value for member in read_signature(make()).parameters[0].hint] == ["small"]


def test_local_dataclasses_that_name_one_another_are_described() -> None:
    agent = Agent()

    class Dish(enum.Enum):
        SOUP = "soup"

    @dataclass
    class Order:
        dish: Dish
        number: int = 1

    @agent.tool
    async def order(orders: list[Order]) -> None: ...

    item = agent.tools["order"].parameters["properties"]["orders"]["items"]
    assert item["properties"]["dish"] == {"type": "string", "enum": ["soup"]}
    assert item["required"] == ["dish"]


def test_the_call_is_known_even_if_imported_for_the_type_checker_alone() -> None:
    async def order(dish: str, call: CallHandle) -> None: ...

    assert read_signature(order).call_names == ("call",)


def test_a_type_imported_for_the_type_checker_alone_is_told_with_function_and_parameter() -> None:
    async def pay(amount: Decimal) -> None: ...

    with pytest.raises(AgentError, match="pay: parameter amount has a type that cannot be read, 'Decimal'"):
        read_signature(pay)


def test_a_return_type_is_nobodys_business() -> None:
    async def order(dish: str) -> Nowhere: ...  # type: ignore[name-defined]  # noqa: F821

    assert len(read_signature(order).parameters) == 1
