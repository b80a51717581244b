"""Callers of the benchmark of recognition: voices, a line, an ear, a recogniser and a dialogue, as in a call.

What stands around them in a call (protocol, reply, voice) is left out.
"""

import asyncio
import hashlib
import os
import random
import resource
import shutil
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from spoken_set import ALREADY, TODAY, Line, lines

from offhook.agents.agent import Agent
from offhook.agents.builtin import offered_tools
from offhook.audio.resample import resample
from offhook.dialogue.attention import Attention
from offhook.dialogue.course import Course
from offhook.dialogue.domain import Domain, read_domain
from offhook.dialogue.hints import Hints
from offhook.dialogue.port import AgentTurn, CallerTurn, Role, ToolSpec
from offhook.dialogue.slots import Surroundings
from offhook.dialogue.state import Call, Phase, State, Task
from offhook.ears.ear import Ear, EarEvent, EarFailed, Sound
from offhook.ears.endpointing import SpeechStarted, SpeechStopped
from offhook.ears.vad import Vad
from offhook.errors import RecogniserError
from offhook.recognisers.port import Heard
from offhook.recognisers.slots import Slot
from offhook.recognisers.sphinx.decoder import Decoder
from offhook.recognisers.sphinx.recogniser import SphinxRecogniser
from offhook.recognisers.sphinx.rehearsal import PEAK, Samples, say, telephone
from offhook.recognisers.sphinx.shelf import Shelf
from offhook.recognisers.sphinx.utterance import Utterance
from offhook.recognisers.vocabulary import Vocabulary
from offhook.voices.espeak_library import EspeakLibrary
from offhook.voices.names import Catalogue

SPOKEN = Path(__file__).parent.parent / "out" / "spoken"
FRAME_BYTES = 320
FRAME_S = 0.02
SILENCE = bytes(16_000)
"""One second, after which an utterance is over."""

AT_ONCE = 12
"""Sounds that are listened to at the same time where time is not measured: the ear waits for others a little."""

WORDS_PER_MINUTE = 155
CONDITIONS = ("clean", "level ±10 dB", "noise 20 dB")
"""Each line is said once by each voice, in one of these, in turn."""

FLITE = shutil.which("flite") is not None
"""Without it the callers are only those of the wheel."""


class Voices:
    """Says a text in a voice. What was said in an earlier run is taken from ``out/``."""

    def __init__(self) -> None:
        self._library = EspeakLibrary()
        self._catalogue = Catalogue(self._library.languages(), self._library.variants())

    @staticmethod
    def is_espeak(voice: str) -> bool:
        return "+" in voice

    def say(self, text: str, voice: str) -> Samples:
        """At 16 kHz, without silence around it. OSError if flite is missing."""
        path = SPOKEN / f"{hashlib.sha256(f'{voice}|{text}'.encode()).hexdigest()[:24]}.npy"
        if not path.exists():
            SPOKEN.mkdir(parents=True, exist_ok=True)
            speech = self._espeak(text, voice) if self.is_espeak(voice) else say(text, voice)
            draft = path.with_suffix(f".{os.getpid()}.npy")  # another run may be reading
            np.save(draft, speech.astype(np.int16))
            draft.replace(path)
        samples: Samples = np.load(path).astype(float)
        return samples

    def close(self) -> None:
        self._library.close()

    def _espeak(self, text: str, voice: str) -> Samples:
        sound = bytearray()

        def take(piece: bytes, _: object) -> bool:
            sound.extend(piece)
            return True

        self._library.choose(self._catalogue.find(voice), WORDS_PER_MINUTE)
        self._library.synthesise(text, take, end_pause=False)
        speech = np.frombuffer(resample(bytes(sound), self._library.rate_hz, 16_000), np.int16).astype(float)
        loud: Samples = speech * (PEAK / np.abs(speech).max())
        return loud


def on_the_line(speech: Samples, condition: str, number: int) -> bytes:
    """PCM16 at 8 kHz, as it arrives; the same for the same number."""
    chance = np.random.default_rng(number)
    match condition:
        case "level ±10 dB":
            return telephone(speech, chance, gain_db=chance.uniform(-10, 10))
        case "noise 20 dB":
            return telephone(speech, chance, snr_db=20)
    return telephone(speech, chance)


