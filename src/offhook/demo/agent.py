"""What answers in the demo: an agent as a user of Offhook writes one.

With a key it also serves real calls: ``offhook serve offhook.demo.agent:agent``.
"""

from typing import Final, Literal

from offhook.agents.agent import Agent
from offhook.agents.handle import CallHandle
from offhook.demo.scenario import GREETING

LARGEST_TABLE_GUESTS: Final = 6

Day = Literal["saturday", "sunday"]

agent = Agent(
    name="blue-lantern",
    instructions="""
        You answer the telephone of the Blue Lantern, a small restaurant.
        Saturday: open from noon until 23:00. Sunday: brunch from 10:00, closed from 15:00, dinner from 18:00 to 21:00.
        Say one or two short sentences at a time. Look for a table before you promise one, and book it under the
        caller's name. When the caller says goodbye, say goodbye and end the call.
    """,
    greeting=GREETING.text,
)


@agent.tool(idempotent=True)
async def find_table(day: Day, time: str, guests: int) -> str:
    """Look in the book for a free table.

    Args:
        day: the day
        time: when the guests come, such as 19:30
        guests: how many
    """
    if guests > LARGEST_TABLE_GUESTS:
        return f"There is no table for {guests}; {LARGEST_TABLE_GUESTS} are the most."
    return f"Free on {day} at {time} for {guests}: the table by the window."


@agent.tool
async def book_table(day: Day, time: str, guests: int, name: str, call: CallHandle) -> str:
    """Write a table that is free into the book.

    Args:
        day: the day
        time: when the guests come, such as 19:30
        guests: how many
        name: who comes
    """
    return f"Booked for {name}: {guests} guests, {day} at {time}, from {call.caller}."
