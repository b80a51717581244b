"""A report as rows of text: for the terminal and the page alike."""

from collections.abc import Mapping

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.load.report import Report

QUANTILES = ("p50", "p95", "p99", "max")


def latencies(report: Report) -> list[tuple[str, ...]]:
    """What was timed, and its quantiles in ms."""
    return [
        _row("call set-up: ring to stream", report.set_up),
        _row("ring to first sound", report.first_sound),
        _row("response: caller stops to first sound", report.response),
        _row("  of it, by design of the far end", report.far_end_takes),
        ("  of it, the gateway's share (at most)", *_of(report.own_share)),
        _row("frame lateness up, at the far end", report.up.lateness),
        _row("  callers' own in sending", report.up.sending),
        _row("frame lateness down, at the caller", report.down.lateness),
        _row("  far end's own in sending", report.down.sending),
    ]


def facts(report: Report) -> list[tuple[str, str]]:
    """The other figures."""
    calls, server = report.calls, report.server
    rows = [
        ("calls rung", f"{calls.rung}"),
        (
            "taken · completed · rejected · failed",
            f"{calls.streamed} · {calls.completed} · {calls.rejected} · {calls.failed}",
        ),
        ("calls held on average", f"{calls.mean_live:.1f}"),
        ("answers · silences where one was due", f"{calls.turns} · {calls.silences}"),
    ]
    for name, way in (("up", report.up), ("down", report.down)):
        lost_ms = way.lost_ms(calls.streamed)
        gone_ms = max(lost_ms or 0.0, way.missing_ms)
        seen = lost_ms is not None or way.lateness is not None or gone_ms
        rows.append((f"sound missing, {name}", f"{gone_ms / 1000:.2f} s" if seen else "n/a"))
    if server is None:
        rows.append(("gateway: CPU and memory", "n/a: its process is not known, or this system has no /proc"))
    else:
        rows += [
            (
                "gateway: CPU per call-second",
                f"{server.cpu_ms_per_call_second:.2f} ms ({server.core_share:.0%} of a core)",
            ),
            (
                "gateway: memory per call",
                f"{server.rss_bytes_per_call / 1024:.0f} KB ({server.rss_bytes / 2**20:.0f} MB in all)",
            ),
        ]
    rows.append(
        (
            "seconds disturbed by the load tester · set aside",
            f"{report.disturbed_s:.0f} · {report.disturbed_s if report.is_calm else 0:.0f} of {report.measured_s:.0f}",
        )
    )
    far = report.far_end_core_share
    rows.append(
        (
            "load tester: callers · far end",
            f"{report.callers_core_share:.0%} · {'n/a' if far is None else f'{far:.0%}'} of a core",
        )
    )
    return rows


def _row(name: str, distribution: Distribution | None) -> tuple[str, ...]:
    return (name, *_of(None if distribution is None else distribution.summary()))


def _of(figures: Mapping[str, float | int | None] | None) -> list[str]:
    if figures is None or figures.get("p50") is None:
        return ["n/a"] * len(QUANTILES)
    return [f"{figures[name]:.1f}" for name in QUANTILES]
