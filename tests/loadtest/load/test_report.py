import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, cast

import pytest

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.load.find_knee import verdict_on
from offhook.loadtest.load.knee import Verdict
from offhook.loadtest.load.page import page
from offhook.loadtest.load.plan import Plan
from offhook.loadtest.load.report import Calls, Report, Second, ServerUse, Way
from offhook.loadtest.load.tables import facts, latencies
from offhook.loadtest.load.target import Target

HOSTILE = "<script>alert('x')</script>\"&\u202e"


def of(*values: float, error: float = 0.01) -> Distribution:
    counted = Distribution(error)
    for value in values:
        counted.add(value)
    return counted


def way(*late_ms: float, received_ms: float = 60_000, missing_ms: float = 0, **more: Any) -> Way:
    return Way(of(*late_ms), of(0.5), 60_000, received_ms, missing_ms, **more)


GOOD = Report(
    plan=Plan(2, seconds=30),
    target=Target("http://127.0.0.1:8000/twilio/voice", stats_url="http://127.0.0.1:1/stats"),
    began="2026-11-21T10:00:00+00:00",
    machine={"cores": "2"},
    versions={"offhook": "0.1.0"},
    calls=Calls(2, 2, 2, 0, 0, 2.0, 14, 0),
    set_up=of(12, 15),
    first_sound=of(230, 240),
    response=of(705.0, 712.0, error=0.001),
    far_end_takes=of(701.0, error=0.001),
    up=way(1, 2, 3),
    down=way(2, 3, 4),
    errors={},
    server=ServerUse(0.03, 1.2, 100_000_000, 80_000),
    callers_core_share=0.2,
    far_end_core_share=0.1,
    seconds=(
        Second(1.0, 1, 0, 1.0, None, 0.1, 0.1, 0.1, 90_000_000),
        Second(2.0, 2, 0, 1.5, 2.0, 0.2, 0.1, 0.1, 91_000_000),
    ),
    measured_s=30.0,
    disturbed_s=0.0,
    is_calm=True,
)


def broken(report: Report) -> list[str]:
    return [f"{promise.name}: {promise.detail}" for promise in report.broken]


def test_a_good_run_breaks_nothing() -> None:
    assert broken(GOOD) == []
    assert GOOD.warnings == ()
    assert verdict_on(GOOD) is Verdict.HELD


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"up": way(*[1] * 50, 30)}, "p99 frame lateness below 20 ms, up: 29"),
        ({"down": way(*[1] * 50, 30)}, "p99 frame lateness below 20 ms, down: 29"),
        ({"up": way(1, received_ms=50_000)}, "no sound is lost, up: 10000 ms missing"),
        ({"down": way(1, missing_ms=80)}, "no sound is lost, down: 80 ms missing"),
        ({"errors": {"11200 HTTP 503": 4}}, "no errors: 4: 11200 HTTP 503 (4)"),
        ({"up": way(1, worst_call_ms=700)}, "no sound is lost, up: 0 ms missing, 700 ms of one call"),
        ({"down": way(1, worst_call_ms=700)}, "no sound is lost, down: 0 ms missing, 700 ms of one call"),
        ({"up": way(1, unheard=1)}, "no sound is lost, up: 0 ms missing, nothing came of 1 calls"),
        ({"calls": Calls(2, 2, 2, 0, 0, 2.0, 14, 0, 1)}, "every caller hears something: 2 of 2: 1 heard nothing"),
        ({"set_up": of(12, 7000)}, "calls are set up, p99 within 6 s: 6"),
        (
            {"response": of(705, 740, error=0.001)},
            "p99 of the gateway's share of the response at most 20 ms: 38.9 to 38.9 ms",
        ),
        ({"calls": Calls(0, 0, 0, 0, 0, 0, 0, 0)}, "all calls are taken: 0 of 0"),
    ],
)
def test_each_promise_can_break(changes: dict[str, object], said: str) -> None:
    report = replace(GOOD, **cast("dict[str, Any]", changes))

    assert len(broken(report)) == 1
    assert broken(report)[0].startswith(said)
    assert verdict_on(report) is Verdict.BROKE


def test_calls_that_hear_busy_are_a_closed_door() -> None:
    full = replace(GOOD, calls=Calls(2, 1, 1, 1, 0, 1.0, 5, 0))

    assert broken(full) == ["all calls are taken: 1 of 2, 1 rejected: the door closed"]
    assert verdict_on(full) is Verdict.REFUSED


def test_a_call_that_failed_before_its_stream_was_open_was_not_set_up() -> None:
    report = replace(GOOD, calls=Calls(2, 1, 1, 0, 1, 1.0, 5, 0), set_up=of(12))

    assert [said.partition(":")[0] for said in broken(report)] == [
        "all calls are taken",
        "calls are set up, p99 within 6 s",
    ]
    assert "1 failed" in broken(report)[1]


def test_calls_that_were_refused_make_no_room_for_lost_sound() -> None:
    full = replace(GOOD, calls=Calls(100, 2, 2, 98, 0, 2.0, 14, 0), up=way(1, received_ms=59_000))

    assert any(said.startswith("no sound is lost, up: 1000 ms") for said in broken(full))


