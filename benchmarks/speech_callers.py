"""Many callers at once in conversation with `offhook speech`: how soon it knows the words, and answers; what it costs.

    python benchmarks/speech_callers.py [--callers 25] [--seconds 60]

The server is the real one, in its own process; the callers are in this one, which speaks to it as the gateway does:
µ-law in frames of 20 ms at real pace, all the time. The agent has been learned before the first of them rings, as a
gateway has it done when it starts. Each caller says a line, hears the answer to its end, says the
next, and after four lines hangs up and rings again. Written to ``benchmarks/results/speech_callers.json``.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import subprocess
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from offhook.audio.g711 import pcmu_to_pcm16
from offhook.speech.address import health_of
from offhook.speech.supervisor import speech_process

RESULTS = Path(__file__).parent / "results" / "speech_callers.json"
FRAME_BYTES, FRAME_S = 160, 0.02
QUIET = b"\xff" * FRAME_BYTES
LEARN_S = 10.0
"""What to listen for in each state of the dialogue is written within so long."""

VOICED_RMS = 200
SILENCE_MS = 400
LINES_PER_CALL = 4
ANSWER_WITHIN_S = 10.0
VOICES = ("en-us+klatt4", "en-us+adam")
LINES = (
    "i would like to book a table for four people",
    "on friday at seven thirty",
    "what are your opening hours",
    "are you open on sunday",
    "i want to cancel my booking",
    "a table for two tomorrow at eight o'clock please",
)
SESSION: dict[str, Any] = {
    "type": "realtime",
    "instructions": "You answer the phone of a restaurant.",
    "audio": {
        "input": {
            "format": {"type": "audio/pcmu"},
            "transcription": {"model": "local"},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": SILENCE_MS},
        },
        "output": {"format": {"type": "audio/pcmu"}},
    },
    "tools": [
        {
            "type": "function",
            "name": "book_table",
            "description": "Book a table.",
            "parameters": {
                "type": "object",
                "properties": {
                    "guests": {"type": "integer", "minimum": 1, "maximum": 12},
                    "day": {"type": "string", "format": "date"},
                    "time": {"type": "string", "format": "time"},
                },
                "required": ["guests", "day", "time"],
            },
        },
        {
            "type": "function",
            "name": "opening_hours",
            "description": "When the restaurant is open.",
            "parameters": {"type": "object", "properties": {}},
        },
        {
            "type": "function",
            "name": "cancel_booking",
            "description": "Cancel a booking.",
            "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        },
    ],
    "hints": {"greeting": "Good evening."},
}


@dataclass
class Figures:
    """What the callers saw, in milliseconds."""

    words_after_endpoint: list[float] = field(default_factory=list)
    first_sound: list[float] = field(default_factory=list)
    understood: int = 0
    turns: int = 0
    calls: int = 0
    silent: int = 0
    errors: list[str] = field(default_factory=list)


class Caller:
    """One telephone. Sends all the time; what it says stands in a queue."""

    def __init__(self, connection: ClientConnection, figures: Figures) -> None:
        self._connection = connection
        self._figures = figures
        self._to_say = b""
        self._spoke_until = 0.0
        self._stopped_at = 0.0
        self._answered = asyncio.Event()
        self._answer_ends_at = 0.0
        self._waits = False

    async def talk(self, lines: Sequence[tuple[bytes, int]]) -> None:
        sending = asyncio.create_task(self._send())
        hearing = asyncio.create_task(self._hear())
        try:
            await self._ask({"type": "session.update", "session": SESSION})
            for sound, voiced_bytes in lines:
                self._answered.clear()
                self._to_say = sound
                self._spoke_until = time.perf_counter() + voiced_bytes / 8000
                self._waits = True
                self._figures.turns += 1
                try:
                    await asyncio.wait_for(self._answered.wait(), len(sound) / 8000 + ANSWER_WITHIN_S)
                except TimeoutError:
                    self._figures.silent += 1
                await asyncio.sleep(max(0.0, self._answer_ends_at - time.perf_counter()) + random.uniform(0.2, 0.8))
        finally:
            sending.cancel()
            hearing.cancel()
            await asyncio.gather(sending, hearing, return_exceptions=True)

    async def _ask(self, event: dict[str, Any]) -> None:
        await self._connection.send(json.dumps(event))

    async def _send(self) -> None:
        due = time.perf_counter()
        while True:
            frame, self._to_say = self._to_say[:FRAME_BYTES], self._to_say[FRAME_BYTES:]
            sound = b64encode((frame + QUIET)[:FRAME_BYTES]).decode()
            await self._connection.send('{"type":"input_audio_buffer.append","audio":"' + sound + '"}')
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))

    async def _hear(self) -> None:
        async for message in self._connection:
            now = time.perf_counter()
            event = json.loads(message)
            match event["type"]:
                case "input_audio_buffer.speech_stopped":
                    self._stopped_at = now
                case "conversation.item.input_audio_transcription.completed":
                    self._figures.words_after_endpoint.append((now - self._stopped_at) * 1000)
                    self._figures.understood += bool(event["transcript"])
                case "response.output_audio.delta":
                    self._sound(b64decode(event["delta"]), now)
                case "response.function_call_arguments.done":
                    output = {"type": "function_call_output", "call_id": event["call_id"], "output": "That is done."}
                    await self._ask({"type": "conversation.item.create", "item": output})
                case "response.done":
                    output = event["response"]["output"]
                    if output and output[-1]["type"] == "function_call":
                        await self._ask({"type": "response.create"})
                    else:
                        self._answered.set()
                case "error":
                    self._figures.errors.append(event["error"]["message"])

    def _sound(self, sound: bytes, now: float) -> None:
        if self._waits and loudness(sound) > VOICED_RMS:
            self._waits = False
            self._figures.first_sound.append((now - self._spoke_until) * 1000)
        self._answer_ends_at = max(self._answer_ends_at, now) + len(sound) / 8000


def loudness(sound: bytes) -> float:
    samples = np.frombuffer(pcmu_to_pcm16(sound), "<i2").astype(np.float32)
    return float(np.sqrt(np.mean(samples**2))) if samples.size else 0.0


def voiced_bytes(sound: bytes) -> int:
    """Up to the last frame with somebody's voice in it."""
    voiced = [at for at in range(0, len(sound), FRAME_BYTES) if loudness(sound[at : at + FRAME_BYTES]) > VOICED_RMS]
    return voiced[-1] + FRAME_BYTES


