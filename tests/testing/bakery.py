"""An agent as people write them, for tests of the caller who rings it."""

from datetime import date
from typing import Literal

from offhook.agents.agent import Agent
from offhook.agents.handle import CallHandle

PERSON = "+15550003333"

bakery = Agent(
    name="bakery",
    instructions="You answer the telephone of a bakery.",
    greeting="The bakery, how can I help you?",
    transfer_to=[PERSON],
)


@bakery.tool(phrases=("i would like a {kind} cake", "order a {kind} cake for {day}"))
async def order_cake(kind: Literal["plum", "cherry", "chocolate"], day: date) -> str:
    """Order a cake."""
    return f"The {kind} cake is ordered for {day:%A}."


@bakery.tool
async def opening_hours() -> str:
    """When the bakery is open."""
    return "We are open from six to eleven in the morning, and on Sunday we are closed."


@bakery.tool(phrases=("is there any bread left",))
async def count_bread(call: CallHandle) -> str:
    """Count the bread that is left."""
    call.tell("The caller wants bread.")
    raise RuntimeError("the shelf broke")
