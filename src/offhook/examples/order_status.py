"""A shop that tells callers where their order is, and calls back who would rather talk to somebody.

    offhook serve offhook.examples.order_status:agent

The orders are in this file. Callbacks are written to SQLite: to the file that OFFHOOK_EXAMPLE_DB names, else to
``callbacks.sqlite3`` in the working directory.
"""

import asyncio
import os
import re
import sqlite3
from contextlib import closing
from typing import Annotated, Final

from pydantic import Field

from offhook import Agent, CallHandle

# Five digits each, so that a caller can say them one by one, or type them.
ORDERS: Final = {
    "42719": "is on its way, and should arrive tomorrow",
    "10835": "is being packed, and leaves our warehouse today",
    "77304": "was delivered yesterday, and your neighbour has it",
    "50192": "is waiting for you at the post office",
}

_SCHEMA: Final = """
    CREATE TABLE IF NOT EXISTS callbacks (
        id INTEGER PRIMARY KEY,
        phone TEXT NOT NULL,
        order_number TEXT,
        asked_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    )
"""

OrderNumber = Annotated[str, Field(pattern="^[0-9]{5}$")]
PhoneNumber = Annotated[str, Field(pattern="^[0-9]{6,15}$")]

agent = Agent(
    name="order-status",
    instructions="""
        You answer the telephone of Maple Street Books, a shop that sends books by post. Be friendly and brief: one or
        two short sentences at a time, in everyday words.
        Callers ask where their order is. Ask for the order number, which has five digits, and look it up. Say order and
        telephone numbers digit by digit. Tell only what the tools say; never guess where a parcel is.
        A caller who wants to talk to somebody, or whom you cannot help, is offered a callback.
        When the caller says goodbye, say goodbye and end the call.
    """,
    greeting="Maple Street Books, hello! If you have an order number, I can tell you where your books are.",
    language="en",
    examples=("where is my order", "please call me back"),
)


@agent.tool(
    idempotent=True,
    phrases=(
        "where is order {order_number}",
        "where is my order",
        "where are my books",
        "when will my order arrive",
        "my order number is {order_number}",
    ),
)
async def order_status(order_number: OrderNumber) -> str:
    """Look up where an order is.

    Args:
        order_number: the five digits that stand on the order
    """
    status = ORDERS.get(order_number)
    if status is None:
        return f"I cannot find order {order_number}. Please look at the number once more."
    return f"Order {order_number} {status}."


@agent.tool(
    phrases=(
        "call me back",
        "call me back on {phone_number}",
        "i would like a callback",
        "i want somebody to call me",
        "can somebody call me back",
    )
)
async def request_callback(
    call: CallHandle, phone_number: PhoneNumber | None = None, order_number: OrderNumber | None = None
) -> str:
    """Request a callback: somebody from the shop calls the caller within the day.

    Args:
        phone_number: where to call, if it is another number than the one that the caller calls from
        order_number: the order it is about, if the caller named one
    """
    phone = phone_number or call.caller
    if not re.fullmatch(r"\+?[0-9]{6,15}", phone):  # "anonymous", or an address that is no telephone's
        return "I cannot see your telephone number. On which number should we call you back?"
    await asyncio.to_thread(_keep_callback, phone, order_number)
    return f"Somebody will call you back today, on {'number ' + phone_number if phone_number else 'this number'}."


def _keep_callback(phone: str, order_number: str | None) -> None:
    """Runs in a thread, with a connection of its own: the disk may be slow, and the calls of others go on meanwhile."""
    file = os.environ.get("OFFHOOK_EXAMPLE_DB", "callbacks.sqlite3")
    with closing(sqlite3.connect(file, timeout=5)) as database, database:
        database.execute(_SCHEMA)
        database.execute("INSERT INTO callbacks (phone, order_number) VALUES (?, ?)", (phone, order_number))