def worker_of(url: str) -> int:
    """The process that serves: the youngest below this one."""
    tree = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    serving = [line.split(None, 1) for line in tree.splitlines() if "offhook speech --socket" in line]
    return int(serving[-1][0])


def resident_mb(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 1) if values else float("nan")


async def said_lines(url: str) -> list[tuple[bytes, int]]:
    """Each line in each voice, from the server's own."""
    base = health_of(url).removesuffix("/healthz")
    said = []
    async with httpx.AsyncClient(base_url=base, trust_env=False) as http:
        for line in LINES:
            for voice in VOICES:
                body = {"input": line, "voice": voice, "response_format": "pcmu"}
                sound = (await http.post("/v1/audio/speech", json=body)).raise_for_status().content
                said.append((sound, voiced_bytes(sound)))
    return said


async def learn(url: str) -> None:
    """Have the server learn the agent ahead of the first caller, as a gateway does when it starts."""
    async with connect(f"{url}?model=local", compression=None, max_size=None) as connection:
        await connection.send(json.dumps({"type": "session.update", "session": SESSION}))
        async with asyncio.timeout(LEARN_S):
            while json.loads(await connection.recv())["type"] != "session.updated":
                pass
    await asyncio.sleep(LEARN_S)


async def measure(url: str, callers: int, seconds: float) -> dict[str, Any]:
    lines = await said_lines(url)
    process = worker_of(url)
    figures = Figures()
    empty_mb = resident_mb(process)
    await learn(url)
    cpu_before, began = cpu_s(process), time.perf_counter()
    memory: list[float] = []

    async def keep_calling(number: int) -> None:
        chance = random.Random(number)
        await asyncio.sleep(chance.uniform(0, 3))
        while time.perf_counter() - began < seconds:
            figures.calls += 1
            try:
                async with connect(f"{url}?model=local", compression=None, max_size=None) as connection:
                    await Caller(connection, figures).talk(chance.sample(lines, LINES_PER_CALL))
            except OSError as error:
                figures.errors.append(str(error))

    async def watch() -> None:
        while True:
            await asyncio.sleep(min(10.0, seconds / 6))
            memory.append(round(resident_mb(process), 1))
            print(f"  {time.perf_counter() - began:6.0f} s: {figures.turns} turns, {memory[-1]} MB", flush=True)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(keep_calling(number) for number in range(callers)))
    watching.cancel()
    took = time.perf_counter() - began
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {name: version(name) for name in ("offhook", "pocketsphinx", "onnxruntime")},
        "callers": callers,
        "seconds": round(took),
        "turns": figures.turns,
        "calls": figures.calls,
        "understood_percent": round(100 * figures.understood / max(1, len(figures.words_after_endpoint)), 1),
        "words_after_endpoint_ms": {f"p{p}": percentile(figures.words_after_endpoint, p) for p in (50, 95, 99)},
        "first_sound_ms": {f"p{p}": percentile(figures.first_sound, p) for p in (50, 95, 99)},
        "turn_silence_ms": SILENCE_MS,
        "without_an_answer": figures.silent,
        "errors": sorted(set(figures.errors)),
        "cpu_cores_of_server": round((cpu_s(process) - cpu_before) / took, 2),
        "memory_mb": {"before": round(empty_mb, 1), "every_so_often": memory},
        "memory_per_session_mb": round((max(memory) - empty_mb) / callers, 2) if memory else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    with speech_process({"OFFHOOK_LOG_LEVEL": "error", "OFFHOOK_LOG_FORMAT": "json"}) as url:
        figures = asyncio.run(measure(url, given.callers, given.seconds))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
