"""The restaurant: what its caller hears, and what its tools do with the database."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.examples.line import NOISE, Line, effects, use

from offhook.agents.tool import ToolOutcome
from offhook.dialogue import manners
from offhook.examples import table_booking

NOW = datetime(2026, 11, 18, 14, 0)
"""A Wednesday."""

FRIDAY = "2026-11-20"
TABLES = 5


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_booking, "_now", lambda: NOW)


@pytest.fixture
def line() -> Line:
    return Line("table_booking", today=NOW.date())


async def book(
    name: str = "Anna", guests: int = 2, day: str = FRIDAY, time: str = "19:30", caller: str = "+1555"
) -> ToolOutcome:
    return await use("table_booking", "book_table", caller=caller, guests=guests, day=day, time=time, name=name)


async def find(name: str, *, caller: str = "+1555", **day: str) -> str:
    return (await use("table_booking", "find_booking", caller=caller, name=name, **day)).output


async def cancel(name: str, *, day: str = FRIDAY, caller: str = "+1555") -> str:
    return (await use("table_booking", "cancel_booking", caller=caller, name=name, day=day)).output


# ---- what the caller hears ------------------------------------------------------------------------------------------


async def test_what_is_missing_is_asked_for_one_by_one(line: Line) -> None:
    assert await line.hears("i would like to book a table") == "How many people come?"
    assert await line.hears("four") == "On which day?"
    assert await line.hears("friday") == "At what time?"
    assert await line.hears("seven thirty") == "What is your name?"
    assert line.calls == []
    assert await line.hears("anna") == "A table for 4 is booked for Anna, on Friday, November 20 at 7:30 pm."


async def test_a_party_of_forty_is_told_how_many_may_come(line: Line) -> None:
    assert await line.hears("a table for forty people") == "It should be from 1 to 8. How many people come?"
    assert await line.hears("for eight people") == "On which day?"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "book a table for two on monday at eight for laura",
            "I am sorry, the day should be from Tuesday to Sunday, because we are closed on Mondays. On which day?",
        ),
        (
            "book a table for two on the third of may two thousand twenty at eight for laura",
            "I am sorry, the day should be from today on, and within a year. On which day?",
        ),
        (
            "book a table for two on the third of may two thousand twenty eight at eight for laura",
            "I am sorry, the day should be from today on, and within a year. On which day?",
        ),
    ],
)
async def test_a_day_on_which_nobody_can_come_is_asked_for_again(line: Line, said: str, told: str, file: Path) -> None:
    assert await line.hears(said) == told
    assert effects("table_booking", file) == ()
    assert await line.hears("tomorrow") == "A table for 2 is booked for Laura, on Thursday, November 19 at 8:00 pm."


async def test_a_time_at_which_it_is_closed_is_asked_for_again(line: Line) -> None:
    assert await line.hears("book a table for two on friday at eleven for laura") == (
        "I am sorry, the time should be from noon to 9:30 pm. At what time?"
    )
    assert await line.hears("at nine") == "A table for 2 is booked for Laura, on Friday, November 20 at 9:00 pm."


async def test_a_time_that_has_passed_today_is_not_booked(line: Line, file: Path) -> None:
    told = await line.hears("book a table for two today at one pm for laura")

    assert told == "That time has already passed. At what later time would you like to come?"
    assert effects("table_booking", file) == ()
    await line.hears("at seven", "yes")
    assert effects("table_booking", file) == (("2026-11-18 19:00", 2, "Laura"),)


async def test_who_finds_it_full_may_name_another_time(line: Line, file: Path) -> None:
    await book("Peter", guests=8)

    told = await line.hears("book a table for six on friday at eight for laura")
    assert told == (
        "I am sorry, we have no table left for 6 on Friday, November 20 at 8:00 pm. Would another time suit you?"
    )
    await line.hears("at half past five", "yes")
    assert effects("table_booking", file)[0] == (f"{FRIDAY} 17:30", 6, "Laura")


async def test_who_is_not_understood_in_the_middle_of_a_booking_is_helped_and_then_let_go(
    line: Line, file: Path
) -> None:
    await line.hears("book a table")

    assert await line.hears(NOISE) == f"{manners.NOT_UNDERSTOOD} How many people come?"
    assert "press it on the keys" in await line.hears(NOISE)
    assert await line.hears(NOISE) == manners.GIVE_UP
    assert line.deeds == ["hung up"]
    assert effects("table_booking", file) == ()


async def test_a_caller_may_leave_a_booking_in_the_middle(line: Line, file: Path) -> None:
    await line.hears("book a table for four on friday", "never mind")

    assert await line.hears("when are you open") == "From Tuesday to Sunday we are open from noon to 11 pm."
    assert effects("table_booking", file) == ()


async def test_who_wants_a_person_is_told_what_there_is_instead(line: Line) -> None:
    assert (await line.hears("can i speak to a person")).startswith(manners.NOBODY_HERE)
    assert line.deeds == []


async def test_a_broken_database_is_not_called_a_booking(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFHOOK_EXAMPLE_DB", "/no/such/directory/bookings.sqlite3")

    assert await line.hears("book a table for two on friday at eight for laura") == manners.UNCERTAIN


# ---- what a model is told -------------------------------------------------------------------------------------------


async def test_a_model_is_told_the_date() -> None:
    told = await table_booking.agent.instructions_for(Line("table_booking"))

    assert told.endswith("Today is Wednesday, 2026-11-18.")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"guests": 40}, "guests should be less than or equal to 8"),
        ({"guests": 0}, "guests should be greater than or equal to 1"),
        ({"guests": "a few"}, "guests should be a valid integer"),
        ({"day": "2026-11-17"}, "day: should be from today on"),
        ({"day": "2027-11-19"}, "day: should be from today on, and within a year"),
        ({"day": "9999-12-31"}, "day: should be from today on, and within a year"),
        ({"day": "2026-11-23"}, "because we are closed on Mondays"),
        ({"day": "2026-02-30"}, "day should be a valid date"),
        ({"day": "friday"}, "day should be a valid date"),
        ({"time": "23:00"}, "time: should be from noon to 9:30 pm"),
        ({"time": "21:31"}, "time: should be from noon to 9:30 pm"),
        ({"time": "11:59"}, "time: should be from noon to 9:30 pm"),
        ({"time": "half past seven"}, "time should be in a valid time format"),
        ({"name": "  "}, "name should have at least 1 character"),
        ({"name": "x" * 81}, "name should have at most 80 characters"),
        ({"table": 7}, "there is no table"),
    ],
)
async def test_wrong_values_are_refused(wrong: dict[str, Any], told: str, file: Path) -> None:
    right: dict[str, Any] = {"guests": 2, "day": FRIDAY, "time": "19:30", "name": "Anna"}
    outcome = await use("table_booking", "book_table", **{**right, **wrong})

    assert outcome.status == "refused"
    assert told in outcome.output
    assert effects("table_booking", file) == ()


@pytest.mark.parametrize("time", ["19:30", "19:30:00", "19:30:00Z", "19:30+01:00"])
async def test_a_time_is_that_of_the_restaurants_clock(time: str, file: Path) -> None:
    assert (await book(time=time)).status == "done"
    assert effects("table_booking", file) == ((f"{FRIDAY} 19:30", 2, "Anna"),)


@pytest.mark.parametrize("time", ["12:00", "21:30"])
async def test_the_first_and_the_last_time_can_be_booked(time: str) -> None:
    assert (await book(time=time)).output.startswith("A table for 2 is booked")


# ---- tables ----------------------------------------------------------------------------------------------------------


async def test_two_bookings_for_the_same_time_get_two_tables(file: Path) -> None:
    await book("Anna")
    await book("Laura", caller="+1556")

    with closing(sqlite3.connect(file)) as database:
        tables = database.execute("SELECT table_number, phone FROM bookings ORDER BY id").fetchall()
    assert tables == [(1, "+1555"), (2, "+1556")]


async def test_a_full_restaurant_takes_nobody_until_the_tables_are_free_again(file: Path) -> None:
    for number in range(TABLES):
        assert "is booked" in (await book(f"Guest {number}")).output

    for time in ("19:30", "17:31", "21:29"):
        assert "no table left" in (await book(time=time)).output
    for name, time in (("Early", "17:30"), ("Late", "21:30")):
        assert "is booked" in (await book(name, time=time)).output
    assert "is booked" in (await book("Anna", day="2026-11-21")).output
    assert len(effects("table_booking", file)) == TABLES + 3


async def test_a_small_party_takes_a_small_table() -> None:
    for number in range(2):
        await book(f"Guest {number}", guests=2)

    assert "is booked" in (await book("Peter", guests=8)).output
    assert "no table left" in (await book("Laura", guests=5)).output
    assert "is booked" in (await book("Laura", guests=4)).output


async def test_of_many_callers_at_once_no_two_get_the_same_table(file: Path) -> None:
    outcomes = await asyncio.gather(*(book(f"Guest {number}", caller=f"+1555{number}") for number in range(24)))

    assert sum("is booked" in outcome.output for outcome in outcomes) == TABLES
    assert sum("no table left" in outcome.output for outcome in outcomes) == 24 - TABLES
    with closing(sqlite3.connect(file)) as database:
        tables = database.execute("SELECT table_number FROM bookings ORDER BY table_number").fetchall()
    assert tables == [(number,) for number in range(1, TABLES + 1)]


async def test_while_one_call_waits_for_the_database_others_go_on(file: Path) -> None:
    await book("Peter")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        waiting = asyncio.create_task(book("Anna"))
        for _ in range(10):
            await asyncio.sleep(0)
            assert (await use("table_booking", "opening_hours")).status == "done"
        assert not waiting.done()
        other.execute("ROLLBACK")

    assert "is booked" in (await waiting).output


# ---- changes ---------------------------------------------------------------------------------------------------------


async def test_who_books_the_same_day_again_changes_the_booking(file: Path) -> None:
    await book(guests=2)

    assert (await book(guests=3, time="20:30")).output == (
        "I have changed the booking: a table for 3 for Anna, on Friday, November 20 at 8:30 pm."
    )
    assert effects("table_booking", file) == ((f"{FRIDAY} 20:30", 3, "Anna"),)


async def test_a_change_that_is_not_possible_leaves_the_booking_as_it_was(file: Path) -> None:
    await book("Peter", guests=8, caller="+1556")
    await book("Anna", guests=4)

    assert "no table left" in (await book("Anna", guests=6)).output
    assert (f"{FRIDAY} 19:30", 4, "Anna") in effects("table_booking", file)


async def test_somebody_else_of_the_same_name_changes_nothing(file: Path) -> None:
    await book("Anna", caller="+1555")
    await book("Anna", caller="+1556")

    assert len(effects("table_booking", file)) == 2


async def test_a_lunch_that_is_over_is_not_changed_by_a_dinner(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await book(time="12:00")
    monkeypatch.setattr(table_booking, "_now", lambda: datetime(2026, 11, 20, 15, 0))

    assert "is booked" in (await book(time="19:30")).output
    assert len(effects("table_booking", file)) == 2


# ---- finding and cancelling ------------------------------------------------------------------------------------------


async def test_a_booking_is_found_by_its_name_however_it_is_written() -> None:
    await book("Anna Smith")

    assert await find(" anna smith ") == "For anna smith there is a table for 2 on Friday, November 20 at 7:30 pm."
    assert await find("Anna") == "From this number there is no booking for Anna."


async def test_a_booking_may_be_asked_for_by_its_day() -> None:
    await book("Anna")

    assert "for 2 on Friday" in await find("Anna", day=FRIDAY)
    assert await find("Anna", day="2026-11-21") == (
        "From this number there is no booking for Anna on Saturday, November 21."
    )


async def test_a_booking_is_told_to_nobody_else(file: Path) -> None:
    await book("Anna", caller="+1555")

    for other in ("+1556", "anonymous"):
        assert "there is no booking for Anna" in await find("Anna", caller=other, day=FRIDAY)
        assert "there is no booking for Anna" in await cancel("Anna", caller=other)
    assert len(effects("table_booking", file)) == 1


@pytest.mark.parametrize("withheld", ["anonymous", "", "sip:anonymous@anonymous.invalid"])
async def test_from_a_withheld_number_a_booking_is_found_by_name_and_day_only(withheld: str) -> None:
    await book("Anna", caller=withheld)

    assert await find("Anna", caller=withheld) == "I cannot see your telephone number. For which day is the booking?"
    assert "there is no booking" in await find("Anna", caller=withheld, day="2026-11-21")
    assert "there is no booking" in await find("Laura", caller=withheld, day=FRIDAY)
    assert "for 2 on Friday" in await find("Anna", caller=withheld, day=FRIDAY)
    assert "is cancelled" in await cancel("Anna", caller=withheld)


async def test_who_calls_from_a_withheld_number_is_asked_for_the_day() -> None:
    await book("Laura", caller="anonymous")
    line = Line("table_booking", caller="anonymous", today=NOW.date())

    assert (await line.hears("do i have a booking", "laura")).endswith("For which day is the booking?")
    assert "for 2 on Friday" in await line.hears("on friday")


async def test_bookings_of_the_past_are_not_spoken_of(monkeypatch: pytest.MonkeyPatch) -> None:
    await book("Anna")
    monkeypatch.setattr(table_booking, "_now", lambda: datetime(2026, 11, 21, 12, 0))

    assert await find("Anna") == "From this number there is no booking for Anna."
    assert await cancel("Anna") == "From this number there is no booking for Anna on Friday, November 20."


async def test_a_cancelled_table_is_free_for_others(file: Path) -> None:
    await book("Peter", guests=8)
    assert "no table left" in (await book("Laura", guests=8)).output

    assert await cancel("peter") == "The booking for peter on Friday, November 20 is cancelled."
    assert "is booked" in (await book("Laura", guests=8)).output


async def test_what_is_not_booked_cannot_be_cancelled(file: Path) -> None:
    await book("Anna")

    assert await cancel("Anna", day="2026-11-21") == (
        "From this number there is no booking for Anna on Saturday, November 21."
    )
    assert len(effects("table_booking", file)) == 1


async def test_of_two_with_one_name_each_cancels_their_own(file: Path) -> None:
    await book("Anna", caller="+1555", guests=2)
    await book("Anna", caller="+1556", guests=3)

    assert "is cancelled" in await cancel("Anna", caller="+1556")
    assert effects("table_booking", file) == ((f"{FRIDAY} 19:30", 2, "Anna"),)


@pytest.mark.parametrize(
    "name", ["Robert'); DROP TABLE bookings;--", "' OR '1'='1", "x\x00y", "Zoë", "%", '"', "名前", ":guests"]
)
async def test_a_name_is_only_a_name(name: str, file: Path) -> None:
    await book("Anna", caller="+1556")
    await book(name)

    assert (f"{FRIDAY} 19:30", 2, name) in effects("table_booking", file)
    assert "for 2 on Friday" in await find(name)
    assert "is cancelled" in await cancel(name)
    assert effects("table_booking", file) == ((f"{FRIDAY} 19:30", 2, "Anna"),)


# ---- hours -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2026, 11, 16 + number) for number in range(7)])
async def test_the_hours_it_tells_are_those_it_books(day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_booking, "_now", lambda: datetime(2026, 11, 15, 9, 0))
    told = await use("table_booking", "opening_hours", day=f"{day:%A}".lower())
    booked = await book(day=day.isoformat())

    assert ("are open" in told.output) == (booked.status == "done")