def test_where_the_far_end_was_uneven_the_share_cannot_be_told() -> None:
    uneven = replace(GOOD, response=of(705, 740, error=0.001), far_end_takes=of(701, 701, 735, error=0.001))

    assert broken(uneven) == []
    assert [promise.name.partition(" ms")[0] for promise in uneven.disturbed] == [
        "p99 of the gateway's share of the response at most 20"
    ]
    assert verdict_on(uneven) is Verdict.DISTURBED


def test_a_little_sound_on_its_way_at_the_end_is_not_lost() -> None:
    assert broken(replace(GOOD, up=way(1, received_ms=59_700))) == []


def test_the_gateway_s_share_is_what_the_far_end_did_not_take() -> None:
    share = GOOD.own_share

    assert share is not None
    assert share["p50"] == pytest.approx(4, abs=1.5)
    assert share["p99"] == pytest.approx(11, abs=1.5)


def test_with_a_foreign_engine_nothing_is_made_up() -> None:
    foreign = replace(
        GOOD,
        far_end_takes=None,
        up=Way(None, of(0.5), 60_000, None, 0),
        down=Way(None, None, None, 45_000, 0),
        server=None,
        far_end_core_share=None,
    )
    told = foreign.to_json()

    assert broken(foreign) == []
    assert [promise.held for promise in foreign.promises] == [None] * 5 + [True] * 4
    assert told["gateway_share_of_response_ms"] is None
    assert told["up"]["lateness_ms"] is None
    assert told["server"] is None
    assert [row[1] for row in latencies(foreign)].count("n/a") == 5
    assert any("n/a" in value for _, value in facts(foreign))


def test_a_tester_that_is_too_busy_says_that_the_figures_are_its_own() -> None:
    busy = replace(GOOD, callers_core_share=0.71)

    assert busy.warnings == ("the callers used 71% of a core, more than 70%: the figures are the load tester's own",)
    assert verdict_on(busy) is Verdict.OWN_LIMIT
    assert busy.to_json()["load_tester"]["warnings"] == list(busy.warnings)
    assert "load tester&#x27;s own" in page(busy)


def test_disturbed_seconds_are_told_and_left_out() -> None:
    disturbed = replace(GOOD, disturbed_s=4.0)

    assert disturbed.warnings == (
        "in 4 of 30 s the load tester was late in sending: they are set aside, and lateness and response are of the "
        "others",
    )
    assert disturbed.promises[0].detail == "3.0 ms, 4 of 30 s set aside"
    assert ("seconds disturbed by the load tester · set aside", "4 · 4 of 30") in facts(disturbed)
    assert verdict_on(disturbed) is Verdict.HELD


def test_lateness_of_a_tester_that_was_late_all_the_time_is_not_held_against_the_gateway() -> None:
    stalled = replace(GOOD, down=way(30, 40), disturbed_s=29.0, is_calm=False)

    assert "lateness may be its own" in stalled.warnings[0]
    assert stalled.broken == ()
    assert [promise.verdict for promise in stalled.promises][:2] == ["held", "disturbed"]
    assert stalled.disturbed[0].detail.endswith("only 1 of 30 s calm")
    assert "disturbed" in page(stalled)
    assert verdict_on(stalled) is Verdict.DISTURBED
    assert verdict_on(replace(stalled, calls=Calls(2, 1, 1, 0, 1, 1.0, 5, 0))) is Verdict.BROKE


def test_it_becomes_json() -> None:
    told = json.loads(json.dumps(GOOD.to_json()))

    assert told["schema"] == 2
    assert told["plan"]["pattern"] == "talk"
    assert told["calls"]["streamed"] == 2
    assert told["set_up_ms"]["p50"] == pytest.approx(12, rel=0.02)
    assert Distribution.from_json(told["up"]["lateness_ms"]["distribution"]).count == 3
    assert told["promises"][0] == {
        "name": "p99 frame lateness below 20 ms, up",
        "held": True,
        "detail": "3.0 ms",
        "disturbed": False,
    }
    assert len(told["seconds"]) == 2


class Reader(HTMLParser):
    """Looks for what a page that stands alone must not have, and for elements that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [f"{name}={value}" for name, value in attrs if name in ("src", "href", "onload", "style")]
        if tag not in ("meta", "br", "line", "polyline"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_is_well_formed() -> None:
    read = Reader(page(GOOD))

    assert read.open == []
    assert read.loads == []
    assert "script" not in read.tags
    assert read.tags.count("svg") == 8
    assert "prefers-color-scheme" in page(GOOD)


def test_hostile_words_stay_words() -> None:
    hostile = replace(
        GOOD,
        target=replace(GOOD.target, voice_url=f"http://x/{HOSTILE}"),
        errors={HOSTILE: 3},
        machine={HOSTILE: HOSTILE},
        began=HOSTILE,
    )
    text = page(hostile)

    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert Reader(text).open == []


def test_a_run_without_any_figures_has_a_page_too() -> None:
    empty = replace(
        GOOD,
        set_up=of(),
        first_sound=of(),
        response=of(error=0.001),
        up=Way(None, None, None, None, 0),
        down=Way(None, None, None, None, 0),
        far_end_takes=None,
        seconds=(),
    )

    assert Reader(page(empty)).tags.count("svg") == 0
    assert "Not seen in this test." in page(empty)
