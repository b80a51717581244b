"""A call as the demo should have it, put together from its sounds: what the checks accept, and what tests break."""

import msgspec

from offhook.audio.formats import PCMU_8K
from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, ToolStatus, ToolUsed
from offhook.calls.scribe import Timings
from offhook.calls.view import CallDetail
from offhook.demo.recording import Recording
from offhook.demo.scenario import CALLER_LINES, GREETING, HOURS, TOOLS_CALLED
from offhook.demo.sounds import load_sound

HEARD_MS = 4400
YIELDED_MS = 120
"""Both are heard for so long, beginning with the caller's first sound."""
QUIET_MS = 700

SOUND_MS = round(PCMU_8K.duration_ms(len(load_sound(HOURS.name))))
TOOLS = TOOLS_CALLED
TURNS = 2


def recording(*, heard_ms: int = HEARD_MS, overlap_ms: int = YIELDED_MS) -> Recording:
    """The greeting; a question; a reply of which ``heard_ms`` play, and a caller who is in its last ``overlap_ms``."""
    silence = PCMU_8K.silence
    greeting, question, reply, interruption = (
        load_sound(name) for name in (GREETING.name, CALLER_LINES[0].name, HOURS.name, CALLER_LINES[1].name)
    )
    agent = greeting + silence(QUIET_MS) + silence(len(question) / 8) + silence(QUIET_MS)
    caller = silence(len(greeting) / 8 + QUIET_MS) + question + silence(QUIET_MS)
    caller += silence(heard_ms - overlap_ms) + interruption + silence(QUIET_MS)
    agent += reply[: PCMU_8K.size_bytes(heard_ms)]
    length = max(len(caller), len(agent))
    return Recording(caller.ljust(length, b"\xff"), agent.ljust(length, b"\xff"))


def cut_reply(*, heard_ms: int = HEARD_MS, cut: bool = True) -> AgentSaid:
    return AgentSaid("item_3", HOURS.text, 6500, sound_ms=SOUND_MS, heard_ms=heard_ms, cut=cut)


def tool(name: str, status: ToolStatus = ToolStatus.DONE) -> ToolUsed:
    return ToolUsed(f"id_{name}", name, "{}", 9000, status, "so it is")


def call(*entries: Entry, **changes: object) -> CallDetail:
    """The call's record; ``entries`` in place of those of a good one."""
    good: tuple[Entry, ...] = (
        AgentSaid("item_1", GREETING.text, 300, sound_ms=2840, heard_ms=2840),
        CallerSaid("item_2", CALLER_LINES[0].text, 4000),
        cut_reply(),
        CallerSaid("item_4", CALLER_LINES[1].text, 11000),
        *(tool(name) for name in TOOLS),
    )
    detail = CallDetail(
        id="call_1",
        state="ended",
        direction="inbound",
        caller="+15550001111",
        dialled="+15550002222",
        agent="blue-lantern",
        engine="openai",
        created_at="2026-11-21T10:00:00.000+00:00",
        duration_ms=15_000,
        end_reason="agent_hung_up",
        carrier_call_id="CA1",
        carrier_status="completed",
        metadata={},
        transcript=list(entries or good),
        transcript_forgotten=0,
        timings=Timings(answer_ms=5, engine_ms=6, replies_ms=[251, 504]),
        usage={},
        dropped_ms=0,
    )
    return msgspec.structs.replace(detail, **changes)
