"""The agent's lines as the far end says them, in the voice of the recordings."""

from typing import Final

from offhook.agents.agent import END_CALL
from offhook.demo.scenario import (
    BOOK_TABLE_ARGUMENTS,
    CALLER_LINES,
    FIND_TABLE_ARGUMENTS,
    GOODBYE,
    GREETING,
    HOURS,
    MOMENT,
    OFFER,
    Spoken,
)
from offhook.demo.sounds import load_sound
from offhook.loadtest.far_end import Reply, Script, ToolCall

THINK_MS: Final = 250
"""How long the far end pretends to think; the gateway's own share of a latency is what comes on top."""

PACE: Final = 4.0
"""Sound comes in multiples of real time, as from a real engine: most of a reply waits at the carrier when it is cut."""

TRANSCRIBE_MS: Final = 150


def demo_script() -> Script:
    """One reply for each turn of the caller. FileNotFoundError if a recording is missing."""
    return Script(
        greeting=_said(GREETING),
        replies=(
            _said(HOURS),
            _said(MOMENT, ToolCall("find_table", FIND_TABLE_ARGUMENTS), then=_said(OFFER)),
            Reply(
                tool_calls=(ToolCall("book_table", BOOK_TABLE_ARGUMENTS),),
                after_tools=_said(GOODBYE, ToolCall(END_CALL)),
            ),
        ),
        heard=tuple(line.text for line in CALLER_LINES),
        pace=PACE,
        think_ms=THINK_MS,
        transcribe_ms=TRANSCRIBE_MS,
    )


def _said(line: Spoken, *tool_calls: ToolCall, then: Reply | None = None) -> Reply:
    return Reply(line.text, load_sound(line.name), tool_calls=tool_calls, after_tools=then)
