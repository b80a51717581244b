import asyncio
import enum
import functools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, Field

from offhook.agents.handle import CallHandle
from offhook.agents.tool import MAX_ARGUMENTS_CHARS, MAX_OUTPUT_CHARS, Tool
from offhook.errors import AgentError

Day = Literal["mon", "tue"]


class Guest(BaseModel):
    name: str
    born: date | None = None
    friends: list["Guest"] = []


async def book(day: Day, guests: list[Guest], call: CallHandle, seats: Annotated[int, Field(ge=1, le=8)] = 2) -> str:
    """Book a table."""
    return f"{call.caller} booked {seats} seats on {day} for {', '.join(guest.name for guest in guests)}"


BOOK = Tool.from_function(book)


def _returning(result: Any) -> Tool:
    async def tool() -> Any:
        return result

    return Tool.from_function(tool)


def _raising(error: BaseException, *, idempotent: bool = False) -> Tool:
    async def tool() -> None:
        raise error

    return Tool.from_function(tool, idempotent=idempotent)


def test_a_tool_is_what_its_function_says() -> None:
    assert BOOK.name == "book"
    assert BOOK.description == "Book a table."
    assert list(BOOK.parameters["properties"]) == ["day", "guests", "seats"]
    assert BOOK.function is book
    assert not BOOK.idempotent
    assert BOOK.timeout_s == 15


def test_a_function_that_is_not_async_cannot_be_a_tool() -> None:
    def blocking() -> None: ...

    async def streaming() -> AsyncIterator[str]:
        yield ""

    wrong: Any
    for wrong in (blocking, streaming, 3):
        with pytest.raises(AgentError, match="cannot be a tool: it must be a function that begins with `async def`"):
            Tool.from_function(wrong)


@pytest.mark.parametrize("name", ["", "a b", "größe", "x" * 65, "a.b", "menu\n"])
def test_a_name_that_function_tools_do_not_take_is_refused(name: str) -> None:
    async def menu() -> None: ...

    menu.__name__ = name or " "

    with pytest.raises(AgentError, match="a name has 1 to 64 characters"):
        Tool.from_function(menu)


@pytest.mark.parametrize("timeout_s", [0, -1, 301, float("nan"), float("inf"), "10", True, None])
def test_a_time_limit_is_a_number_of_seconds_within_its_bounds(timeout_s: Any) -> None:
    with pytest.raises(AgentError, match="tool book: timeout_s should be"):
        Tool.from_function(book, timeout_s=timeout_s)


async def test_the_function_runs_with_arguments_of_its_types_and_the_call(call: CallHandle) -> None:
    outcome = await BOOK.run('{"day": "mon", "guests": [{"name": "Ann", "born": "2000-02-29"}]}', call)

    assert outcome.status == "done"
    assert outcome.output == "+4930111111 booked 2 seats on mon for Ann"
    assert outcome.error is None


@pytest.mark.parametrize("nothing", ["", "  \n", "{}"])
async def test_a_tool_without_parameters_runs_on_nothing(nothing: str, call: CallHandle) -> None:
    assert (await _returning("soup").run(nothing, call)).output == "soup"


async def test_a_partial_with_a_name_is_a_tool_too(call: CallHandle) -> None:
    async def order(dish: str, table: int) -> str:
        return f"{dish} for table {table}"

    tool: Any = functools.partial(order, table=7)
    tool.__name__ = "order"

    assert (await Tool.from_function(tool).run('{"dish": "soup"}', call)).output == "soup for table 7"


class Size(enum.Enum):
    LARGE = "large"


class Mood(enum.StrEnum):
    GOOD = "good"


@dataclass
class Table:
    number: int
    free_on: date


