"""A call as the demo should have it, put together from tones: what the checks accept, and what tests break."""

import math
from array import array

import msgspec

from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import pcm16_to_pcmu
from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, ToolStatus, ToolUsed
from offhook.calls.scribe import Timings
from offhook.calls.view import CallDetail
from offhook.demo.database import Table
from offhook.demo.recording import Recording
from offhook.demo.scenario import CALLER, CallerTurn, Promise, Scenario, WhenQuiet, WhileSpeaking

GREETING_MS = 2000
QUESTION_MS = 1500
REPLY_MS = 5000
HEARD_MS = 2200
YIELDED_MS = 120
"""Both are heard for so long, beginning with the caller's first sound."""
QUIET_MS = 700
WAIT_MS = 440

OPENED_MS = 20
HOURS = "From Tuesday to Sunday we are open from noon to eleven."

SCENARIO = Scenario(
    "offhook.demo.agent:agent",
    (CallerTurn("When are you open?", WhenQuiet()), CallerTurn("A table for four.", WhileSpeaking(heard_ms=2000))),
    Promise(tools=("book_table", "end_call"), table="bookings", row={"guests": 4, "phone": CALLER}),
)
TABLES = (Table("bookings", ({"id": 1, "guests": 4, "phone": CALLER},), 1),)


def tone(duration_ms: int) -> bytes:
    """As loud as speech, in µ-law."""
    samples = PCMU_8K.size_bytes(duration_ms)
    return pcm16_to_pcmu(array("h", (round(6000 * math.sin(at * 0.3)) for at in range(samples))).tobytes())


def recording(*, heard_ms: int = HEARD_MS, overlap_ms: int = YIELDED_MS, wait_ms: int = WAIT_MS) -> Recording:
    """Greeting; question; a reply of which ``heard_ms`` play, with a caller in its last ``overlap_ms``; an answer."""
    silence = PCMU_8K.silence
    agent = tone(GREETING_MS) + silence(QUIET_MS + QUESTION_MS + wait_ms) + tone(heard_ms)
    caller = silence(GREETING_MS + QUIET_MS) + tone(QUESTION_MS) + silence(wait_ms + heard_ms - overlap_ms)
    caller += tone(QUESTION_MS)
    agent = agent.ljust(len(caller), b"\xff") + silence(wait_ms) + tone(QUESTION_MS)
    length = max(len(caller), len(agent))
    return Recording(caller.ljust(length, b"\xff"), agent.ljust(length, b"\xff"))


def cut_reply(*, heard_ms: int = HEARD_MS, cut: bool = True) -> AgentSaid:
    at_ms = OPENED_MS + GREETING_MS + QUIET_MS + QUESTION_MS + WAIT_MS
    return AgentSaid("item_3", HOURS, at_ms, sound_ms=REPLY_MS, heard_ms=heard_ms, cut=cut)


def tool(name: str, status: ToolStatus = ToolStatus.DONE, arguments: str = '{"guests": 4}') -> ToolUsed:
    return ToolUsed(f"id_{name}", name, arguments, 9000, status, "so it is")


def entries() -> list[Entry]:
    return [
        AgentSaid("item_1", "Hello!", OPENED_MS, sound_ms=GREETING_MS, heard_ms=GREETING_MS),
        CallerSaid("item_2", "when are you open", OPENED_MS + GREETING_MS + QUIET_MS + QUESTION_MS + 350),
        cut_reply(),
        CallerSaid("item_4", "a table for four", 9000),
        tool("book_table"),
        tool("end_call", arguments="{}"),
    ]


def call(*changed: Entry, **changes: object) -> CallDetail:
    """The call's record; ``changed`` in place of the entries of a good one."""
    detail = CallDetail(
        id="call_1",
        state="ended",
        direction="inbound",
        caller=CALLER,
        dialled="+15550002222",
        agent="table-booking",
        engine="local",
        created_at="2026-11-21T10:00:00.000+00:00",
        duration_ms=15_000,
        end_reason="agent_hung_up",
        carrier_call_id="CA1",
        carrier_status="completed",
        metadata={},
        transcript=list(changed or entries()),
        transcript_forgotten=0,
        timings=Timings(answer_ms=5, engine_ms=6, replies_ms=[251, 504]),
        usage={},
        dropped_ms=0,
    )
    return msgspec.structs.replace(detail, **changes)


def but(*replaced: Entry) -> list[Entry]:
    """The entries of a good call, with these in the place of their namesakes."""
    by_id = {entry.id: entry for entry in replaced}
    return [by_id.get(entry.id, entry) for entry in entries()]
