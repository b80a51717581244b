import asyncio
import signal
import sys
from pathlib import Path

import pytest
import websockets

from offhook.loadtest.far_end.__main__ import main


async def test_it_serves_until_interrupted() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "offhook.loadtest.far_end", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            url = (await process.stdout.readline()).decode().removeprefix("Serving ").strip()
            async with websockets.connect(f"{url}?model=gpt-realtime-2") as connection:
                assert "session.created" in str(await connection.recv())
            process.send_signal(signal.SIGINT)
            rest = (await process.stdout.read()).decode()
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()

    assert code == 0
    assert f"OFFHOOK_OPENAI_URL={url}" in rest
    assert "1 sessions, 0 turns" in rest


def test_a_folder_that_cannot_be_read_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--replies", str(tmp_path / "nowhere")]) == 2

    assert "nowhere" in capsys.readouterr().err
