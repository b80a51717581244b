"""What stays of the call, ``call.wav`` and ``call.json``, and whether it holds what the demo promises.

The recording is the phone's: the caller on the left, and on the right what they heard of the agent. Whether the line
fell silent at the interruption is judged by it alone, by level, in windows of 20 ms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from offhook.audio.formats import PCMU_8K, Encoding
from offhook.audio.g711 import pcmu_to_pcm16
from offhook.audio.meter import Meter
from offhook.audio.wav import write_wav
from offhook.calls.conversation import AgentSaid, ToolStatus, ToolUsed
from offhook.calls.departure import EndReason
from offhook.calls.states import State
from offhook.calls.view import CallDetail
from offhook.demo.failure import DemoFailed

WINDOW_MS: Final = 20
SPEECH_DBFS: Final = -45.0
"""A window that loud is speech; recorded speech lies around −20, and its pauses below −50."""

BREATH_MS: Final = 500
"""A pause within a turn is shorter."""

SILENT_WITHIN_MS: Final = 1000
"""After the caller's first sound the line has to be silent. It takes about 150 ms; a loaded machine may need more."""

HEARD_TOLERANCE_MS: Final = 1000
"""The gateway's account of what was heard may be off by one mark (200 ms), and by what a loaded machine adds."""

WAV_NAME: Final = "call.wav"
JSON_NAME: Final = "call.json"


@dataclass(frozen=True, slots=True)
class Recording:
    """Both sides of a call, in µ-law and equally long."""

    caller: bytes
    agent: bytes


@dataclass(frozen=True, slots=True)
class Overlap:
    """Where the caller began to speak into the agent's words, in milliseconds of the recording."""

    reply_at_ms: int
    """The agent's first sound since the caller's turn before."""
    caller_at_ms: int
    silent_at_ms: int
    """The agent's last sound."""

    @property
    def yielded_ms(self) -> int:
        """How long both were heard."""
        return self.silent_at_ms - self.caller_at_ms

    @property
    def heard_ms(self) -> int:
        """How much of the reply is in the recording."""
        return self.silent_at_ms - self.reply_at_ms


@dataclass(frozen=True, slots=True)
class Cut:
    """The interruption: as the gateway accounts for it, and as the recording has it."""

    said: AgentSaid
    recorded: Overlap


def write_recording(folder: Path, recording: Recording, detail_json: bytes) -> tuple[Path, Path]:
    """Write both files; return their paths. OSError if they cannot be written."""
    wav_path, json_path = folder / WAV_NAME, folder / JSON_NAME
    write_wav(wav_path, PCMU_8K.rate_hz, pcmu_to_pcm16(recording.caller), pcmu_to_pcm16(recording.agent))
    json_path.write_bytes(msgspec.json.format(detail_json, indent=2) + b"\n")
    return wav_path, json_path


def check(
    call: CallDetail, recording: Recording, *, tools: Sequence[str], turns: int, truncated_at_ms: Sequence[int]
) -> Cut:
    """Return the interruption. Raises DemoFailed if the call did not go as it should have.

    That is: the agent hung up, the caller had so many ``turns``, these ``tools`` ran in this order, one reply was cut
    with something of it heard and something not, the recording falls silent there, and the engine was told the same:
    ``truncated_at_ms`` are the positions at which it was asked to cut replies.
    """
    if call.state != State.ENDED or call.end_reason != EndReason.AGENT_HUNG_UP:
        raise DemoFailed(f"the call should have ended by the agent, but it is {call.state}: {call.end_reason}")
    ran = [used.name for used in call.transcript if isinstance(used, ToolUsed)]
    if ran != list(tools):
        raise DemoFailed(f"the tools {', '.join(tools)} should have run; what ran: {', '.join(ran) or 'none'}")
    for used in call.transcript:
        if isinstance(used, ToolUsed) and used.status is not ToolStatus.DONE:
            raise DemoFailed(f"the tool {used.name} did not run to its end ({used.status}): {used.output}")
    spoken = caller_turns(recording)
    if len(spoken) != turns:
        raise DemoFailed(f"the caller should have spoken {turns} times; call.wav has {len(spoken)}")
    said = _cut_reply(call)
    if list(truncated_at_ms) != [said.heard_ms]:
        told = ", ".join(f"{at} ms" for at in truncated_at_ms) or "nothing"
        raise DemoFailed(f"{said.heard_ms} ms of the cut reply were heard, but the engine was told {told}")
    return Cut(said, _agreed(said, overlap(recording)))


def _cut_reply(call: CallDetail) -> AgentSaid:
    cut = [said for said in call.transcript if isinstance(said, AgentSaid) and said.cut]
    if len(cut) != 1:
        raise DemoFailed(f"one reply should have been interrupted, not {len(cut)}")
    if not 0 < cut[0].heard_ms < cut[0].sound_ms:
        raise DemoFailed(f"a cut reply is heard in part, not {cut[0].heard_ms} of {cut[0].sound_ms} ms")
    return cut[0]


def _agreed(said: AgentSaid, recorded: Overlap) -> Overlap:
    if abs(recorded.heard_ms - said.heard_ms) > HEARD_TOLERANCE_MS:
        raise DemoFailed(f"the gateway says that {said.heard_ms} ms were heard, call.wav has {recorded.heard_ms} ms")
    return recorded


def overlap(recording: Recording) -> Overlap:
    """Find where the caller interrupts. Raises DemoFailed if they do not, or if the agent goes on."""
    agent = _speech(recording.agent)
    for before, turn in pairwise([range(0), *_turns(recording.caller)]):
        sounding = [index for index in range(before.stop, turn.stop) if agent[index]]
        if not sounding or not sounding[0] < turn.start <= sounding[-1]:
            continue  # the agent was quiet: an ordinary turn
        found = Overlap(sounding[0] * WINDOW_MS, turn.start * WINDOW_MS, (sounding[-1] + 1) * WINDOW_MS)
        if found.yielded_ms > SILENT_WITHIN_MS:
            raise DemoFailed(f"the agent was heard for {found.yielded_ms} ms after the caller had interrupted")
        return found
    raise DemoFailed("call.wav has no interruption: the caller never spoke while the agent did")


def caller_turns(recording: Recording) -> list[tuple[int, int]]:
    """When the caller spoke: from and to, in milliseconds."""
    return [(turn.start * WINDOW_MS, turn.stop * WINDOW_MS) for turn in _turns(recording.caller)]


def _turns(sound: bytes) -> list[range]:
    """Runs of windows with speech in them, and no pause longer than a breath."""
    turns: list[range] = []
    for index, spoken in enumerate(_speech(sound)):
        if not spoken:
            continue
        if turns and (index - turns[-1].stop) * WINDOW_MS <= BREATH_MS:
            turns[-1] = range(turns[-1].start, index + 1)
        else:
            turns.append(range(index, index + 1))
    return turns


def _speech(sound: bytes) -> list[bool]:
    return [level >= SPEECH_DBFS for level in levels_dbfs(sound, WINDOW_MS)]


def levels_dbfs(sound: bytes, window_ms: int) -> list[float]:
    """The level of each window of µ-law."""
    level_dbfs, size = Meter(Encoding.PCMU).level_dbfs, PCMU_8K.size_bytes(window_ms)
    return [level_dbfs(sound[at : at + size]) for at in range(0, len(sound), size)]
