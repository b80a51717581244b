"""What is listened for follows the dialogue, through a whole session."""

from typing import Any

import pytest
from tests.speech.caller import Caller, bakery, calls_of

from offhook.dialogue.state import Phase
from offhook.speech.faculties import Faculties
from offhook.wires.openai_realtime import server_events as server

NAME = "Walter."
CANCEL_BOOKING: dict[str, Any] = {
    "type": "function",
    "name": "cancel_booking",
    "description": "Cancel a booking.",
    "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
}
RESTAURANT = bakery(tools=[CANCEL_BOOKING], hints={})


@pytest.mark.asyncio(loop_scope="session")
async def test_a_name_is_heard_when_a_name_was_asked_for(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(RESTAURANT)
    await faculties.lessons.prepared()

    await caller.tell("I want to cancel my booking.")
    await caller.hears_reply()
    state = caller.session._answers.dialogue.awaits()
    assert state is not None
    assert (state.phase, state.asked) == (Phase.ASKING, "name")
    await caller.tell(NAME)
    response = await caller.hears_reply()

    *_, transcript = caller.only(server.InputTranscript)
    assert transcript.transcript == "walter"
    assert calls_of(response) == [("cancel_booking", {"name": "Walter"})]
