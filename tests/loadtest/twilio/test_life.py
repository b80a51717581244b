from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offhook.loadtest.twilio.address import AddressBook
from offhook.loadtest.twilio.callbacks import EVENTS, Callbacks, StatusCallback
from offhook.loadtest.twilio.debugger import Debugger
from offhook.loadtest.twilio.facts import CallFacts, Direction
from offhook.loadtest.twilio.life import Life
from offhook.loadtest.twilio.states import FINAL, NEXT, Status
from offhook.loadtest.twilio.webhooks import Webhooks

if TYPE_CHECKING:
    from tests.loadtest.twilio.conftest import Gateway

FACTS = CallFacts("AC1", "+15550001111", "+15550002222", Direction.OUTBOUND_API)


def test_the_table_knows_every_state_and_ends() -> None:
    assert set(NEXT) == set(Status)
    assert {Status.COMPLETED, Status.BUSY, Status.FAILED, Status.NO_ANSWER, Status.CANCELED} == FINAL


async def test_each_asked_for_event_is_told_in_order(gateway: Gateway) -> None:
    gateway.answer("/status", "")
    async with Webhooks("t", AddressBook(), 5) as webhooks:
        callbacks = Callbacks(webhooks, Debugger())
        life = Life(FACTS, Status.QUEUED, callbacks, StatusCallback(f"{gateway.url}/status", events=EVENTS))
        for status in (Status.INITIATED, Status.RINGING, Status.IN_PROGRESS, Status.COMPLETED):
            life.move(status)
        await callbacks.drained()

    forms = [asked.form for asked in gateway.asked_for("/status")]
    assert [form["CallStatus"] for form in forms] == ["initiated", "ringing", "in-progress", "completed"]
    assert [form["SequenceNumber"] for form in forms] == ["0", "1", "2", "3"]
    assert {form["CallbackSource"] for form in forms} == {"call-progress-events"}
    assert forms[0]["Timestamp"].endswith("+0000")
    assert "CallDuration" not in forms[2]
    assert forms[3]["CallDuration"] == "0"
    assert forms[3]["SipResponseCode"] == "200"


async def test_a_call_cannot_go_back() -> None:
    async with Webhooks("t", AddressBook(), 5) as webhooks:
        life = Life(FACTS, Status.RINGING, Callbacks(webhooks, Debugger()), None)
        life.move(Status.BUSY)

        with pytest.raises(ValueError, match="cannot go from busy to in-progress"):
            life.move(Status.IN_PROGRESS)
