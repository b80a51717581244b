"""What is counted of calls, event by event. Whole calls are counted in tests/door/test_metrics.py."""

import logging
from typing import Any

import pytest

from offhook.calls import events
from offhook.calls.admission import Obstacle
from offhook.calls.conversation import ToolStatus
from offhook.calls.departure import EndReason
from offhook.calls.leg import LeftReason
from offhook.calls.metering import Meter
from offhook.calls.states import State
from offhook.telemetry import metrics
from offhook.telemetry.metric import OTHER, Metric
from offhook.telemetry.tally import Tally

CREATED = events.CallCreated("inbound", "+15550001111", "+15550002222", "desk", "openai")


def meter(*happened: events.CallEvent, call_id: str = "call_1") -> Meter:
    new = Meter(["openai", "local"])
    for event in happened:
        new.observe(call_id, event)
    return new


def counted(of: Meter, metric: Metric) -> dict[tuple[str, ...], float]:
    """What is not 0."""
    return {
        reading.labels: reading.value
        for reading in of.readings()
        if reading.metric is metric and isinstance(reading.value, float | int) and reading.value
    }


def seen(of: Meter, metric: Metric) -> dict[tuple[str, ...], tuple[int, object]]:
    """Of histograms in which something is: how many values, and their sum."""
    return {
        reading.labels: (reading.value.count, pytest.approx(reading.value.sum))
        for reading in of.readings()
        if reading.metric is metric and isinstance(reading.value, Tally) and reading.value.count
    }


def values(metric: Metric, label: str) -> set[str]:
    (found,) = (each for each in metric.labels if each.name == label)
    return set(found.values or ())


def test_the_table_lists_what_there_is() -> None:
    assert values(metrics.CALLS_ENDED, "outcome") == set(EndReason)
    assert values(metrics.LEGS_LEFT, "reason") == set(LeftReason)
    assert values(metrics.ACTIVE_CALLS, "state") == set(State) - {State.ENDED}
    assert values(metrics.TOOL_CALLS, "status") == set(ToolStatus) - {ToolStatus.INTENDED}
    assert values(metrics.CALLS_REFUSED, "reason") == {*Obstacle, "rate_limited", "not_allowed"}


def test_calls_are_counted_when_they_begin_and_by_engine_and_outcome_when_they_end() -> None:
    of = meter(CREATED)
    assert counted(of, metrics.CALLS_STARTED) == {("openai", "inbound"): 1}
    assert counted(of, metrics.CALLS_ENDED) == {}

    of.observe("call_1", events.CallEnded(EndReason.CALLER_HUNG_UP, 61_000))
    assert counted(of, metrics.CALLS_ENDED) == {("openai", "caller_hung_up"): 1}


def test_the_first_leg_is_the_set_up_and_the_next_ones_are_resumptions() -> None:
    of = meter(CREATED, events.LegCame(250))
    assert seen(of, metrics.CALL_SETUP) == {("inbound",): (1, 0.25)}
    assert seen(of, metrics.LINE_RESUME) == {}

    of.observe("call_1", events.LegLeft(LeftReason.LOST))
    of.observe("call_1", events.LegCame(800))
    assert seen(of, metrics.CALL_SETUP) == {("inbound",): (1, 0.25)}
    assert seen(of, metrics.LINE_RESUME) == {(): (1, 0.8)}
    assert counted(of, metrics.LEGS_LEFT) == {("lost",): 1}


def test_a_leg_that_takes_the_place_of_another_made_nobody_wait() -> None:
    of = meter(CREATED, events.LegCame(250), events.LegCame(60_000))

    assert seen(of, metrics.CALL_SETUP) == {("inbound",): (1, 0.25)}
    assert seen(of, metrics.LINE_RESUME) == {}


def test_engines_are_counted_when_they_come_and_when_they_go() -> None:
    of = meter(
        CREATED,
        events.EngineWent("busy", None, True),
        events.EngineCame("openai", 420),
        events.EngineWent("no money", "insufficient_quota", False),
    )
    assert seen(of, metrics.ENGINE_SETUP) == {("openai",): (1, 0.42)}
    assert counted(of, metrics.ENGINE_LOST) == {("openai", "true"): 1, ("openai", "false"): 1}


def test_answers_have_a_latency_and_what_the_agent_says_by_itself_has_none() -> None:
    of = meter(
        CREATED,
        events.AgentBegan("item_1", None),
        events.AgentBegan("item_2", 600),
        events.AgentBegan("item_3", 0),
        events.Interrupted("item_4"),
        events.ReplyFailed("rate limit"),
    )
    assert seen(of, metrics.RESPONSE_LATENCY) == {("openai",): (2, 0.6)}
    assert counted(of, metrics.BARGE_INS) == {(): 1}
    assert counted(of, metrics.REPLIES_FAILED) == {("openai",): 1}


def test_tools_are_counted_by_how_they_went() -> None:
    went = (ToolStatus.DONE, ToolStatus.DONE, ToolStatus.TIMED_OUT)
    of = meter(CREATED, *(events.ToolAnswered("id", "hours", status, "", 5) for status in went))
    assert counted(of, metrics.TOOL_CALLS) == {("done",): 2, ("timed_out",): 1}


def test_refusals_are_counted_by_their_kind() -> None:
    of = meter()
    for kind in (Obstacle.FULL, Obstacle.FULL, "not_allowed", "a reason that nobody knows"):
        of.refused(kind)
    assert counted(of, metrics.CALLS_REFUSED) == {("full",): 2, ("not_allowed",): 1, (OTHER,): 1}


def test_nothing_is_kept_of_a_call_that_is_over() -> None:
    of = meter()
    life = (CREATED, events.LegCame(1), events.CallEnded(EndReason.SILENCE, 1), events.LegLeft(LeftReason.LOST))
    for number in range(1000):
        for event in life:
            of.observe(f"call_{number}", event)
    series = sum(1 for _ in of.readings())

    assert of.calls == 0
    assert counted(of, metrics.CALLS_ENDED) == {("openai", "silence"): 1000}
    assert series == sum(1 for _ in meter().readings())


def test_what_comes_after_a_calls_end_is_counted_all_the_same() -> None:
    of = meter(CREATED, events.CallEnded(EndReason.SILENCE, 1), events.EngineWent("gone", None, True))
    assert counted(of, metrics.ENGINE_LOST) == {(OTHER, "true"): 1}


def test_what_cannot_be_counted_hurts_nobody_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    nonsense: Any = "soon"
    with caplog.at_level(logging.ERROR, logger="offhook.calls"):
        of = meter(CREATED, events.LegCame(nonsense), events.EngineCame("openai", 100))

    assert counted(of, metrics.METER_FAULTS) == {(): 1}
    assert len(caplog.records) == 1
    assert seen(of, metrics.ENGINE_SETUP) == {("openai",): (1, 0.1)}


def test_the_many_events_that_are_not_counted_change_nothing() -> None:
    of = meter(CREATED)
    before = [(reading.metric.name, reading.labels, str(reading.value)) for reading in of.readings()]
    for event in (events.AgentWords("item_1", "Hello"), events.CallerBegan("item_2"), events.DigitPressed("1")):
        of.observe("call_1", event)
    assert [(reading.metric.name, reading.labels, str(reading.value)) for reading in of.readings()] == before
