"""What callers say to the examples, and what comes of it. Data only, for calls in text and calls in sound.

Days are those of the clock on the wall: a weekday is the next one to come, as callers mean it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

CALLER: Final = "+4930111111"
"""Who calls, wherever the number counts."""

TODAY: Final = date.today()

EFFECTS: Final = {
    "table_booking": "SELECT starts_at, guests, name FROM bookings ORDER BY starts_at, id",
    "order_status": "SELECT phone, order_number FROM callbacks ORDER BY id",
}
"""What is asked of the file OFFHOOK_EXAMPLE_DB after a call, by example; the rest keep nothing."""


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One call."""

    example: str
    """Name of the module in ``offhook.examples``."""
    lines: tuple[str, ...]
    """What the caller says, one line a turn; ``#`` marks keys that are pressed: ``#42719``."""
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """The tools that are called, with their arguments, in this order."""
    rows: tuple[tuple[Any, ...], ...] = ()
    """What stands in the example's database when the call is over; see EFFECTS."""
    deeds: tuple[str, ...] = ()
    """What is done with the line: ``hung up``, ``transferred to sip:...``."""

    def __str__(self) -> str:
        return f"{self.example}: {' | '.join(self.lines)}"


def coming(weekday: str) -> date:
    """The next day of that name; never today."""
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return TODAY + timedelta(days=(names.index(weekday) - TODAY.weekday() - 1) % 7 + 1)


FRIDAY: Final = coming("friday")
SATURDAY: Final = coming("saturday")
SUNDAY: Final = coming("sunday")


def _booked(*lines: str, guests: int, day: date, time: str, name: str) -> Phrasing:
    arguments = {"guests": guests, "day": day.isoformat(), "time": time, "name": name}
    return Phrasing(
        "table_booking", lines, (("book_table", arguments),), rows=((f"{day.isoformat()} {time}", guests, name),)
    )


_BOOKING_IN_ONE: Final = "book a table for two people on friday at eight under the name laura"
_BOOKED_IN_ONE: Final = ("book_table", {"guests": 2, "day": FRIDAY.isoformat(), "time": "20:00", "name": "Laura"})

_TABLE_BOOKING: Final = (
    _booked(
        "i would like to book a table for four people on friday at seven thirty",
        "my name is anna",
        guests=4, day=FRIDAY, time="19:30", name="Anna",
    ),
    _booked(
        "a table please", "we are four", "on saturday", "at half past seven", "peter smith",
        guests=4, day=SATURDAY, time="19:30", name="Peter Smith",
    ),
    _booked(
        "can i make a reservation for sunday", "six people", "at eight o'clock", "it is susan",
        guests=6, day=SUNDAY, time="20:00", name="Susan",
    ),
    _booked(
        "do you have a table for two on friday evening", "at a quarter to eight please", "daniel",
        guests=2, day=FRIDAY, time="19:45", name="Daniel",
    ),
    _booked(
        "we would like to come for dinner on saturday", "three", "at nine", "the name is robert",
        guests=3, day=SATURDAY, time="21:00", name="Robert",
    ),
    _booked(
        _BOOKING_IN_ONE,
        guests=2, day=FRIDAY, time="20:00", name="Laura",
    ),
    _booked(
        "for five on sunday at one", "yes please", "this is george",
        guests=5, day=SUNDAY, time="13:00", name="George",
    ),
    _booked(
        "book a table", "#4", "on friday", "#1930", "anna",
        guests=4, day=FRIDAY, time="19:30", name="Anna",
    ),
    Phrasing(
        "table_booking",
        (_BOOKING_IN_ONE, "no for five", "yes"),
        (_BOOKED_IN_ONE, ("book_table", {**_BOOKED_IN_ONE[1], "guests": 5})),
        rows=((f"{FRIDAY} 20:00", 5, "Laura"),),
    ),
    Phrasing(
        "table_booking",
        (_BOOKING_IN_ONE, "do i have a booking", "laura"),
        (_BOOKED_IN_ONE, ("find_booking", {"name": "Laura"})),
        rows=((f"{FRIDAY} 20:00", 2, "Laura"),),
    ),
    Phrasing(
        "table_booking",
        (_BOOKING_IN_ONE, "cancel my booking", "laura", "friday"),
        (_BOOKED_IN_ONE, ("cancel_booking", {"name": "Laura", "day": FRIDAY.isoformat()})),
    ),
    Phrasing(
        "table_booking",
        (_BOOKING_IN_ONE, "we can not come on friday", "my name is laura"),
        (_BOOKED_IN_ONE, ("cancel_booking", {"name": "Laura", "day": FRIDAY.isoformat()})),
    ),
    Phrasing(
        "table_booking",
        (_BOOKING_IN_ONE, "cancel the table for laura on friday"),
        (_BOOKED_IN_ONE, ("cancel_booking", {"name": "Laura", "day": FRIDAY.isoformat()})),
    ),
    Phrasing(
        "table_booking",
        ("book a table for two people on friday at eight", "no that is all", "laura"),
        (_BOOKED_IN_ONE,),
        rows=((f"{FRIDAY} 20:00", 2, "Laura"),),
    ),
    Phrasing("table_booking", ("when are you open",), (("opening_hours", {}),)),
    Phrasing("table_booking", ("are you open on monday",), (("opening_hours", {"day": "monday"}),)),
    Phrasing(
        "table_booking",
        ("what are your opening hours", "and on sunday", "thank you goodbye"),
        (("opening_hours", {}), ("opening_hours", {"day": "sunday"}), ("end_call", {})),
        deeds=("hung up",),
    ),
)  # fmt: skip


