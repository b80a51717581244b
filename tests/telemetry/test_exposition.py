from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from tests.promtool import needs_promtool, promtool

from offhook.telemetry import metrics
from offhook.telemetry.exposition import Exposition
from offhook.telemetry.metrics import TABLE
from offhook.telemetry.readings import Counts, Reading, Tallies


def exposition(worker: str = "w0") -> Exposition:
    lost = Counts(metrics.ENGINE_LOST, engine=["openai"])
    lost.add("openai", "false")
    latency = Tallies(metrics.RESPONSE_LATENCY, engine=["openai"])
    for seconds in (0.1, 0.35, 0.35, 99.0):
        latency.add(seconds, "openai")
    return Exposition(worker, "1.2.3", [lost.readings, latency.readings, lambda: [Reading(metrics.MAX_CALLS, 200)]])


def samples(page: bytes) -> dict[str, float]:
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in page.decode().splitlines()
        if not line.startswith("#")
    }


def test_counts_gauges_and_histograms_are_written_as_prometheus_reads_them() -> None:
    seen = samples(exposition().page()[0])

    assert seen['offhook_engine_sessions_lost_total{engine="openai",retryable="false",worker="w0"}'] == 1
    assert seen['offhook_max_concurrent_calls{worker="w0"}'] == 200
    bucket = 'offhook_response_latency_seconds_bucket{engine="openai",le="%s",worker="w0"}'
    assert [seen[bucket % bound] for bound in ("0.1", "0.3", "0.4", "10.0", "+Inf")] == [1, 1, 3, 3, 4]
    assert seen['offhook_response_latency_seconds_count{engine="openai",worker="w0"}'] == 4
    assert seen['offhook_response_latency_seconds_sum{engine="openai",worker="w0"}'] == pytest.approx(99.8)
    (build,) = (name for name in seen if name.startswith("offhook_build_info{"))
    assert 'version="1.2.3"' in build


def test_every_row_of_the_table_is_on_the_page_in_its_order_and_nothing_else_is() -> None:
    page = exposition().page()[0].decode()
    heads = [line.split(" ", 3)[2:] for line in page.splitlines() if line.startswith("# HELP ")]
    types = dict(line.split(" ")[2:] for line in page.splitlines() if line.startswith("# TYPE "))

    rows = {row.name: row for row in TABLE}
    assert [name for name, _ in heads if name.startswith("offhook_")] == [
        name for name in rows if name.startswith("offhook_")
    ]
    for name, text in heads:
        assert text == rows[name].help
        assert types[name] == ("gauge" if rows[name].kind == "info" else rows[name].kind)


def test_every_sample_names_its_worker_and_the_labels_of_its_row() -> None:
    rows = {row.family: row for row in TABLE}
    found = 0
    for family in parse_text(exposition("w7").page()[0].decode()):
        row = rows[family.name.removesuffix("_info")]
        for sample in family.samples:
            assert sample.labels["worker"] == "w7"
            assert sample.labels.keys() - {"worker", "le"} == {label.name for label in row.labels}
            found += 1
    assert found > 30


def test_a_scraper_gets_the_format_that_it_accepts() -> None:
    def kind(accept: str) -> str:
        return exposition().page(accept)[1]

    prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.4"
    assert kind(prometheus) == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert kind("Application/OpenMetrics-Text; version=not.a.number") == kind(prometheus)
    for accept in ("", "*/*", "text/html", "text/plain;version=x.y", "\xff,;;="):
        assert kind(accept) == "text/plain; version=0.0.4; charset=utf-8"


def test_openmetrics_can_be_read_and_names_the_units() -> None:
    page = exposition().page("application/openmetrics-text")[0].decode()
    parse: Any = openmetrics.text_string_to_metric_families
    families = {family.name: family for family in parse(page)}

    assert page.endswith("# EOF\n")
    assert families["offhook_response_latency_seconds"].unit == "seconds"
    assert families["offhook_build"].type == "info"
    assert families["offhook_engine_sessions_lost"].type == "counter"


@needs_promtool
def test_promtool_is_content() -> None:
    assert promtool("check", "metrics", stdin=exposition().page()[0]) == ""


@needs_promtool
def test_pages_of_two_workers_can_stand_on_one() -> None:
    """As the table's docstring says: heads once, and below each the samples of all."""
    joined: dict[str, list[str]] = {}
    for worker in ("w0", "w1"):
        head = ""
        for line in exposition(worker).page()[0].decode().splitlines():
            if line.startswith("#"):
                head = line
                joined.setdefault(head, [])
            else:
                joined[head].append(line)

    def lines() -> Iterator[str]:
        for head, below in joined.items():
            yield head
            yield from below

    page = "\n".join([*lines(), ""])
    assert page.count("# TYPE offhook_max_concurrent_calls") == 1
    assert 'offhook_max_concurrent_calls{worker="w0"} 200.0\noffhook_max_concurrent_calls{worker="w1"} 200.0' in page
    assert promtool("check", "metrics", stdin=page.encode()) == ""


def test_a_source_that_gives_what_does_not_fit_its_row_is_told_so() -> None:
    wrong = Exposition("w0", "1", [lambda: [Reading(metrics.LOOP_LAG, 1.0)]])
    with pytest.raises(TypeError, match=r"offhook_loop_lag_seconds is a histogram, not 1\.0"):
        wrong.page()