@dataclass(frozen=True)
class Outcome:
    """What the dialogue made of what was heard."""

    tool: str
    """What it is about now, or what was called; empty if nothing was understood."""
    values: Mapping[str, Any]
    called: bool
    """A tool was called."""
    unsure: bool = False
    """It asks first whether it understood rightly."""


class Desk:
    """One agent: its domain, as the product derives it, and what a caller's words do there."""

    def __init__(self, agent: Agent) -> None:
        self.name = agent.name
        tools = offered_tools(agent).values()
        phrases = {tool.name: tuple(tool.phrases) for tool in tools if tool.phrases}
        specs = tuple(ToolSpec(tool.name, tool.description, tool.parameters) for tool in tools)
        role = Role(agent.instructions, specs, Hints(tuple(agent.examples), phrases, agent.greeting))
        self.domain: Domain = read_domain(role)
        self.attention = Attention(self.domain)
        self._course = Course(self.domain)
        self._around = Surroundings(TODAY, self.domain.evening)
        whole = self.attention.whole
        self._patterns = [_parts(pattern, whole.slots) for pattern in whole.patterns]

    def knows(self, sentence: str) -> bool:
        """It is, word for word, one of the sentences that are listened for: it is in the grammar."""
        told = sentence.split()
        return any(_matches(pattern, told) for pattern in self._patterns)

    def state(self, task: str = "", asked: str = "") -> State:
        """In which the dialogue waits for a request, a value that it ``asked`` for, or yes or no."""
        if not task:
            return State()
        values = {name: value for name, value in ALREADY.get(task, {}).items() if name != asked}
        if asked:
            return State(Phase.ASKING, Task(task, values), asked)
        return State(Phase.CONFIRMING, Task(task, values, sure=False))

    def questions(self) -> Iterable[State]:
        """All states in which it waits for an answer."""
        for name, intent in self.domain.intents.items():
            yield from (self.state(name, slot.name) for slot in intent.slots if slot.required)
            yield self.state(name)

    def listening(self, task: str = "", asked: str = "") -> Vocabulary:
        """What the product listens for in that state."""
        return self.attention.at(self.state(task, asked))

    def after(self, begin: State, turns: Sequence[Heard]) -> Outcome:
        """What comes of these turns, where the dialogue waits in the state ``begin``."""
        state = begin
        for heard in turns:
            turn = CallerTurn(heard.text if heard.in_domain else "", heard.in_domain)
            state = self._course.after(state, turn, self._around)
            for act in state.owed:
                if isinstance(act, Call):
                    return Outcome(act.name, _values(state, act), called=True)
            state = self._course.after(state, AgentTurn(""), self._around)
        task = state.task
        if begin.phase is Phase.CONFIRMING and state.phase in (Phase.CORRECTING, Phase.IDLE):
            return Outcome("no", {}, called=False)
        if task is None or (begin.task is not None and task.values == begin.task.values):
            is_other = task is not None and begin.task is not None and task.intent != begin.task.intent
            return Outcome(task.intent if task is not None and is_other else "", {}, called=False)
        return Outcome(task.intent, task.values, called=False, unsure=state.phase is Phase.CONFIRMING)

    def meant(self, line: Line) -> Outcome:
        """What should come of a line."""
        if line.task and not line.asked:
            if line.tool == "no":
                return Outcome("no", {}, called=False)
            return Outcome(line.task, ALREADY.get(line.task, {}), called=True)
        return Outcome(line.tool, {**(self.state(line.task, line.asked).task or Task("")).values, **line.values}, False)


def _values(state: State, call: Call) -> Mapping[str, Any]:
    if state.task is not None and state.task.intent == call.name:
        return state.task.values
    return call.arguments


def _parts(pattern: str, slots: Mapping[str, Slot]) -> list[list[str] | Slot]:
    return [slots[part[1:-1]] if part.startswith("{") else [part] for part in pattern.split()]


