"""Agents as their authors would write them, in the form in which a session tells of them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from offhook.agents.agent import Agent
from offhook.agents.builtin import offered_tools
from offhook.dialogue.hints import Hints
from offhook.dialogue.port import Role, ToolSpec

TODAY = date(2026, 11, 18)
"""A Wednesday."""

bistro = Agent(
    name="bistro",
    instructions="You answer the phone of a small restaurant. Be brief and friendly.",
    greeting="Bistro Lumière, good evening!",
    examples=["what can you do"],
)


@bistro.tool(phrases=("book a table for {guests} on {day}", "a table for {guests} at {time}"))
async def book_table(guests: Annotated[int, Field(ge=1, le=8)], day: date, time: str, name: str) -> str:
    """Book a table.

    Args:
        guests: how many people come
        day: the day they come
        time: when they come
        name: for whom the table is booked
    """
    return f"A table for {guests} is booked for {name}, on {day:%A} at {time}."


@bistro.tool
async def cancel_booking(name: str) -> str:
    """Cancel a booking."""
    return f"The booking of {name} is cancelled."


@bistro.tool(idempotent=True)
async def opening_hours(day: Literal["weekday", "saturday", "sunday"]) -> str:
    """When the restaurant is open.

    Args:
        day: the day the caller asks about
    """
    return "We are closed on Sundays." if day == "sunday" else "We are open from six to eleven."


shop = Agent(name="shop", instructions="You help the customers of a shop with their orders.")


@shop.tool(idempotent=True)
async def order_status(order_number: Annotated[str, Field(pattern=r"^\d{5}$")]) -> dict[str, str]:
    """Look up where an order is.

    Args:
        order_number: the five digits on the order
    """
    return {"order": order_number, "status": "on its way", "arrives": "2026-11-20"}


@shop.tool
async def cancel_order(order_number: Annotated[str, Field(pattern=r"^\d{5}$")]) -> str:
    """Cancel an order."""
    return f"Order {order_number} is cancelled."


@shop.tool
async def change_address(order_number: Annotated[str, Field(pattern=r"^\d{5}$")], address: str) -> str:
    """Change the address of an order."""
    return f"Order {order_number} now goes to {address}."


switchboard = Agent(
    name="switchboard",
    instructions="You connect callers to the right department.",
    transfer_to=["sip:reception@example.com"],
)


@switchboard.tool(phrases=("i have a question about my bill", "i want to buy something", "something is broken"))
async def connect(department: Literal["sales", "support", "billing"]) -> str:
    """Connect the caller to a department."""
    return f"connected to {department}"


@switchboard.tool
async def leave_message(message: str, phone_number: str) -> str:
    """Leave a message for someone who calls back."""
    return "noted"


def role_of(agent: Agent) -> Role:
    """What a session is told of an agent."""
    tools = offered_tools(agent).values()
    phrases = {tool.name: tuple(tool.phrases) for tool in tools if tool.phrases}
    return Role(
        agent.instructions,
        tuple(ToolSpec(tool.name, tool.description, tool.parameters) for tool in tools),
        Hints(tuple(agent.examples), phrases, agent.greeting),
    )


BISTRO, SHOP, SWITCHBOARD = role_of(bistro), role_of(shop), role_of(switchboard)