def _told(order_number: str, *lines: str) -> Phrasing:
    return Phrasing("order_status", lines, (("order_status", {"order_number": order_number}),))


_ORDER_STATUS: Final = (
    _told("42719", "where is my order", "four two seven one nine"),
    _told("10835", "where is order one zero eight three five"),
    _told("50192", "when will my order arrive", "my order number is five oh one nine two"),
    _told("77304", "has my order been sent", "it is double seven three oh four"),
    _told("42719", "where are my books", "four two seven one nine please"),
    _told("42719", "where is my order", "four two seven", "four two seven one nine"),
    _told("50192", "where is my order", "#50192#"),
    Phrasing(
        "order_status",
        ("where is my order", "one two three four five", "four two seven one nine"),
        (("order_status", {"order_number": "12345"}), ("order_status", {"order_number": "42719"})),
    ),
    Phrasing(
        "order_status",
        ("please call me back",),
        (("request_callback", {}),),
        rows=((CALLER, None),),
    ),
    Phrasing(
        "order_status",
        ("call me back on five five five one two three four",),
        (("request_callback", {"phone_number": "5551234"}),),
        rows=(("5551234", None),),
    ),
    Phrasing(
        "order_status",
        ("where is my order", "i do not have it", "call me back"),
        (("request_callback", {}),),
        rows=((CALLER, None),),
    ),
    Phrasing(
        "order_status",
        ("where is my order", "four two seven one nine", "i would like a callback", "goodbye"),
        (("order_status", {"order_number": "42719"}), ("request_callback", {}), ("end_call", {})),
        rows=((CALLER, None),),
        deeds=("hung up",),
    ),
)  # fmt: skip


def _connected(to: str, *lines: str) -> Phrasing:
    tool = ("transfer_call", {"to": "sip:person@example.com"}) if to == "person" else (f"call_{to}", {})
    return Phrasing("call_transfer", lines, (tool,), deeds=(f"transferred to sip:{to}@example.com",))


_CALL_TRANSFER: Final = (
    _connected("sales", "sales please"),
    _connected("sales", "i would like to talk to sales"),
    _connected("sales", "i want to buy a bicycle"),
    _connected("sales", "how much is a bicycle"),
    _connected("support", "connect me to support"),
    _connected("support", "can you put me through to the support department"),
    _connected("support", "something is broken"),
    _connected("support", "hello", "i have a problem with my bicycle"),
    _connected("support", "what can you do", "support please"),
    _connected("person", "can i speak to a person"),
    _connected("person", "operator"),
    Phrasing("call_transfer", ("i do not want to talk to sales",)),
    Phrasing("call_transfer", ("do not connect me to support",)),
    Phrasing("call_transfer", ("not support",)),
    Phrasing("call_transfer", ("i do not want to talk to a person",)),
    Phrasing("call_transfer", ("#1",), deeds=("transferred to sip:sales@example.com",)),
    Phrasing("call_transfer", ("#2",), deeds=("transferred to sip:support@example.com",)),
    Phrasing("call_transfer", ("#0",), deeds=("transferred to sip:person@example.com",)),
)

PHRASINGS: Final = (*_TABLE_BOOKING, *_ORDER_STATUS, *_CALL_TRANSFER)
