import asyncio
from dataclasses import replace
from pathlib import Path

from benchmarks.cores import plan
from benchmarks.ladder import Pace, climb
from benchmarks.rows import Row
from benchmarks.stage import Stage
from benchmarks.systems import SYSTEMS, Setting
from benchmarks.talk import Pattern

BRISK = Pace(windows=1, window_s=0.4, settle_s=0.2)


async def test_calls_are_added_rung_by_rung_and_each_is_measured(tmp_path: Path) -> None:
    system = replace(next(s for s in SYSTEMS if s.name == "offhook"), rings_per_second=100)
    rows: list[Row] = []
    with Stage(tmp_path) as stage:
        running = await asyncio.to_thread(system.start, Setting(stage, plan([]), Pattern.FULL))
        await climb(system, running, Pattern.FULL, (2, 5), BRISK, plan([]), rows.append, to_the_top=True)

    assert [(row.system, row.calls, row.lost, row.refused) for row in rows] == [
        ("offhook", 2, 0, 0),
        ("offhook", 5, 0, 0),
    ]
    for row in rows:
        assert row.cpu_ms_per_call_second >= 0
        assert row.rss_kb > 1000
        assert row.up_share > 0.3, "sound of the callers arrives"
        assert row.down_share > 0.3, "sound of the replies is heard"
        assert row.callers_core > 0