@pytest.mark.parametrize(
    ("result", "output"),
    [
        ("soup", "soup"),
        ("", ""),
        (None, "Done."),
        (7, "7"),
        (True, "true"),
        (Size.LARGE, "large"),
        (Mood.GOOD, "good"),
        ({"soup": "große", 1: [None]}, '{"soup":"große","1":[null]}'),
        (Guest(name="Ann"), '{"name":"Ann","born":null,"friends":[]}'),
        ([Table(7, date(2026, 3, 1))], '[{"number":7,"free_on":"2026-03-01"}]'),
        ("half \ud83d of a pair", "half ? of a pair"),
    ],
)
async def test_the_result_is_told_as_text_or_json(result: Any, output: str, call: CallHandle) -> None:
    outcome = await _returning(result).run("", call)

    assert (outcome.output, outcome.status) == (output, "done")


async def test_a_result_that_cannot_be_told_was_done_all_the_same(call: CallHandle) -> None:
    circle: list[Any] = []
    circle.append(circle)

    for result in (object(), circle):
        outcome = await _returning(result).run("", call)

        assert outcome.status == "done"
        assert outcome.output == "tool was carried out, but its result cannot be told."
        assert outcome.error is not None


async def test_a_long_result_is_cut_with_a_note(call: CallHandle) -> None:
    outcome = await _returning("é" * (MAX_OUTPUT_CHARS + 1)).run("", call)

    assert len(outcome.output) == MAX_OUTPUT_CHARS
    assert outcome.output.endswith(f"é\n[cut: this was {MAX_OUTPUT_CHARS + 1} characters long]")


async def test_a_result_that_just_fits_is_not_cut(call: CallHandle) -> None:
    assert (await _returning("x" * MAX_OUTPUT_CHARS).run("", call)).output == "x" * MAX_OUTPUT_CHARS


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", "day is missing; guests is missing"),
        ("{", "they are not valid JSON"),
        ("null", "the arguments should be an object, not null"),
        ('{"day": "sun", "guests": []}', "day should be 'mon' or 'tue', not 'sun'"),
        ('{"day": "mon", "guests": [{"name": "Ann"}, {}]}', "guests[1].name is missing"),
        ('{"day": "mon", "guests": [], "seats": 9}', "seats should be less than or equal to 8, not 9"),
        ('{"day": "mon", "guests": [], "call": "me"}', "there is no call"),
        ('{"day": "mon", "guests": [], "sests": 3}', "there is no sests"),
        ('{"day": "mon", "guests": [], "seats": ' + "9" * 5_000 + "}", "they are not valid JSON"),
        ("[" * MAX_ARGUMENTS_CHARS, "they are not valid JSON"),
        ('{"day": "\ud800"}', "day should be 'mon' or 'tue', not '?'"),
        (
            '{"day": "' + "x" * MAX_ARGUMENTS_CHARS + '"}',
            f"they have {MAX_ARGUMENTS_CHARS + 11} characters, and at most {MAX_ARGUMENTS_CHARS} are read",
        ),
    ],
)
async def test_wrong_arguments_are_refused_with_what_is_wrong(arguments: str, told: str, call: CallHandle) -> None:
    outcome = await BOOK.run(arguments, call)

    assert outcome.status == "refused"
    assert outcome.output.startswith("book was not carried out, because its arguments are not right: ")
    assert told in outcome.output
    assert outcome.output.endswith("ask the caller for what you do not know.")


async def test_refused_arguments_do_not_reach_the_function(call: CallHandle) -> None:
    ran = []

    async def order(number: int) -> None:
        ran.append(number)

    await Tool.from_function(order).run('{"number": "many"}', call)

    assert ran == []


async def test_an_exception_is_spoken_of_without_its_internals(call: CallHandle) -> None:
    error = RuntimeError("password=hunter2 at 10.0.0.3")
    outcome = await _raising(error).run("", call)

    assert outcome.status == "failed"
    assert outcome.error is error
    assert outcome.output.startswith("tool failed. ")
    assert "hunter2" not in outcome.output
    assert "RuntimeError" not in outcome.output


