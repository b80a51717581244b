import json
import re
import subprocess
import sys
from pathlib import Path

from tests.promtool import needs_promtool, promtool

from offhook.telemetry.metric import WORKER_LABEL, Kind
from offhook.telemetry.metrics import TABLE
from offhook.telemetry.page import render_page

DOCS = Path(__file__).parents[2] / "docs"
ALERTS = DOCS / "alerts.yml"


def test_each_row_has_a_name_of_its_own_and_says_what_it_is_and_what_it_is_good_for() -> None:
    assert len({row.name for row in TABLE}) == len({row.family for row in TABLE}) == len(TABLE)
    for row in TABLE:
        assert row.help.endswith(".")
        assert row.tells.endswith((".", ";"))
        assert row.labels == tuple({label.name: label for label in row.labels}.values())
        assert WORKER_LABEL not in {label.name for label in row.labels}


def test_names_follow_the_conventions() -> None:
    for row in TABLE:
        assert row.name.startswith(("offhook_", "process_", "python_gc_"))
        assert row.name.endswith("_total") == (row.kind is Kind.COUNTER)
        assert row.name.endswith("_info") == (row.kind is Kind.INFO)
        assert bool(row.bounds) == (row.kind is Kind.HISTOGRAM)
        assert not row.unit or row.family.endswith(f"_{row.unit}")


def test_every_label_is_bounded() -> None:
    for row in TABLE:
        for label in row.labels:
            assert label.values or label.name in ("engine", "version", "python")


def test_the_docs_say_what_the_table_says() -> None:
    written = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert written == render_page(), "run: python -m offhook.telemetry > docs/metrics.md"
    for row in TABLE:
        assert f"| `{row.name}` | {row.kind} |" in written


def test_the_docs_are_printed_by_one_command() -> None:
    printed = subprocess.run([sys.executable, "-m", "offhook.telemetry"], capture_output=True, check=True, timeout=30)
    assert printed.stdout.decode("utf-8") == render_page()


def test_the_alerts_ask_for_metrics_and_labels_that_exist() -> None:
    text = ALERTS.read_text(encoding="utf-8")
    names = {row.name for row in TABLE} | {
        f"{row.name}_{part}" for row in TABLE if row.bounds for part in ("bucket", "count", "sum")
    }
    asked = set(re.findall(r"\boffhook_\w+", text))
    assert asked
    assert asked <= names
    values = {value for row in TABLE for label in row.labels for value in label.values or ()}
    for wanted in re.findall(r'\{\w+=~?"([^"]+)"\}', text):
        assert set(wanted.split("|")) <= values


@needs_promtool
def test_the_alerts_are_rules_that_prometheus_takes() -> None:
    assert promtool("check", "rules", str(ALERTS)) == ""


def series(name: str, values: str, **labels: str) -> dict[str, str]:
    at = {"job": "offhook", "instance": "a:8000", "worker": "w0", **labels}
    return {"series": name + "{" + ",".join(f'{key}="{value}"' for key, value in at.items()) + "}", "values": values}


def quick_and_slow(name: str, bound: str, **labels: str) -> list[dict[str, str]]:
    """A histogram in which nothing lies below the bound."""
    return [
        series(f"{name}_bucket", "0+0x30", le=bound, **labels),
        series(f"{name}_bucket", "0+60x30", le="5.0", **labels),
        series(f"{name}_bucket", "0+60x30", le="+Inf", **labels),
        series(f"{name}_count", "0+60x30", **labels),
    ]


@needs_promtool
def test_each_alert_fires_where_it_should_and_none_where_all_is_well(tmp_path: Path) -> None:
    call = {"engine": "openai", "direction": "inbound"}
    trouble = [
        series("offhook_max_concurrent_calls", "100x30"),
        series("offhook_active_calls", "50x30", state="talking", **call),
        series("offhook_active_calls", "40x30", state="ringing", **call),
        series("offhook_calls_refused_total", "0+5x30", reason="full"),
        series("offhook_calls_ended_total", "0+5x30", engine="openai", outcome="engine_failed"),
        series("offhook_calls_ended_total", "0+50x30", engine="openai", outcome="caller_hung_up"),
        series("offhook_engine_sessions_lost_total", "0+1x30", engine="openai", retryable="false"),
        *quick_and_slow("offhook_response_latency_seconds", "1.5", engine="openai"),
        *quick_and_slow("offhook_loop_lag_seconds", "0.02"),
    ]
    well = [
        series("offhook_max_concurrent_calls", "100x30"),
        series("offhook_active_calls", "50x30", state="talking", **call),
        series("offhook_calls_refused_total", "0x30", reason="full"),
        series("offhook_calls_ended_total", "0+1x30", engine="openai", outcome="engine_failed"),
        series("offhook_calls_ended_total", "0+500x30", engine="openai", outcome="caller_hung_up"),
        series("offhook_engine_sessions_lost_total", "0+1x30", engine="openai", retryable="true"),
    ]
    names = re.findall(r"alert: (\w+)", ALERTS.read_text(encoding="utf-8"))
    query = "count by (alertname) (ALERTS{alertstate='firing'})"

    def at_the_end(samples: list[dict[str, str]], firing: list[str]) -> dict[str, object]:
        expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in firing]
        asked = [{"expr": query, "eval_time": "25m", "exp_samples": expected}]
        return {"interval": "1m", "input_series": samples, "promql_expr_test": asked}

    assert len(names) == 6
    tests = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [at_the_end(trouble, names), at_the_end(well, [])],
    }
    file = tmp_path / "alerts_test.yml"
    file.write_text(json.dumps(tests), encoding="utf-8")  # which is YAML, too
    assert promtool("test", "rules", str(file)) == ""
