"""What a call costs the gateway: CPU time per second of call, and memory per call, with sound both ways all the time.

``make bench`` runs it. The gateway is ``offhook serve`` in a process of its own; the far end, which talks without a
pause, is another; the callers, who make soft noise that nobody takes for speech, are in this one. All are on this
machine and share its cores, so look at CPU time, which is the gateway's own, and not at delays.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import secrets
import signal
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import httpx
import uvloop

from offhook.audio.g711 import pcm16_to_pcmu
from offhook.loadtest.far_end import FarEnd, Reply, Script
from offhook.loadtest.twilio import TwilioStandIn

RESULTS = Path(__file__).parent / "results"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SETTLE_S = 3.0


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def rss_bytes(pid: int) -> int:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def soft_noise(seconds: int) -> bytes:
    """µ-law noise at about -50 dBFS."""
    chance = random.Random(7)
    return pcm16_to_pcmu(
        b"".join(int(chance.gauss(0, 100)).to_bytes(2, "little", signed=True) for _ in range(8000 * seconds))
    )


async def far_end(port: int, seconds: int) -> None:
    """Serve sessions that talk without a pause as soon as they are asked to."""
    talk = Reply("talk", duration_ms=seconds * 1000)
    async with FarEnd(Script(greeting=talk, replies=(talk,), pace=1), port=port):
        await asyncio.Event().wait()


async def until_healthy(url: str) -> None:
    async with httpx.AsyncClient() as http, asyncio.timeout(15):
        while True:
            try:
                if (await http.get(f"{url}/healthz")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


async def measure(calls: int, seconds: float, port: int, pid: int) -> dict[str, float]:
    """Hold so many calls for so long."""
    noise = soft_noise(int(seconds + SETTLE_S) + 10)
    before = rss_bytes(pid)
    async with TwilioStandIn(voice_url=f"http://127.0.0.1:{port}/twilio/voice") as twilio:
        lines = []
        for number in range(calls):
            lines.append(await twilio.ring(f"+1555{number:07d}", "+15550002222"))
            await asyncio.sleep(0.01)
        for line in lines:
            await line.until_streaming()
            line.say(noise)
        await asyncio.sleep(SETTLE_S)
        own, heard = time.process_time(), [line.played_ms for line in lines]
        began, cpu = time.monotonic(), cpu_s(pid)
        await asyncio.sleep(seconds)
        lasted, cpu = time.monotonic() - began, cpu_s(pid) - cpu
        own = time.process_time() - own
        heard_share = statistics.mean(
            (line.played_ms - was) / 1000 / lasted for line, was in zip(lines, heard, strict=True)
        )
        memory = rss_bytes(pid) - before
        for line in lines:
            line.hang_up()
        await asyncio.sleep(1)
    return {
        "calls": calls,
        "cpu_ms_per_call_second": round(cpu * 1000 / lasted / calls, 3),
        "gateway_core_share": round(cpu / lasted, 3),
        "kb_per_call": round(memory / 1024 / calls, 1),
        "heard_share": round(heard_share, 3),
        "callers_core_share": round(own / lasted, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=[10, 50, 100])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--far-end", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.far_end:
        uvloop.run(far_end(options.far_end, 120))
        return
    gateway_port, far_port = (random.Random().randrange(20_000, 30_000) for _ in range(2))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OFFHOOK_")} | {
        "OFFHOOK_PORT": str(gateway_port),
        "OFFHOOK_OPENAI_URL": f"ws://127.0.0.1:{far_port}/v1/realtime",
        "OFFHOOK_OPENAI_API_KEY": secrets.token_hex(8),
        "OFFHOOK_MAX_CALLS_PER_WORKER": "1000",
        "OFFHOOK_LOG_LEVEL": "warning",
    }
    quiet = subprocess.DEVNULL
    far = subprocess.Popen([sys.executable, __file__, "--far-end", str(far_port)], stdout=quiet, stderr=quiet)
    gateway = subprocess.Popen([sys.executable, "-m", "offhook", "serve"], env=environment, stdout=quiet)
    try:

        async def run() -> list[dict[str, float]]:
            await until_healthy(f"http://127.0.0.1:{gateway_port}")
            return [await measure(n, options.seconds, gateway_port, gateway.pid) for n in options.calls]

        rows = uvloop.run(run())
    finally:
        for process in (gateway, far):
            process.send_signal(signal.SIGTERM)
        gateway.wait(40)
        far.wait(10)
    headings = ("calls", "CPU ms per call-second", "gateway, cores", "kB per call", "heard", "callers, cores")
    print(" ".join(f"{heading:>{width}}" for heading, width in zip(headings, (6, 23, 15, 12, 6, 15), strict=True)))
    for row in rows:
        print(
            f"{row['calls']:>6} {row['cpu_ms_per_call_second']:>23} {row['gateway_core_share']:>15} "
            f"{row['kb_per_call']:>12} {row['heard_share']:>6.0%} {row['callers_core_share']:>15}"
        )
    RESULTS.mkdir(exist_ok=True)
    facts = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("offhook", "picows", "uvicorn", "uvloop", "msgspec")},
        "rows": rows,
    }
    (RESULTS / "relay.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(f"written to {RESULTS / 'relay.json'}")


if __name__ == "__main__":
    main()