def _matches(parts: Sequence[list[str] | Slot], told: Sequence[str]) -> bool:
    if not parts:
        return not told
    first, rest = parts[0], parts[1:]
    if not isinstance(first, Slot):
        return list(told[:1]) == first and _matches(rest, told[1:])
    sizes = range(1, len(told) + 1)
    return any(first.read(" ".join(told[:size])) is not None and _matches(rest, told[size:]) for size in sizes)


@dataclass
class Caller:
    """An ear and, while somebody speaks, an utterance; what was heard, and how long the words took."""

    vad: Vad
    recogniser: SphinxRecogniser
    vocabulary: Vocabulary
    heard: list[Heard] = field(default_factory=list)
    final_ms: list[float] = field(default_factory=list)
    failures: list[RecogniserError] = field(default_factory=list)
    busy: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ear = Ear(self.vad, self.told)
        self.utterance: Utterance | None = None

    def told(self, event: EarEvent) -> None:
        match event:
            case SpeechStarted():
                self.utterance = self.recogniser.open(self.vocabulary, self)
            case Sound(pcm16_8k) if self.utterance:
                self.utterance.hear(pcm16_8k)
            case SpeechStopped() if self.utterance:
                task = asyncio.create_task(self.finish(self.utterance, time.perf_counter()))
                self.busy.add(task)
                task.add_done_callback(self.busy.discard)
                self.utterance = None
            case EarFailed(error):
                self.failures.append(error)

    async def finish(self, utterance: Utterance, since: float) -> None:
        try:
            self.heard.append(await utterance.finish())
            self.final_ms.append((time.perf_counter() - since) * 1000)
        except RecogniserError as error:
            self.failures.append(error)

    async def until_understood(self, heard_ms: int) -> None:
        while self.ear.heard_ms < heard_ms:  # noqa: ASYNC110 (nothing tells of sound in which nobody speaks)
            await asyncio.sleep(0.002)
        while self.busy:
            await asyncio.gather(*self.busy)

    def interim(self, text: str) -> None: ...

    def failed(self, error: RecogniserError) -> None:
        self.failures.append(error)


