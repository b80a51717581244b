from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from offhook.demo.agent import LARGEST_TABLE_GUESTS, agent
from offhook.demo.scenario import BOOK_TABLE_ARGUMENTS, CALLER, FIND_TABLE_ARGUMENTS


class Handle:
    """A call, as tools see it, of which only the number matters here."""

    call_id = "call_1"
    caller = CALLER
    dialled = ""
    direction = "inbound"
    metadata: Mapping[str, str] = MappingProxyType({})

    async def hang_up(self) -> None: ...

    async def transfer(self, to: str) -> None: ...

    def tell(self, text: str) -> None: ...


async def run(name: str, arguments: str) -> Any:
    return await agent.tools[name].run(arguments, Handle())


async def test_a_table_is_found() -> None:
    outcome = await run("find_table", FIND_TABLE_ARGUMENTS)

    assert outcome.status == "done"
    assert "the table by the window" in outcome.output


async def test_a_large_party_is_told_that_there_is_no_table() -> None:
    outcome = await run("find_table", f'{{"day": "sunday", "time": "12:00", "guests": {LARGEST_TABLE_GUESTS + 1}}}')

    assert outcome.output == f"There is no table for {LARGEST_TABLE_GUESTS + 1}; {LARGEST_TABLE_GUESTS} are the most."


async def test_a_booking_has_the_callers_name_and_number() -> None:
    outcome = await run("book_table", BOOK_TABLE_ARGUMENTS)

    assert outcome.status == "done"
    assert outcome.output == f"Booked for Carter: 2 guests, saturday at 20:00, from {CALLER}."


async def test_a_day_on_which_it_is_closed_is_refused() -> None:
    outcome = await run("find_table", '{"day": "monday", "time": "20:00", "guests": 2}')

    assert outcome.status == "refused"
