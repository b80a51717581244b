"""What is said in the benchmark of recognition, to whom, and what it means. Fixed, to compare like with like.

Four agents as people write them. The lines were written before anything was measured, as callers talk, without a look
at the sentences that the dialogue makes of the agents; which of them those sentences cover is worked out when the
benchmark runs. The dentist's were not looked at when recogniser and dialogue were improved: they tell how it will be
for an agent that is new.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from offhook.agents.agent import Agent

HELD_OUT: Final = ("en-us+klatt4", "en-us+adam", "en-us+m6", "kal16")
FITTED: Final = ("slt",)
"""The channel was fitted on it, with other sentences."""
VOICES: Final = (*HELD_OUT, *FITTED)
"""Those with a plus are espeak's, which comes as a wheel; the others are Debian's ``flite``."""

TODAY: Final = date(2026, 11, 18)
"""A Wednesday."""

trattoria = Agent(
    name="trattoria",
    instructions="You answer the phone of a restaurant. Take bookings and tell callers when we are open.",
    greeting="Trattoria Bella, good evening!",
    transfer_to=["sip:desk@example.com"],
)


@trattoria.tool(
    phrases=("book a table for {guests} on {day} at {time}", "a table for {guests} please", "we are {guests} people")
)
async def book_table(guests: Annotated[int, Field(ge=1, le=12)], day: date, time: str, name: str) -> str:
    """Book a table.

    Args:
        guests: how many people come
        day: the day they come
        time: when they come
        name: for whom the table is booked
    """
    return "booked"


@trattoria.tool(phrases=("i have to cancel my table",))
async def cancel_booking(name: str) -> str:
    """Cancel a booking."""
    return "cancelled"


@trattoria.tool(idempotent=True)
async def opening_hours(day: date | None = None) -> str:
    """When the restaurant is open."""
    return "from six to eleven"


parcels = Agent(
    name="parcels",
    instructions="You help the customers of an online shop with their orders.",
    transfer_to=["sip:agents@example.com"],
)


@parcels.tool(idempotent=True, phrases=("where is my order", "when does my order {order_number} arrive"))
async def order_status(order_number: Annotated[str, Field(pattern=r"^\d{5}$")]) -> str:
    """Look up where an order is."""
    return "on its way"


@parcels.tool
async def cancel_order(order_number: Annotated[str, Field(pattern=r"^\d{5}$")]) -> str:
    """Cancel an order that has not been sent yet."""
    return "cancelled"


@parcels.tool(phrases=("i want my money back", "i want to return order {order_number}", "my order is {reason}"))
async def refund_order(
    order_number: Annotated[str, Field(pattern=r"^\d{5}$")], reason: Literal["damaged", "wrong", "late"]
) -> str:
    """Refund an order.

    Args:
        order_number: the five digits on the order
        reason: what is wrong with it
    """
    return "refunded"


bank = Agent(
    name="bank",
    instructions="You answer for a bank, outside of its hours too.",
    transfer_to=["sip:advisors@example.com"],
)


@bank.tool(idempotent=True, phrases=("how much money do i have in my {account} account",))
async def account_balance(account: Literal["checking", "savings"]) -> str:
    """The balance of one of the caller's accounts."""
    return "one hundred euros"


@bank.tool(phrases=("i lost my {card} card", "my card was stolen"))
async def block_card(card: Literal["debit", "credit"]) -> str:
    """Block a card."""
    return "blocked"


@bank.tool(phrases=("pay {amount} dollars for {bill}",))
async def pay_bill(bill: Literal["rent", "electricity", "water"], amount: Annotated[int, Field(ge=1, le=1000)]) -> str:
    """Pay a bill.

    Args:
        bill: what is paid for
        amount: how many dollars
    """
    return "paid"


dentist = Agent(
    name="dentist",
    instructions="You answer the phone of a dentist's practice.",
    transfer_to=["sip:practice@example.com"],
)


@dentist.tool(phrases=("i need an appointment on {day} at {time}", "i have a {reason}"))
async def make_appointment(reason: Literal["checkup", "cleaning", "toothache"], day: date, time: str) -> str:
    """Make an appointment.

    Args:
        reason: what the appointment is for
        day: the day of the appointment
        time: when it is
    """
    return "made"


@dentist.tool
async def cancel_appointment(day: date) -> str:
    """Cancel an appointment.

    Args:
        day: the day of the appointment
    """
    return "cancelled"


@dentist.tool(idempotent=True)
async def treatment_price(treatment: Literal["filling", "crown", "cleaning"]) -> dict[str, float]:
    """What a treatment costs."""
    return {"price": 80.0}