class Bench:
    """The parts under test, made once."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        self.desks = desks
        self.recogniser = SphinxRecogniser()
        self.vad = Vad()

    async def __aenter__(self) -> "Bench":
        await self.recogniser.start()
        await self.vad.start()
        for desk in self.desks:
            for vocabulary in desk.attention.vocabularies:
                await self.recogniser.prepare(vocabulary)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.recogniser.close()
        await self.vad.close()

    async def hear(self, sounds: Sequence[tuple[Vocabulary, bytes]]) -> list[list[Heard]]:
        """The turns that are heard in each sound, by who listens for that: as fast as it goes."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(vocabulary: Vocabulary, sound: bytes) -> list[Heard]:
            async with places:
                caller = Caller(self.vad, self.recogniser, vocabulary)
                pcm = sound + SILENCE
                for at in range(0, len(pcm), FRAME_BYTES):
                    caller.ear.hear(pcm[at : at + FRAME_BYTES])
                await caller.until_understood(len(pcm) // 16 - 32)
                caller.ear.close()
                if caller.failures:
                    raise caller.failures[0]
                return caller.heard

        # By vocabulary, as a decoder that goes to another one takes a moment; told in the order that was asked.
        order = sorted(range(len(sounds)), key=lambda at: sounds[at][0].digest)
        heard = await asyncio.gather(*(one(*sounds[at]) for at in order))
        return [turns for _, turns in sorted(zip(order, heard, strict=True), key=lambda each: each[0])]


async def callers(
    bench: Bench, voices: Voices, names: Sequence[str], counts: Sequence[int], seconds: float
) -> list[dict[str, object]]:
    """Many at once, in real time: they speak a line, then listen for 3.5 s."""
    said = {
        desk.name: [
            (desk.listening(line.task, line.asked), on_the_line(voices.say(line.said, voice), "clean", 0))
            for voice in names[:2]
            for line in lines()
            if line.agent.name == desk.name
        ]
        for desk in bench.desks
    }
    rows: list[dict[str, object]] = []
    print("callers  CPU, cores   words after endpoint, p50 / p99 / worst ms   turns  decoders  RSS MB")
    for count in counts:
        desks = [bench.desks[number % len(bench.desks)] for number in range(count)]
        crowd = [Caller(bench.vad, bench.recogniser, desk.listening()) for desk in desks]

        async def ring(number: int, crowd: list[Caller] = crowd, desks: list[Desk] = desks) -> None:
            chance = random.Random(number)
            due = time.perf_counter() + chance.uniform(0, 3.5)
            end = due + seconds
            while time.perf_counter() < end:
                crowd[number].vocabulary, sound = chance.choice(said[desks[number].name])
                pcm = sound + bytes(56_000)
                for at in range(0, len(pcm), FRAME_BYTES):
                    due += FRAME_S
                    await asyncio.sleep(max(due - time.perf_counter(), 0))
                    crowd[number].ear.hear(pcm[at : at + FRAME_BYTES])

        cpu, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(ring(number) for number in range(count)))
        cores = (time.process_time() - cpu) / (time.perf_counter() - began)
        final = sorted(value for caller in crowd for value in caller.final_ms)
        failures = sum(len(caller.failures) for caller in crowd)
        for caller in crowd:
            caller.ear.close()
        row: dict[str, object] = {
            "callers": count,
            "cores": round(cores, 2),
            "final_p50_ms": round(statistics.median(final), 1),
            "final_p99_ms": round(final[int(len(final) * 0.99)], 1),
            "final_worst_ms": round(final[-1], 1),
            "turns": len(final),
            "failures": failures,
            "decoders": bench.recogniser.decoders,
            "rss_mb": round(rss_mb(), 1),
        }
        rows.append(row)
        times = f"{row['final_p50_ms']} / {row['final_p99_ms']} / {row['final_worst_ms']}"
        print(f"{count:>7} {row['cores']:>11} {times:>42} {len(final):>7} {row['decoders']:>9} {row['rss_mb']:>7}")
    print("before:  25 callers 0.44 cores, 12 / 26 ms, 288 MB, with dialogue and voice; target p99 below 60 ms")
    return rows


async def memory(desks: Sequence[Desk]) -> dict[str, object]:
    """Of a decoder, and of a session that is listened to."""
    before = rss_mb()
    shelf = Shelf()
    decoders = [Decoder() for _ in range(8)]
    for number, decoder in enumerate(decoders):
        decoder.fit(shelf.files(desks[number % len(desks)].listening()))
        decoder.begin()
        decoder.hear(bytes(16_000))
    first = rss_mb()
    more = [Decoder() for _ in range(8)]
    for number, decoder in enumerate(more):
        decoder.fit(shelf.files(desks[number % len(desks)].listening()))
        decoder.begin()
        decoder.hear(bytes(16_000))
    per_decoder_mb = (rss_mb() - first) / len(more)
    for decoder in (*decoders, *more):
        decoder.close()
    shelf.close()
    hiss = on_the_line(np.random.default_rng(0).normal(0, 2000, 16_000), "clean", 0)
    async with Bench(desks) as bench:
        start = rss_mb()
        crowd = [Caller(bench.vad, bench.recogniser, desks[0].listening()) for _ in range(200)]
        for caller in crowd:
            caller.ear.hear(hiss)
        await asyncio.gather(*(caller.until_understood(len(hiss) // 16 - 32) for caller in crowd))
        per_session_kb = (rss_mb() - start) * 1000 / len(crowd)
        for caller in crowd:
            caller.ear.close()
    row: dict[str, object] = {
        "process_before_mb": round(before, 1),
        "per_decoder_mb": round(per_decoder_mb, 1),
        "per_ear_kb": round(max(per_session_kb, 0.0), 1),
    }
    print(
        f"memory: {row['process_before_mb']} MB before the first decoder, {row['per_decoder_mb']} MB for each decoder"
    )
    print(f"        (before: 5.4 MB), {row['per_ear_kb']} KB for each session that is listened to")
    return row


def rss_mb() -> float:
    """Resident memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
