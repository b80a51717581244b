"""A report as one HTML page: nothing is loaded, nothing is run. Light or dark, as the reader's system is."""

from collections.abc import Iterable
from html import escape
from typing import Final

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.load.plots import Points, curves, timeline
from offhook.loadtest.load.promises import LATE_MS
from offhook.loadtest.load.report import Report, Second
from offhook.loadtest.load.tables import QUANTILES, facts, latencies

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#1c1c1e;--paper:#fff;--faint:#8a8a8e;--rule:#e3e3e6;--good:#1a7f37;--bad:#c62828;
--s0:#0b6bcb;--s1:#c2560a;--s2:#2e7d32;--s3:#7b3fb5}
@media(prefers-color-scheme:dark){:root{--ink:#ececee;--paper:#151517;--faint:#98989d;--rule:#303034;--good:#57c06b;
--bad:#ff6b60;--s0:#5aa9ff;--s1:#ff9a4d;--s2:#6fcf73;--s3:#c59bff}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1360px;margin:2rem auto;
padding:0 1rem}h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}small,.faint{color:var(--faint)}
table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--rule);
text-align:left;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:1rem}figure{margin:0}
figcaption{font-weight:600}.key{font-weight:400;margin-left:1rem}.key:before{content:"";display:inline-block;width:1rem;
height:3px;vertical-align:middle;margin-right:.3rem;background:currentColor}svg{width:100%;height:auto}
svg text{font-size:11px;fill:var(--faint)}.grid{stroke:var(--rule)}.mark{stroke:var(--bad);stroke-dasharray:4 3}
.line{fill:none;stroke-width:2}.line.s0{stroke:var(--s0)}.line.s1{stroke:var(--s1)}.line.s2{stroke:var(--s2)}
.line.s3{stroke:var(--s3)}.key.s0{color:var(--s0)}.key.s1{color:var(--s1)}.key.s2{color:var(--s2)}.key.s3{color:var(--s3)}
.held{color:var(--good)}.broken{color:var(--bad);font-weight:600}
"""

_VERDICTS: Final = {"held": "held", "broken": "broken", "disturbed": "broken", "n/a": "faint"}


def page(report: Report) -> str:
    """The whole page."""
    plan = report.plan
    churn = f", each about {plan.churn_s:g} s" if plan.churn_s is not None else ""
    title = f"{plan.calls} calls at {plan.rate:g} a second, {plan.seconds:g} s, {plan.pattern.value}{churn}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Offhook load test: {escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>Load test</h1><p>{escape(title)}<br>"
        f'<span class="faint">{escape(report.began)} · {escape(report.target.voice_url)}</span></p>'
        f"{_warnings(report)}<h2>Promises</h2>{_promises(report)}"
        f"<h2>Times</h2>{_table(('ms', *QUANTILES), latencies(report))}"
        f"<h2>Figures</h2>{_table((), facts(report))}"
        f'<h2>Plots</h2><div class="plots">{_plots(report)}</div>'
        f"<h2>Errors</h2>{_errors(report)}"
        f"<h2>Where</h2>{_table((), [*report.machine.items(), *report.versions.items()])}"
        "</body></html>\n"
    )


def _warnings(report: Report) -> str:
    return "".join(f'<p class="broken">{escape(warning)}</p>' for warning in report.warnings)


def _promises(report: Report) -> str:
    rows = []
    for promise in report.promises:
        word = promise.verdict
        kind = _VERDICTS[word]
        rows.append(
            f'<tr><td class="{kind}">{word}</td><td>{escape(promise.name)}</td><td>{escape(promise.detail)}</td></tr>'
        )
    return f"<table>{''.join(rows)}</table>"


def _errors(report: Report) -> str:
    if not report.errors:
        return "<p>None.</p>"
    return _table(("kind", "count"), [(kind, str(count)) for kind, count in report.errors.items()])


def _plots(report: Report) -> str:
    rows = report.seconds
    return "".join(
        (
            curves(
                "Call set-up", [("to stream", _curve(report.set_up)), ("to first sound", _curve(report.first_sound))]
            ),
            curves(
                "Response",
                [("all of it", _curve(report.response)), ("the far end's part", _curve(report.far_end_takes))],
            ),
            curves(
                "Frame lateness up",
                [("at the far end", _curve(report.up.lateness)), ("in sending", _curve(report.up.sending))],
                mark=LATE_MS,
            ),
            curves(
                "Frame lateness down",
                [("at the caller", _curve(report.down.lateness)), ("in sending", _curve(report.down.sending))],
                mark=LATE_MS,
            ),
            timeline("Calls", [("streaming", _over(rows, "streaming"))], unit="calls"),
            timeline(
                "Frame lateness, p99 of each second",
                [("up", _over(rows, "lateness_up_p99_ms")), ("down", _over(rows, "lateness_down_p99_ms"))],
                unit="ms",
                mark=LATE_MS,
            ),
            timeline(
                "CPU",
                [
                    ("gateway", _over(rows, "server_core_share")),
                    ("callers", _over(rows, "callers_core_share")),
                    ("far end", _over(rows, "far_end_core_share")),
                ],
                unit="cores",
            ),
            timeline("Memory of the gateway", [("RSS", _over(rows, "rss_bytes", 2.0**-20))], unit="MB"),
        )
    )


def _curve(distribution: Distribution | None) -> Points:
    return [] if distribution is None else distribution.curve()


def _over(rows: Iterable[Second], name: str, factor: float = 1.0) -> Points:
    return [(row.at_s, value * factor) for row in rows if (value := getattr(row, name)) is not None]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    heading = "".join(f"<th{_numeric(at)}>{escape(cell)}</th>" for at, cell in enumerate(head))
    body = "".join(
        "<tr>" + "".join(f"<td{_numeric(at)}>{escape(cell)}</td>" for at, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f"<table>{f'<tr>{heading}</tr>' if head else ''}{body}</table>"


def _numeric(column: int) -> str:
    return ' class="n"' if column else ""
