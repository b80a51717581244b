"""A front desk that connects callers: to sales, to support, or to a person when nothing else helps.

    OFFHOOK_EXAMPLE_SALES=+15550003333 offhook serve offhook.examples.call_transfer:agent

Where to is said by OFFHOOK_EXAMPLE_SALES, OFFHOOK_EXAMPLE_SUPPORT and OFFHOOK_EXAMPLE_PERSON: telephone numbers such as
+15550003333, or addresses such as sip:sales@example.com.
"""

import os
from typing import Final

from offhook import Agent, CallHandle

SALES: Final = os.environ.get("OFFHOOK_EXAMPLE_SALES", "sip:sales@example.com")
SUPPORT: Final = os.environ.get("OFFHOOK_EXAMPLE_SUPPORT", "sip:support@example.com")
PERSON: Final = os.environ.get("OFFHOOK_EXAMPLE_PERSON", "sip:person@example.com")

KEYS: Final = {"1": SALES, "2": SUPPORT, "0": PERSON}

agent = Agent(
    name="call-transfer",
    instructions=f"""
        You answer the telephone of Harbor Bikes, which makes and repairs bicycles, and connect callers. Be friendly and
        brief: one short sentence at a time.
        If you do not know whether a caller needs sales or support, ask. Who asks for a person, or needs neither, or is
        not understood twice, is connected with transfer_call to {PERSON}; for sales and support use their own tools.
        The keys 1 for sales, 2 for support and 0 for a person work at any time: tell that to who is hard to understand.
        You cannot do anything but connect: do not answer questions about bicycles or orders yourself.
    """,
    greeting="Harbor Bikes, hello! Sales, or support?",
    language="en",
    # The first is where callers go who ask for a person, or who are not understood.
    transfer_to=(PERSON, SALES, SUPPORT),
    examples=("i would like to talk to sales", "connect me to support"),
)


# To connect waits until the caller has heard what was said, and for the carrier's word: longer than most tools may.
CONNECTED_WITHIN_S: Final = 60


@agent.tool(
    timeout_s=CONNECTED_WITHIN_S,
    phrases=(
        "sales please",
        "connect me to sales",
        "i would like to talk to sales",
        "the sales department",
        "i want to buy a bicycle",
        "i would like to buy a new bike",
        "how much is a bicycle",
    ),
)
async def call_sales(call: CallHandle) -> str:
    """Call sales and connect the caller. For who wants to buy something, or asks for a price. Say first, in the same
    turn, that you are connecting them.
    """
    await call.transfer(SALES)
    return "You are connected to sales."


@agent.tool(
    timeout_s=CONNECTED_WITHIN_S,
    phrases=(
        "support please",
        "connect me to support",
        "i would like to talk to support",
        "the support department",
        "i have a problem with my bicycle",
        "my bike is broken",
        "something is broken",
        "it does not work",
    ),
)
async def call_support(call: CallHandle) -> str:
    """Call support and connect the caller. For who has a bicycle, or an order, that something is wrong with. Say first,
    in the same turn, that you are connecting them.
    """
    await call.transfer(SUPPORT)
    return "You are connected to support."


@agent.on_digit
async def connect_by_key(digit: str, call: CallHandle) -> None:
    """Keys work at any time, also for a caller whom nobody can understand."""
    if digit in KEYS:
        await call.transfer(KEYS[digit])
    else:
        call.tell(f"The caller pressed {digit}, which does nothing. Tell them: 1 sales, 2 support, 0 a person.")