ALREADY: Final[Mapping[str, Mapping[str, Any]]] = {
    "book_table": {"guests": 2, "day": "2026-11-21", "time": "20:00", "name": "Ann"},
    "cancel_booking": {"name": "Ann"},
    "order_status": {"order_number": "11223"},
    "cancel_order": {"order_number": "11223"},
    "refund_order": {"order_number": "11223", "reason": "damaged"},
    "account_balance": {"account": "checking"},
    "block_card": {"card": "debit"},
    "pay_bill": {"bill": "rent", "amount": 100},
    "make_appointment": {"reason": "checkup", "day": "2026-11-23", "time": "10:00"},
    "cancel_appointment": {"day": "2026-11-23"},
    "treatment_price": {"treatment": "crown"},
}
"""What the caller said before, where a line is an answer; without the value that was asked for."""

_LINES: Final[tuple[tuple[Agent, str], ...]] = (
    (
        trattoria,
        """
i would like to book a table for four people on friday at seven thirty | book_table guests=4 day="2026-11-20" \
time="19:30"
can i book a table for two tomorrow at eight | book_table guests=2 day="2026-11-19" time="20:00"
a table for six on saturday at nine o'clock please | book_table guests=6 day="2026-11-21" time="21:00"
book a table for three people on sunday | book_table guests=3 day="2026-11-22"
i want to book a table | book_table
can you book a table for five at half past six | book_table guests=5 time="18:30"
what are your opening hours | opening_hours
are you open on sunday | opening_hours day="2026-11-22"
when are you open | opening_hours
i want to cancel my booking | cancel_booking
please cancel my booking | cancel_booking
i want to speak to a human | transfer_call to="sip:desk@example.com"
thank you goodbye | end_call
hello we are seven people and we'd like to come on thursday evening | book_table guests=7 day="2026-11-19"
is there any chance of a table for two tonight around half past eight | book_table guests=2 day="2026-11-18" \
time="20:30"
good evening i need a table this saturday for eight of us | book_table guests=8 day="2026-11-21"
could you squeeze in four of us on friday at a quarter past seven | book_table guests=4 day="2026-11-20" time="19:15"
um hi i'd like to make a reservation for saturday night at nine | book_table day="2026-11-21" time="21:00"
can we get a table outside for three on tuesday at noon | book_table guests=3 day="2026-11-24" time="12:00"
what time do you close tonight | opening_hours day="2026-11-18"
do you open on monday | opening_hours day="2026-11-23"
could you tell me if you're open tomorrow | opening_hours day="2026-11-19"
sorry something came up i have to cancel our table | cancel_booking
we can't make it tonight please cancel the reservation | cancel_booking
i'd like to talk to somebody who works there | transfer_call to="sip:desk@example.com"
book_table?guests: four people please | guests=4
book_table?guests: there will be six of us | guests=6
book_table?guests: just the two of us | guests=2
book_table?day: on friday | day="2026-11-20"
book_table?day: tomorrow evening | day="2026-11-19"
book_table?day: the third of december please | day="2026-12-03"
book_table?time: half past seven | time="19:30"
book_table?time: at eight o'clock please | time="20:00"
book_table?time: around a quarter to nine if that's possible | time="20:45"
book_table?name: maria | name="Maria"
book_table?name: my name is david miller | name="David Miller"
book_table?name: it's for susan | name="Susan"
cancel_booking?name: under the name johnson | name="Johnson"
book_table?: yes please | yes
book_table?: no that is wrong | no
""",
    ),
    (
        parcels,
        """
where is my order | order_status
what is the status of my order | order_status
where is my order number four two seven one nine | order_status order_number="42719"
track my order please | order_status
has my order been sent | order_status
when does my order eight oh five three six arrive | order_status order_number="80536"
i want to cancel my order | cancel_order
cancel order number six one nine two two | cancel_order order_number="61922"
i would like to cancel an order | cancel_order
i want my money back | refund_order
i want to return order three three one seven four | refund_order order_number="33174"
please transfer me to an operator | transfer_call to="sip:agents@example.com"
goodbye | end_call
hi i'm still waiting for my order and i want to know where it is | order_status
i was wondering when my package is going to arrive | order_status
can you check on order five nine oh two eight for me please | order_status order_number="59028"
it's about my order the number is seven one one four three what's the status | order_status order_number="71143"
hello could you tell me whether my order has already been sent | order_status
i ordered something last week and it still hasn't come | order_status
i changed my mind please cancel my order two oh nine six four | cancel_order order_number="20964"
um i don't need it any more so i'd like to cancel the order | cancel_order
the order came damaged and i'd like to have my money back | refund_order reason="damaged"
you sent me the wrong thing i want a refund | refund_order reason="wrong"
i need a refund for order one eight three five five it was too late | refund_order order_number="18355" reason="late"
could you put me through to someone please | transfer_call to="sip:agents@example.com"
order_status?order_number: four two seven one nine | order_number="42719"
order_status?order_number: my order number is eight oh five three six | order_number="80536"
cancel_order?order_number: it is six one nine two two | order_number="61922"
order_status?order_number: double seven three one five | order_number="77315"
order_status?order_number: let me see yes it's nine four four oh one | order_number="94401"
refund_order?order_number: the number is two six five eight zero | order_number="26580"
refund_order?reason: it is damaged | reason="damaged"
refund_order?reason: it came too late | reason="late"
refund_order?reason: that's the wrong one | reason="wrong"
cancel_order?: yes that is right | yes
cancel_order?: no | no
""",
    ),
    (
        bank,
        """
what is the balance of my checking account | account_balance account="checking"
how much money do i have in my savings account | account_balance account="savings"
what is my account balance | account_balance
i lost my credit card | block_card card="credit"
my card was stolen | block_card
please block my debit card | block_card card="debit"
i want to block my card | block_card
i would like to pay a bill | pay_bill
pay eighty dollars for electricity | pay_bill amount=80 bill="electricity"
can you pay my water bill | pay_bill bill="water"
i want to talk to a real person | transfer_call to="sip:advisors@example.com"
thanks bye | end_call
hello i'd like to know how much is left on my savings account please | account_balance account="savings"
can you tell me what i've got in checking at the moment | account_balance account="checking"
could you check my savings for me | account_balance account="savings"
do i still have money in my account | account_balance
i think somebody took my credit card can you block it | block_card card="credit"
i can't find my debit card anywhere please block it now | block_card card="debit"
um i've lost my card what should i do | block_card
i need to pay the rent six hundred and fifty dollars please | pay_bill bill="rent" amount=650
i'd like to pay forty five dollars for the water | pay_bill bill="water" amount=45
my electricity bill is due can you pay one hundred and twenty dollars | pay_bill bill="electricity" amount=120
let me pay the rent | pay_bill bill="rent"
is there somebody i can talk to | transfer_call to="sip:advisors@example.com"
account_balance?account: savings | account="savings"
account_balance?account: the checking account please | account="checking"
account_balance?account: i mean my savings | account="savings"
block_card?card: my credit card | card="credit"
block_card?card: the debit one | card="debit"
pay_bill?bill: for the rent | bill="rent"
pay_bill?bill: it's the water bill | bill="water"
pay_bill?amount: ninety dollars | amount=90
pay_bill?amount: two hundred and thirty | amount=230
pay_bill?amount: it should be around fifty five dollars | amount=55
pay_bill?: yes | yes
pay_bill?: no that's not right | no
""",
    ),
    (
        dentist,
        """
i need an appointment on monday at ten | make_appointment day="2026-11-23" time="10:00"
i would like to make an appointment | make_appointment
can i make an appointment for a checkup | make_appointment reason="checkup"
i have a toothache | make_appointment reason="toothache"
cancel my appointment please | cancel_appointment
what does a filling cost | treatment_price treatment="filling"
i want to speak to someone | transfer_call to="sip:practice@example.com"
hi my tooth hurts and i need to see somebody as soon as possible tomorrow | make_appointment day="2026-11-19"
could i come in for a cleaning next tuesday at three in the afternoon | make_appointment reason="cleaning" \
day="2026-11-24" time="15:00"
do you have anything free on thursday morning at nine | make_appointment day="2026-11-19" time="09:00"
i'm afraid i can't come on friday so i have to cancel | cancel_appointment day="2026-11-20"
hello i want to cancel the appointment i have tomorrow | cancel_appointment day="2026-11-19"
how much would a new crown be | treatment_price treatment="crown"
um can you tell me the price of a cleaning please | treatment_price treatment="cleaning"
make_appointment?reason: it's for a checkup | reason="checkup"
make_appointment?reason: i've got a bad toothache | reason="toothache"
make_appointment?day: tuesday would be good | day="2026-11-24"
make_appointment?day: next monday please | day="2026-11-23"
make_appointment?time: at half past two | time="14:30"
make_appointment?time: ten thirty in the morning | time="10:30"
cancel_appointment?day: it was on friday | day="2026-11-20"
treatment_price?treatment: the filling | treatment="filling"
make_appointment?: yes that's fine | yes
""",
    ),
)


@dataclass(frozen=True)
class Line:
    """One thing that a caller says, and what should come of it."""

    agent: Agent
    said: str
    tool: str
    """What it asks for; for an answer, what was asked for before. ``yes`` or ``no`` where that is all it says."""
    values: Mapping[str, Any] = field(default_factory=dict)
    task: str = ""
    """The tool that was being talked of, if it is an answer."""
    asked: str = ""
    """The value that was asked for; if there is none, the answer is yes or no."""


def lines() -> Iterator[Line]:
    for agent, text in _LINES:
        for line in text.strip().splitlines():
            question, colon, rest = line.rpartition(": ")
            said, _, meaning = rest.partition(" | ")
            task, _, asked = question.partition("?")
            if colon and asked:
                yield Line(agent, said, task, _values(meaning), task, asked)
            else:
                tool, _, values = meaning.partition(" ")
                yield Line(agent, said, tool, _values(values), task)


def _values(text: str) -> dict[str, Any]:
    decoder, values = json.JSONDecoder(), {}
    while text := text.strip():
        name, _, text = text.partition("=")
        values[name], end = decoder.raw_decode(text)
        text = text[end:]
    return values
