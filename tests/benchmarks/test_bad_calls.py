import asyncio
from pathlib import Path

from benchmarks.bad_calls import MISDEEDS, BadCalls
from benchmarks.cores import plan
from benchmarks.stage import Stage
from benchmarks.systems import Setting, start_offhook
from benchmarks.talk import Pattern

WITHIN_S = 30.0
PER_SECOND = 10.0


async def test_each_kind_of_bad_call_comes_and_goes(tmp_path: Path) -> None:
    with Stage(tmp_path) as stage:
        running = await asyncio.to_thread(start_offhook, Setting(stage, plan([]), Pattern.LIGHT))
        async with BadCalls(running.voice_url, running.auth_token, PER_SECOND) as bad:
            ringing = asyncio.create_task(bad.run())
            async with asyncio.timeout(WITHIN_S):
                while True:
                    if bad.ended > 3 * len(MISDEEDS) and bad.resumed:
                        break
                    await asyncio.sleep(0.1)
            ringing.cancel()
            await asyncio.wait([ringing])
            assert ringing.cancelled()
        log = (tmp_path / "offhook.log").read_text()
    assert "Traceback" not in log
