"""How well and how fast the embedded ears, recogniser and dialogue understand, next to what they were built upon.

``make bench-speech`` runs it: all parts take about four minutes, ``--quick`` one. Three agents of ``spoken_set`` are
spoken to; what to listen for is worked out from each agent and from what its dialogue waits for, as in the product, and
what counts is what the dialogue does with what was heard.

``words``: word error rate, intent and values in several voices, at different levels and in noise, lines that are in the
grammar word for word and all others apart. ``rejection``: what of other things is believed, and what it leads to.
``callers``: CPU, memory, and time from the endpoint to the words, with many callers at once, in real time.

The voices are espeak's, which comes with ``offhook[local]``, and, if it is there, flite's: ``apt-get install flite``.
What they say is kept in ``out/spoken`` for the next run.
"""

import argparse
import json
import os
import platform
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvloop
from listening import CONDITIONS, FLITE, Bench, Desk, Outcome, Voices, callers, memory, on_the_line
from spoken_set import (
    FITTED,
    HELD_OUT,
    VOICES,
    Line,
    bank,
    dentist,
    lines,
    parcels,
    trattoria,
)
from strange_sounds import FOREIGN, NEAR_MISSES, OUT_OF_DOMAIN, STRANGE_WORDS, both_at_once, music, noises, shouted

from offhook.recognisers.port import Heard
from offhook.recognisers.vocabulary import Vocabulary

RESULTS = Path(__file__).parent / "results"
TARGETS = "targets: intent and values 90 % in domain; out of domain, 2 % accepted"

NOTES: Mapping[str, tuple[object, ...]] = {
    "in grammar, clean": (3.2, 88, 97.9, 91.1),
    "in grammar, level ±10 dB": (3.6, None, None, None),
    "paraphrases, all": (20.0, None, 88, None),
}
"""Of earlier measurements, in percent: word errors, whole sentences, intent, intent and all values. Another set: 24
sentences and 12 paraphrases of one domain, with the grammar written by hand for it."""


@dataclass(frozen=True)
class Trial:
    """One line, as it was said, heard and understood."""

    line: Line
    voice: str
    condition: str
    in_grammar: bool
    errors: int
    accepted: bool
    text: str
    meant: Outcome
    got: Outcome

    @property
    def has_intent(self) -> bool:
        return self.got.tool == self.meant.tool

    @property
    def verdict(self) -> str:
        """``right``; ``asks`` for what it missed; ``nothing`` understood; ``wrong``, so that it must be put right."""
        if self.has_intent and dict(self.got.values) == dict(self.meant.values):
            return "right"
        if not self.got.tool:
            return "nothing"
        if self.has_intent and self.got.values.items() <= self.meant.values.items():
            return "asks"
        return "wrong"


def word_errors(said: str, heard: str) -> int:
    """Words to put in, take out or replace."""
    row = list(range(len(heard.split()) + 1))
    for at, word in enumerate(said.split(), start=1):
        last, row = row, [at]
        for place, other in enumerate(heard.split(), start=1):
            row.append(min(last[place] + 1, row[-1] + 1, last[place - 1] + (word != other)))
    return row[-1]


