import time

from offhook.calls import events
from offhook.demo.watch import parse_event
from offhook.door.live import as_line
from offhook.telemetry.feed import Occurrence


def test_what_the_gateway_sends_is_read_back_as_it_was() -> None:
    sent: Occurrence[events.CallEvent] = Occurrence(
        round(time.time(), 3), "call_1", events.AgentEnded("item_1", 4400, 9680, cut=True)
    )
    data = as_line(sent).decode().split("data: ", 1)[1].strip()

    assert parse_event(data) == sent


def test_what_is_no_event_of_a_call_is_passed_over() -> None:
    assert parse_event('{"count": 3}') is None
    assert parse_event('{"at": "2026-11-21T10:00:00.000+00:00", "call_id": "c", "kind": "from.the.future"}') is None
