"""Agents that the dialogue was not written with in mind: other trades, other ways to name and describe tools."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Literal

from pydantic import Field
from tests.dialogue.desks import role_of

from offhook.agents.agent import Agent

garage = Agent(name="garage", instructions="You answer for a car garage.")


@garage.tool
async def scheduleInspection(when: datetime, plate: str) -> str:  # noqa: N802
    """Schedules an inspection of the customer's car."""
    return f"{plate} at {when.isoformat()}"


@garage.tool(idempotent=True)
async def get_repair_price(part: Literal["brakes", "clutch", "windscreen", "exhaust"]) -> dict[str, float]:
    """Returns what a repair costs."""
    return {"price": 199.5}


@garage.tool(idempotent=True)
async def is_car_ready(job_number: int) -> bool:
    """Whether a car is ready to be picked up."""
    return True


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


pizzeria = Agent(name="pizzeria")


@pizzeria.tool(phrases=["i would like a {size} {pizza}", "a {size} {pizza} please"])
async def order_pizza(
    pizza: Literal["margherita", "funghi", "four_seasons"],
    size: Size,
    quantity: Annotated[int, Field(ge=1, le=20)] = 1,
    extra_cheese: bool = False,
) -> str:
    """Order a pizza for pickup."""
    return f"{quantity} {size.value} {pizza}"


@pizzeria.tool(idempotent=True)
async def menu() -> list[str]:
    """What is on the menu."""
    return ["margherita", "funghi", "four seasons"]


bank = Agent(name="bank", transfer_to=["sip:advisor@bank.example", "sip:cards@bank.example"])


@bank.tool(idempotent=True)
async def account_balance(account: Literal["checking", "savings"]) -> str:
    """The balance of one of the caller's accounts."""
    return f"The balance of your {account} account is 100 euros."


@bank.tool
async def transfer_money(amount: Annotated[float, Field(gt=0, le=5000)], to_account: str) -> str:
    """Transfer money to another account."""
    return "sent"


@bank.tool
async def block_card(reason: Literal["lost", "stolen"] | None = None) -> str:
    """Block the customer's card."""
    return "blocked"


GARAGE, PIZZERIA, BANK = role_of(garage), role_of(pizzeria), role_of(bank)
