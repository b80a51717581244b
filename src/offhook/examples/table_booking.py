"""A restaurant that takes bookings.

    offhook serve offhook.examples.table_booking:agent

Bookings are kept in SQLite: in the file that OFFHOOK_EXAMPLE_DB names, else in ``bookings.sqlite3`` in the working
directory. To see them: ``sqlite3 bookings.sqlite3 "select * from bookings"``.

A name is no key: anyone can say it. A booking is found, changed and cancelled only from the number that it was made
from; of those made from a withheld number, only the one of that name and day is spoken of.
"""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from offhook import Agent, CallHandle

OPENS: Final = time(12, 0)
LAST_GUESTS: Final = time(21, 30)
CLOSED_ON: Final = "monday"

LARGEST_PARTY: Final = 8
KEPT_FOR: Final = timedelta(hours=2)
"""A table is theirs for so long."""
BOOKED_AHEAD: Final = timedelta(days=365)

_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS bookings (
        id INTEGER PRIMARY KEY,
        table_number INTEGER NOT NULL,
        starts_at TEXT NOT NULL,  -- 2026-11-20 19:30
        guests INTEGER NOT NULL,
        name TEXT NOT NULL COLLATE NOCASE,
        phone TEXT NOT NULL
    )
"""

_FORGET: Final = """
    DELETE FROM bookings
    WHERE phone = :phone AND name = :name AND date(starts_at) = date(:starts_at) AND starts_at >= :now
"""

_FIND: Final = """
    SELECT starts_at, guests FROM bookings
    WHERE phone = :phone AND name = :name AND (:day IS NULL OR date(starts_at) = :day) AND starts_at >= :now
    ORDER BY starts_at LIMIT 3
"""

# The smallest table that is large enough. Both statements are one transaction, and the first already takes the
# database for itself: of two callers who want the last table at the same moment, one gets it.
_BOOK: Final = """
    INSERT INTO bookings (table_number, starts_at, guests, name, phone)
    WITH tables (number, seats) AS (VALUES (1, 2), (2, 2), (3, 4), (4, 4), (5, 8))
    SELECT number, :starts_at, :guests, :name, :phone FROM tables
    WHERE seats >= :guests AND NOT EXISTS (
        SELECT * FROM bookings WHERE table_number = number AND starts_at > :free_after AND starts_at < :free_before
    )
    ORDER BY seats, number LIMIT 1
