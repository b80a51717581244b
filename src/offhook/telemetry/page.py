"""docs/metrics.md, made from the table."""

from offhook.telemetry.metric import OTHER, WORKER_LABEL, Label, Metric
from offhook.telemetry.metrics import PROCESS, TABLE

_HEAD = f"""\
# Metrics

<!-- Made from the table in the code: python -m offhook.telemetry > docs/metrics.md -->

`GET /metrics` is a page for Prometheus, in its text format or as OpenMetrics, whichever the request accepts. It is
guarded: a scraper shows the token of `OFFHOOK_METRICS_TOKEN`, which opens this page and `GET /api/capacity` and nothing
else, so that who watches cannot place calls. `OFFHOOK_API_TOKEN` opens them, too. Without an API token, who asks from
this machine needs none. Both have a limit of requests of their own, as high as the API's
(`OFFHOOK_API_REQUESTS_PER_SECOND`): a busy client of the API does not shut out the scraper, nor the other way round.

```yaml
scrape_configs:
  - job_name: offhook
    authorization:
      credentials_file: /etc/prometheus/offhook_metrics_token
    static_configs:
      - targets: ["voice.example.com:8000"]
```

Each sample has the label `{WORKER_LABEL}`; `sum without ({WORKER_LABEL}) (...)` adds workers up. Label values are those
listed here, and `{OTHER}` for what is none of them: no number, id or name that a caller brings becomes a label.
Counters begin at 0 when the process does. Making the page holds the worker's event loop for some milliseconds, so
scrape every ten seconds or more.

[alerts.yml](alerts.yml) has alerts to begin with. `GET /api/capacity` tells how full a worker is:

```json
{{"worker": "w0", "active_calls": 12, "max_concurrent_calls": 200, "free_calls": 188,
 "utilization_percent": 6.0, "accepting": true, "reason": null}}
```

`reason` is `draining`, `full` or `overloaded` while no new calls are taken: an autoscaler, or whoever spreads new
calls, reads `accepting` here. `GET /readyz`, open to everyone, says the same word as its `status` (else `ready`), and
answers 503 only while the worker drains. A full or overloaded worker answers 200, because a balancer that obeys a 503
would also keep from it what belongs to its own calls: status callbacks, media streams of calls just taken, and lines
that resume.
"""


def render_page() -> str:
    """The whole page, in Markdown."""
    own = "".join(_row(row) for row in TABLE if row not in PROCESS)
    process = "".join(_row(row) for row in PROCESS)
    bounds = "".join(
        f"| `{row.name}` | {', '.join(f'{bound:g}' for bound in row.bounds)} |\n" for row in TABLE if row.bounds
    )
    return f"""\
{_HEAD}
## Calls

| metric | type | labels | what it is | what it tells you |
|---|---|---|---|---|
{own}
## The process

From Linux's `/proc` and from Python; elsewhere, `process_...` is missing.

| metric | type | labels | what it is | what it tells you |
|---|---|---|---|---|
{process}
## Buckets

In seconds.

| histogram | upper bounds |
|---|---|
{bounds}"""


def _row(row: Metric) -> str:
    labels = "<br>".join(map(_label, row.labels))
    return f"| `{row.name}` | {row.kind} | {labels} | {row.help} | {row.tells} |\n"


def _label(label: Label) -> str:
    values = label.said if label.values is None else ", ".join(f"`{value}`" for value in label.values)
    return f"`{label.name}`: {values}"