async def words(bench: Bench, voices: Voices, names: Sequence[str], *, every: int, show: bool) -> dict[str, object]:
    """What is heard of the lines, and understood."""
    desks = {desk.name: desk for desk in bench.desks}
    said: list[tuple[Line, str, str, bytes]] = []
    for number, line in list(enumerate(lines()))[::every]:
        for at, voice in enumerate(names):
            condition = CONDITIONS[(number + at) % len(CONDITIONS)]
            sound = on_the_line(voices.say(line.said, voice), condition, 1000 * number + at)
            said.append((line, voice, condition, sound))
    cpu = time.process_time()
    asked = [(desks[line.agent.name].listening(line.task, line.asked), sound) for line, _, _, sound in said]
    heard = await bench.hear(asked)
    cpu = time.process_time() - cpu
    trials: list[Trial] = []
    for (line, voice, condition, _), turns in zip(said, heard, strict=True):
        desk = desks[line.agent.name]
        text = " ".join(each.text for each in turns if each.text)
        trials.append(
            Trial(
                line,
                voice,
                condition,
                desk.knows(line.said),
                word_errors(line.said, text),
                bool(turns) and all(each.in_domain for each in turns),
                text,
                desk.meant(line),
                desk.after(desk.state(line.task, line.asked), turns),
            )
        )
    print(
        f"{'':26} {'of':>4} {'word errors':>17} {'sentences right':>17} {'accepted':>9} {'intent':>17} "
        f"{'intent + values':>17}   not right: asks / nothing / wrong (acts)"
    )
    rows: dict[str, object] = {}
    for grammar in (True, False):
        kind = "in grammar" if grammar else "paraphrases"
        of_kind = [trial for trial in trials if trial.in_grammar is grammar and trial.line.agent is not dentist]
        for condition in CONDITIONS:
            name = f"{kind}, {condition}"
            rows[name] = _row(name, [trial for trial in of_kind if trial.condition == condition])
        rows[f"{kind}, all"] = _row(f"{kind}, all", of_kind)
    known = [trial for trial in trials if trial.line.agent is not dentist]
    rows["all"] = _row("all", known)
    rows["new agent"] = _row("an agent not looked at", [trial for trial in trials if trial not in known])
    for name, group in (("voices held out", HELD_OUT), ("voices fitted on", FITTED)):
        if any(trial.voice in group for trial in known):
            rows[name] = _row(name, [trial for trial in known if trial.voice in group])
    for name in names:
        rows[f"voice {name}"] = _row(f"  {name}", [trial for trial in known if trial.voice == name])
    rows["if every word were heard"] = _understood_as_written(desks)
    unbelieved = [not trial.accepted for trial in trials if not trial.errors]
    rows["word_for_word_but_not_believed_percent"] = round(100 * sum(unbelieved) / max(len(unbelieved), 1), 1)
    print(f"heard word for word, but not believed: {rows['word_for_word_but_not_believed_percent']} %")
    audio_s = sum(len(sound) for *_, sound in said) / 16_000
    rows["cpu_per_second_of_speech"] = round(cpu / audio_s, 4)
    print(
        f"CPU per second of speech: {cpu / audio_s:.3f} s, with the ear and the line's callers, {audio_s:.0f} s in all"
    )
    if show:
        for trial in trials:
            if trial.verdict != "right":
                got = f"{trial.got.tool} {dict(trial.got.values)}"
                print(f"  {trial.verdict:8}{trial.voice:14}{trial.condition:13}{trial.accepted!s:6}", end="")
                print(f"{trial.line.said} → {trial.text} | {got}")
    return rows


def _row(name: str, trials: Sequence[Trial]) -> dict[str, object]:
    said = sum(len(trial.line.said.split()) for trial in trials)
    verdicts = Counter(trial.verdict for trial in trials)

    def percent(count: int) -> float:
        return round(100 * count / len(trials), 1) if trials else 0.0

    row: dict[str, object] = {
        "of": len(trials),
        "word_error_percent": round(100 * sum(trial.errors for trial in trials) / max(said, 1), 1),
        "exact_percent": percent(sum(not trial.errors for trial in trials)),
        "intent_percent": percent(sum(trial.has_intent for trial in trials)),
        "intent_and_values_percent": percent(verdicts["right"]),
        "accepted_percent": percent(sum(trial.accepted for trial in trials)),
        "asks_percent": percent(verdicts["asks"]),
        "nothing_percent": percent(verdicts["nothing"]),
        "wrong_percent": percent(verdicts["wrong"]),
        "wrong_and_acts_percent": percent(sum(trial.verdict == "wrong" and trial.got.called for trial in trials)),
        "right_after_a_question_percent": percent(
            sum(trial.verdict == "right" and trial.got.unsure for trial in trials)
        ),
    }
    keys = ("word_error_percent", "exact_percent", "intent_percent", "intent_and_values_percent")
    errors, exact, intent, values = (
        f"{row[key]} %" + (f" ({was})" if was else "")
        for key, was in zip(keys, NOTES.get(name, (None,) * 4), strict=True)
    )
    print(
        f"{name:26} {len(trials):>4} {errors:>17} {exact:>17} {row['accepted_percent']:>7} % {intent:>17} {values:>17}"
        f"   {row['asks_percent']} / {row['nothing_percent']} / {row['wrong_percent']} "
        f"({row['wrong_and_acts_percent']})"
    )
    return row