"""

agent = Agent(
    name="table-booking",
    instructions="""
        You answer the telephone of the Olive Tree, a small restaurant. Be friendly and brief: one or two short
        sentences at a time, in everyday words.
        To book a table you need the number of guests, the day, the time and a name. Ask for what is missing, one thing
        at a time. Before you book or cancel, say back what you are about to do and wait for a yes.
        Only the tools know what is free and what is booked: never promise a table before book_table has answered. To
        change a booking of the same day, book again with what is different.
        When the caller says goodbye, say goodbye and end the call.
    """,
    greeting="The Olive Tree, hello! Would you like to book a table?",
    language="en",
    examples=("i would like to book a table", "what are your opening hours"),
)


def _now() -> datetime:
    return datetime.now()


def _day_of_booking(day: date) -> date:
    today = _now().date()
    if not today <= day <= today + BOOKED_AHEAD:
        raise ValueError("should be from today on, and within a year")
    if f"{day:%A}".lower() == CLOSED_ON:
        raise ValueError("should be from Tuesday to Sunday, because we are closed on Mondays")
    return day


def _time_of_booking(at: time) -> time:
    at = at.replace(second=0, microsecond=0, tzinfo=None)  # a model may write 19:30:00Z and mean the clock on our wall
    if not OPENS <= at <= LAST_GUESTS:
        raise ValueError("should be from noon to 9:30 pm")
    return at


# What a check says is told to the caller, who is then asked for that one value again.
Day = Annotated[date, AfterValidator(_day_of_booking)]
Time = Annotated[time, AfterValidator(_time_of_booking)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


@agent.on_call
async def tell_the_date(call: CallHandle) -> str:
    """A model does not know what day it is."""
    return f"Today is {_now():%A, %Y-%m-%d}."


@agent.tool(
    phrases=(
        "book a table for {guests} on {day} at {time}",
        "a table for {guests} on {day}",
        "do you have a table for {guests} at {time}",
        "i would like to make a reservation for {day}",
        "we would like to come for dinner on {day}",
        "i would like to come at {time}",
    )
)
async def book_table(
    guests: Annotated[int, Field(ge=1, le=LARGEST_PARTY)], day: Day, time: Time, name: Name, call: CallHandle
) -> str:
    """Book a table, or change the booking that the caller has for that day.

    Args:
        guests: how many people come
        day: the day they come
        time: when they come, such as 19:30
        name: for whom the table is booked
    """
    starts = datetime.combine(day, time)
    if starts < _now():
        return "That time has already passed. At what later time would you like to come?"
    match await asyncio.to_thread(_book, starts, guests, name, call.caller):
        case "full":
            return f"I am sorry, we have no table left for {guests} on {_said(starts)}. Would another time suit you?"
        case "booked":
            return f"A table for {guests} is booked for {name}, on {_said(starts)}."
        case "changed":
            return f"I have changed the booking: a table for {guests} for {name}, on {_said(starts)}."


@agent.tool(
    idempotent=True,
    phrases=(
        "do i have a booking",
        "do i have a table",
        "when is my table",
        "check my reservation",
        "find the booking of {name}",
        "is there a reservation under the name {name}",
    ),
)
async def find_booking(name: Name, call: CallHandle, day: date | None = None) -> str:
    """Find a booking that was made from the caller's number.

    Args:
        name: for whom the table was booked
        day: the day it was booked for, if the caller named one
    """
    if day is None and not call.caller.startswith("+"):  # "anonymous" is the number of many
        return "I cannot see your telephone number. For which day is the booking?"
    found = await asyncio.to_thread(_coming, call.caller, name, day)
    if not found:
        return f"From this number there is no booking for {name}{f' on {_said_day(day)}' if day else ''}."
    told = [f"a table for {guests} on {_said(starts)}" for starts, guests in found]
    return f"For {name} there is {', and '.join(told)}."


@agent.tool(
    phrases=(
        "cancel my booking",
        "cancel my reservation on {day}",
        "cancel the table for {name}",
        "we can not come on {day}",
    )
)
async def cancel_booking(name: Name, day: date, call: CallHandle) -> str:
    """Cancel a booking that was made from the caller's number.

    Args:
        name: for whom the table was booked
        day: the day it was booked for
    """
    if await asyncio.to_thread(_cancel, call.caller, name, day):
        return f"The booking for {name} on {_said_day(day)} is cancelled."
    return f"From this number there is no booking for {name} on {_said_day(day)}."


@agent.tool(idempotent=True, phrases=("when are you open", "are you open on {day}", "when can i come"))
async def opening_hours(
    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] | None = None,
) -> str:
    """When the restaurant is open.

    Args:
        day: the day the caller asks about, if they named one
    """
    if day == CLOSED_ON:
        return "We are closed on Mondays."
    return f"{f'On {day.capitalize()} we' if day else 'From Tuesday to Sunday we'} are open from noon to 11 pm."


# A database in a file may have to wait for the disk, or for another who writes: some milliseconds, seconds at worst.
# The functions below therefore run in threads (asyncio.to_thread), each with a connection of its own, and the calls of
# others go on meanwhile. Values are always given beside the SQL and never put into it: a name may hold anything.


@contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    """The bookings. What was changed is kept if the block ends without an error."""
    file = os.environ.get("OFFHOOK_EXAMPLE_DB", "bookings.sqlite3")
    with closing(sqlite3.connect(file, timeout=5)) as database, database:
        database.execute(_SCHEMA)
        yield database


def _book(starts: datetime, guests: int, name: str, phone: str) -> Literal["full", "booked", "changed"]:
    values = {
        "now": _written(_now()),
        "starts_at": _written(starts),
        "free_after": _written(starts - KEPT_FOR),
        "free_before": _written(starts + KEPT_FOR),
        "guests": guests,
        "name": name,
        "phone": phone,
    }
    with _database() as database:
        # Who books the same day again has thought better of it. If there is no table now, the old booking stays.
        before = database.execute(_FORGET, values).rowcount
        if database.execute(_BOOK, values).rowcount == 0:
            database.rollback()
            return "full"
    return "changed" if before else "booked"


def _coming(phone: str, name: str, day: date | None) -> list[tuple[datetime, int]]:
    """When, and for how many."""
    values = {"now": _written(_now()), "phone": phone, "name": name, "day": day.isoformat() if day else None}
    with _database() as database:
        rows = database.execute(_FIND, values).fetchall()
    return [(datetime.fromisoformat(starts_at), guests) for starts_at, guests in rows]


def _cancel(phone: str, name: str, day: date) -> bool:
    """Whether there was a booking."""
    values = {"now": _written(_now()), "phone": phone, "name": name, "starts_at": day.isoformat()}
    with _database() as database:
        return database.execute(_FORGET, values).rowcount > 0


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _said(moment: datetime) -> str:
    hour = f"{moment:%I:%M %p}".removeprefix("0").lower()
    return f"{_said_day(moment)} at {hour}"


def _said_day(day: date) -> str:
    return f"{day:%A, %B} {day.day}"
