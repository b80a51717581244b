"""Rows and results that tests of conclusions, report, chart and README share."""

from dataclasses import replace

from benchmarks.results_file import Circumstances, Results
from benchmarks.rows import Row

HELD = Row(
    system="offhook",
    pattern="full",
    calls=100,
    cpu_ms_per_call_second=1.5,
    server_core=0.15,
    rss_kb=100_000,
    kb_per_call=50.0,
    late_p50_ms=0.5,
    late_p95_ms=2.0,
    rest_p99_ms=1.0,
    up_p99_ms=5.0,
    down_p99_ms=6.0,
    up_share=1.0,
    down_share=1.0,
    callers_core=0.2,
    far_end_core=0.2,
    harness_core=0.4,
    lost=0,
    refused=0,
)

TITLES = {"haproxy": "HAProxy", "offhook": "Offhook", "usual-sample": "the usual sample", "pipecat": "Pipecat <1.14>"}


def row(system: str, pattern: str, calls: int, cpu_ms: float, late_p99_ms: float = 6.0, rss_kb: float = 100_000) -> Row:
    return replace(
        HELD,
        system=system,
        pattern=pattern,
        calls=calls,
        cpu_ms_per_call_second=cpu_ms,
        down_p99_ms=late_p99_ms,
        rss_kb=rss_kb,
    )


ROWS = [
    row("haproxy", "full", 300, 1.0),
    row("offhook", "full", 50, 1.7, rss_kb=97_500),
    row("offhook", "full", 100, 1.6, rss_kb=100_000),
    row("offhook", "full", 300, 1.4, rss_kb=110_000),
    row("offhook", "full", 400, 1.3, rss_kb=115_000),
    row("offhook", "full", 500, 1.2, late_p99_ms=12.0, rss_kb=120_000),
    row("offhook", "light", 20, 2.0),
    row("offhook", "light", 500, 1.0),
    row("pipecat", "light", 20, 25.0, late_p99_ms=12.0),
    row("pipecat", "light", 40, 24.0, late_p99_ms=80.0),
]

RESULTS = Results(
    Circumstances(
        date="2026-01-02",
        command="make bench",
        machine="a machine",
        cores=2,
        kernel="6.1",
        python="3.11.9",
        pinned="server on core 1, callers and far end on core 0",
        load_before=0.04,
        minutes=12.3,
        versions={"offhook": "0.1.0", "haproxy": "2.6"},
        skipped={"usual-sample": "it rained"},
    ),
    ROWS,
)
