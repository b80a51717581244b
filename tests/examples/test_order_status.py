"""The shop: what its caller hears, and whom it calls back."""

import asyncio
from pathlib import Path

import pytest
from tests.examples.line import Line, effects, use
from tests.examples.phrasings import CALLER

from offhook.dialogue import manners
from offhook.examples.order_status import ORDERS


@pytest.fixture
def line() -> Line:
    return Line("order_status")


# ---- what the caller hears ------------------------------------------------------------------------------------------


async def test_the_order_number_is_asked_for(line: Line) -> None:
    assert await line.hears("where is my order") == "What is your order number?"
    assert await line.hears("four two seven one nine") == "Order 42719 is on its way, and should arrive tomorrow."


async def test_an_unknown_number_is_said_back_and_another_may_follow(line: Line) -> None:
    told = await line.hears("where is order one two three four five")

    assert told == "I cannot find order 12345. Please look at the number once more."
    assert await line.hears("four two seven one nine") == "Order 42719 is on its way, and should arrive tomorrow."


@pytest.mark.parametrize("said", ["four two seven", "four two seven one nine two", "#427"])
async def test_a_number_of_the_wrong_length_is_asked_for_again(line: Line, said: str) -> None:
    await line.hears("where is my order")

    assert (await line.hears(said)).endswith("What is your order number?")
    assert line.calls == []


async def test_who_has_no_number_is_called_back(line: Line, file: Path) -> None:
    assert await line.hears("where is my order", "i do not have it") == (f"{manners.NEEDED} What is your order number?")
    assert await line.hears("call me back") == "Somebody will call you back today, on this number."
    assert effects("order_status", file) == ((CALLER, None),)


async def test_a_caller_who_hides_the_number_is_asked_for_one(file: Path) -> None:
    line = Line("order_status", caller="anonymous")

    told = await line.hears("please call me back")
    assert told == "I cannot see your telephone number. On which number should we call you back?"
    assert effects("order_status", file) == ()
    told = await line.hears("on five five five one two three four", "yes")
    assert told == "Somebody will call you back today, on number 5551234."
    assert effects("order_status", file) == (("5551234", None),)


# ---- the tools -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ORDERS)
async def test_each_order_is_told_in_a_sentence(number: str) -> None:
    outcome = await use("order_status", "order_status", order_number=number)

    assert outcome.output == f"Order {number} {ORDERS[number]}."


@pytest.mark.parametrize("number", ["4271", "427190", "4271a", "", " 42719", "４２７１９", "' OR 1=1", 42719])
async def test_what_is_no_order_number_is_refused(number: object) -> None:
    assert (await use("order_status", "order_status", order_number=number)).status == "refused"


@pytest.mark.parametrize("number", ["12345", "1' OR '1'='1", "1" * 16, "+49301234", ""])
async def test_what_is_no_telephone_number_is_refused(number: str, file: Path) -> None:
    assert (await use("order_status", "request_callback", phone_number=number)).status == "refused"
    assert effects("order_status", file) == ()


@pytest.mark.parametrize("caller", ["anonymous", "", "sip:anna@example.com", "Restricted", "+1; DROP TABLE callbacks"])
async def test_a_caller_without_a_telephone_number_is_not_promised_a_call(caller: str, file: Path) -> None:
    outcome = await use("order_status", "request_callback", caller=caller)

    assert "cannot see your telephone number" in outcome.output
    assert effects("order_status", file) == ()


async def test_the_order_is_kept_with_the_callback(file: Path) -> None:
    await use("order_status", "request_callback", order_number="42719", phone_number="5551234")

    assert effects("order_status", file) == (("5551234", "42719"),)


async def test_many_callers_at_once_are_all_called_back(file: Path) -> None:
    callers = [f"+15550{number:06}" for number in range(24)]
    await asyncio.gather(*(use("order_status", "request_callback", caller=caller) for caller in callers))

    assert sorted(phone for phone, _ in effects("order_status", file)) == callers