async def test_a_model_may_try_again_only_what_can_be_repeated(call: CallHandle) -> None:
    once = await _raising(OSError()).run("", call)
    again = await _raising(OSError(), idempotent=True).run("", call)

    assert "do not try again" in once.output
    assert "You may try once more" in again.output


async def test_a_tool_that_calls_exit_does_not_take_the_worker_with_it(call: CallHandle) -> None:
    assert (await _raising(SystemExit(1)).run("", call)).status == "failed"


async def test_a_validator_of_the_users_own_may_fail_in_any_way(call: CallHandle) -> None:
    def explode(value: object) -> object:
        raise KeyError("internals")

    async def order(dish: Annotated[str, BeforeValidator(explode)]) -> None: ...

    outcome = await Tool.from_function(order).run('{"dish": "soup"}', call)

    assert outcome.status == "failed"
    assert outcome.output == "order could not read its arguments, so nothing was done."
    assert isinstance(outcome.error, KeyError)


async def test_a_tool_that_takes_too_long_is_stopped(call: CallHandle) -> None:
    stopped = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(True)

    outcome = await Tool.from_function(wait, timeout_s=0.01).run("", call)

    assert outcome.status == "timed_out"
    assert outcome.output.startswith("wait took longer than 0.01 seconds and was stopped. Whether it had an effect")
    assert isinstance(outcome.error, TimeoutError)
    assert stopped == [True]


async def test_a_timeout_inside_the_tool_is_its_own_failure(call: CallHandle) -> None:
    assert (await _raising(TimeoutError()).run("", call)).status == "failed"


async def test_an_error_while_being_stopped_is_still_a_timeout(call: CallHandle) -> None:
    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError

    assert (await Tool.from_function(wait, timeout_s=0.01).run("", call)).status == "timed_out"


async def test_the_end_of_the_call_stops_the_tool(call: CallHandle) -> None:
    started = asyncio.Event()

    async def wait() -> None:
        started.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(Tool.from_function(wait).run("", call))
    await started.wait()
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running


async def test_something_else_that_was_cancelled_is_a_failure_of_the_tool(call: CallHandle) -> None:
    async def wait() -> None:
        other = asyncio.create_task(asyncio.Event().wait())
        await asyncio.sleep(0)
        other.cancel()
        await other

    outcome = await Tool.from_function(wait).run("", call)

    assert outcome.status == "failed"
    assert isinstance(outcome.error, asyncio.CancelledError)


async def test_two_calls_of_one_tool_do_not_meet(call: CallHandle) -> None:
    first, second = await asyncio.gather(
        BOOK.run('{"day": "mon", "guests": [{"name": "Ann"}]}', call),
        BOOK.run('{"day": "tue", "guests": [{"name": "Bob"}]}', call),
    )

    assert first.output.endswith("on mon for Ann")
    assert second.output.endswith("on tue for Bob")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["day", "guests", "name", "call"]) | st.text(), inner)
    ),
    max_leaves=20,
)
_NEAR = st.fixed_dictionaries(
    {
        "day": st.sampled_from(["mon", "sun"]) | _JSON,
        "guests": _JSON | st.lists(st.fixed_dictionaries({"name": _JSON})),
    },
    optional={"seats": _JSON, "call": _JSON},
)
_ANY_TEXT = st.text(alphabet=st.characters())  # half surrogate pairs included


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arguments=_ANY_TEXT | _JSON.map(json.dumps) | _NEAR.map(json.dumps))
async def test_whatever_the_model_sends_is_answered(arguments: str, call: CallHandle) -> None:
    outcome = await BOOK.run(arguments, call)

    assert outcome.status in ("done", "refused")
    assert len(outcome.output) <= MAX_OUTPUT_CHARS
    outcome.output.encode()


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(result=_JSON | _ANY_TEXT | st.binary())
async def test_whatever_a_tool_returns_is_told(result: Any, call: CallHandle) -> None:
    outcome = await _returning(result).run("", call)

    assert outcome.status == "done"
    assert len(outcome.output) <= MAX_OUTPUT_CHARS
    outcome.output.encode()