def _understood_as_written(desks: Mapping[str, Desk]) -> dict[str, object]:
    trials = []
    for line in lines():
        desk = desks[line.agent.name]
        turns = [Heard(line.said, (), 0.0, in_domain=True, audio_ms=0)]
        got = desk.after(desk.state(line.task, line.asked), turns)
        trials.append(Trial(line, "", "", desk.knows(line.said), 0, True, line.said, desk.meant(line), got))
    return _row("if every word were heard", trials)


async def rejection(bench: Bench, voices: Voices, names: Sequence[str], *, every: int, show: bool) -> dict[str, object]:
    """What should not be acted upon, and how much of it would be: at the start of a call, and as an answer."""
    chance = random.Random(2)

    def line(texts: Sequence[str], every: int = every) -> Iterable[bytes]:
        pairs = [(text, voice) for text in texts for voice in names][::every]
        for number, (text, voice) in enumerate(pairs):
            yield on_the_line(voices.say(text, voice), CONDITIONS[number % 3], number)

    def pairs() -> Iterable[bytes]:
        for _ in range(36 // every):
            (one, first), (other, second) = zip(
                chance.sample((*NEAR_MISSES, *OUT_OF_DOMAIN), 2), chance.sample(names, 2), strict=True
            )
            yield both_at_once(voices.say(one, first), voices.say(other, second))

    known = [each.said for each in lines() if not each.task]
    kinds: dict[str, Iterable[bytes]] = {
        "other sentences": line(OUT_OF_DOMAIN),
        "other sentences, our words": line(NEAR_MISSES),
        "strange words alone": line(STRANGE_WORDS),
        "other languages": (
            on_the_line(voices.say(text, f"{voice}+m6"), "clean", 0)
            for voice, texts in FOREIGN.items()
            for text in texts
        ),
        "two at once": pairs(),
        "lines shouted, +30 dB": (
            shouted(voices.say(text, names[number % len(names)]), 30) for number, text in enumerate(known[:: 2 * every])
        ),
        "noise": (sound for _, sound in list(noises())[::every]),
        "music": (sound for _, sound in list(music())[::every]),
        "silence": [bytes(48_000)],
    }
    rows: dict[str, object] = {}
    print(
        f"{'':28} {'of':>4} {'accepted by':>15}   {'at the start of a call':>26}   {'as an answer to a question':>27}"
    )
    print(f"{'':28} {'':>4} {'the recogniser':>15}   {'begins a task, calls a tool':>26}   fills a value, calls a tool")
    total: Counter[str] = Counter()
    for name, sounds in kinds.items():
        count = _led_to(await _heard_in_each_state(bench, sounds), name if show else "")
        if not name.startswith("lines shouted"):
            total += count
        rows[name] = _rejection_row(name, count)
    rows["all"] = _rejection_row("all but what is shouted", total)
    return rows


async def _heard_in_each_state(
    bench: Bench, sounds: Iterable[bytes]
) -> list[tuple[Desk, Mapping[Vocabulary, Sequence[Heard]]]]:
    """Each sound on a call to one of the desks, and what is heard of it there whatever the desk waits for."""
    asked = [
        (number, vocabulary, sound)
        for number, sound in enumerate(sounds)
        for vocabulary in bench.desks[number % len(bench.desks)].attention.vocabularies
    ]
    heard = await bench.hear([(vocabulary, sound) for _, vocabulary, sound in asked])
    found: dict[int, dict[Vocabulary, Sequence[Heard]]] = {}
    for (number, vocabulary, _), turns in zip(asked, heard, strict=True):
        found.setdefault(number, {})[vocabulary] = turns
    return [(bench.desks[number % len(bench.desks)], each) for number, each in found.items()]


def _led_to(heard: Sequence[tuple[Desk, Mapping[Vocabulary, Sequence[Heard]]]], show: str) -> Counter[str]:
    count: Counter[str] = Counter()
    for desk, by_vocabulary in heard:
        turns = by_vocabulary[desk.listening()]
        count["of"] += 1
        count["accepted"] += any(each.in_domain for each in turns)
        got = desk.after(desk.state(), turns)
        count["begins"] += bool(got.tool)
        count["calls"] += got.called
        for state in desk.questions():
            turns = by_vocabulary[desk.attention.at(state)]
            answer = desk.after(state, turns)
            count["questions"] += 1
            count["fills"] += bool(answer.values) or answer.called
            count["calls_as_answer"] += answer.called
            if show and answer.tool:
                asked = f"{state.task.intent if state.task else ''} {state.asked or 'yes or no'}"
                print(f"  {show}: {[each.text for each in turns]} to {asked}: {answer.tool} {dict(answer.values)}")
        turns = by_vocabulary[desk.listening()]
        if show and any(each.in_domain for each in turns):
            print(f"  {show}: {[(each.text, round(each.score_per_frame, 1)) for each in turns]} {got.tool}")
    return count


def _rejection_row(name: str, count: Counter[str]) -> dict[str, object]:
    def percent(key: str, of: str = "of") -> float:
        return round(100 * count[key] / max(count[of], 1), 1)

    row: dict[str, object] = {
        "of": count["of"],
        "accepted_percent": percent("accepted"),
        "begins_a_task_percent": percent("begins"),
        "calls_a_tool_percent": percent("calls"),
        "as_answer_fills_a_value_percent": percent("fills", "questions"),
        "as_answer_calls_a_tool_percent": percent("calls_as_answer", "questions"),
    }
    print(
        f"{name:28} {count['of']:>4} {row['accepted_percent']:>13} % {row['begins_a_task_percent']:>17} % "
        f"{row['calls_a_tool_percent']:>8} % {row['as_answer_fills_a_value_percent']:>17} % "
        f"{row['as_answer_calls_a_tool_percent']:>8} %"
    )
    return row


async def run(options: argparse.Namespace) -> dict[str, object]:
    rows: dict[str, object] = {}
    every = 6 if options.quick else 2
    names = [voice for voice in VOICES if FLITE or Voices.is_espeak(voice)]
    if not FLITE:
        print("flite is not there, so its voices are left out: apt-get install flite")
    names = [names[0], names[-1]] if options.quick else names
    counts, seconds = ([25], 6.0) if options.quick else (options.callers, options.seconds)
    voices = Voices()
    desks = [Desk(agent) for agent in (trattoria, parcels, bank, dentist)]
    if "memory" in options.parts:
        rows["memory"] = await memory(desks)
    async with Bench(desks) as bench:
        if "words" in options.parts:
            rows["words"] = await words(bench, voices, names, every=2 if options.quick else 1, show=options.show)
        if "rejection" in options.parts:
            rows["rejection"] = await rejection(bench, voices, names, every=every, show=options.show)
        if "callers" in options.parts:
            rows["callers"] = await callers(bench, voices, names, counts, seconds)
    voices.close()
    print(TARGETS)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["memory", "words", "rejection", "callers"], metavar="part")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 25])
    parser.add_argument("--seconds", type=float, default=25)
    parser.add_argument("--quick", action="store_true", help="two voices, and half or less of the rest; writes nothing")
    parser.add_argument("--show", action="store_true", help="what went wrong, line by line")
    options = parser.parse_args()
    began = time.monotonic()
    rows: dict[str, Any] = uvloop.run(run(options))
    print(f"{time.monotonic() - began:.0f} s")
    if options.quick:
        return
    RESULTS.mkdir(exist_ok=True)
    facts = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("offhook", "pocketsphinx", "onnxruntime", "numpy", "soxr")},
        **rows,
    }
    path = RESULTS / "recognition.json"
    earlier = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(earlier | facts, indent=2, ensure_ascii=False) + "\n")
    print(f"written to {path}")


if __name__ == "__main__":
    main()
