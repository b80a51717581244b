"""Whether a call went as it should have: by the gateway's record, the phone's recording, and the database."""

import json
from dataclasses import dataclass
from typing import Final

from offhook.calls.conversation import AgentSaid, CallerSaid, ToolStatus, ToolUsed
from offhook.calls.departure import EndReason
from offhook.calls.states import State
from offhook.calls.view import CallDetail
from offhook.demo.database import Table, check_row
from offhook.demo.failure import DemoFailed
from offhook.demo.recording import Overlap, Recording, caller_turns, is_heard, overlaps, waits
from offhook.demo.scenario import Promise, Scenario

SILENT_WITHIN_MS: Final = 1000
"""After the caller's first sound the line has to be silent. It takes about 200 ms; a loaded machine may need more."""

HEARD_TOLERANCE_MS: Final = 1000
"""The gateway's account of what was heard may be off by one mark (200 ms), and by what a loaded machine adds."""

_GOOD_ENDS: Final = (EndReason.AGENT_HUNG_UP, EndReason.CALLER_HUNG_UP, EndReason.TRANSFERRED)


@dataclass(frozen=True, slots=True)
class Cut:
    """The interruption: as the gateway accounts for it, and as the recording has it."""

    said: AgentSaid
    recorded: Overlap


def check_always(call: CallDetail, recording: Recording) -> None:
    """What holds for every call, whatever was said. Raises DemoFailed if it does not."""
    if call.state != State.ENDED or call.end_reason not in _GOOD_ENDS:
        raise DemoFailed(f"the call should have ended in order, but it is {call.state}: {call.end_reason}")
    if not is_heard(recording):
        raise DemoFailed("the agent was never heard")
    for used in tools_used(call):
        if used.status is ToolStatus.INTENDED:
            raise DemoFailed(f"nobody knows how the tool {used.name} ended")


def check(call: CallDetail, recording: Recording, tables: tuple[Table, ...], scenario: Scenario) -> Cut | None:
    """Return the interruption, if one is promised. Raises DemoFailed if the call did not go as it should have."""
    check_always(call, recording)
    if scenario.promise is None:
        return None
    if call.end_reason != EndReason.AGENT_HUNG_UP:
        raise DemoFailed(f"the agent should have hung up, but the call ended otherwise: {call.end_reason}")
    turns = len(scenario.turns)
    _check_words(call, turns)
    if (spoken := len(caller_turns(recording))) != turns:
        raise DemoFailed(f"the caller should have spoken {turns} times; call.wav has {spoken}")
    if (answered := len(waits(recording))) != turns:
        raise DemoFailed(f"the caller should have been answered {turns} times; call.wav has {answered}")
    _check_tools(call, scenario.promise)
    check_row(tables, scenario.promise)
    return _cut(call, recording)


def tools_used(call: CallDetail) -> list[ToolUsed]:
    """The tool calls, in order."""
    return [entry for entry in call.transcript if isinstance(entry, ToolUsed)]


def _check_words(call: CallDetail, turns: int) -> None:
    heard = [said.text or "" for said in call.transcript if isinstance(said, CallerSaid)]
    if len([text for text in heard if text]) != turns:
        words = ", ".join(f"“{text}”" for text in heard)
        raise DemoFailed(f"the caller spoke {turns} times, and not all of it was understood: {words or 'nothing'}")


def _check_tools(call: CallDetail, promise: Promise) -> None:
    used = tools_used(call)
    if [tool.name for tool in used] != list(promise.tools):
        ran = ", ".join(tool.name for tool in used) or "none"
        raise DemoFailed(f"the tools {', '.join(promise.tools)} should have run; what ran: {ran}")
    for tool in used:
        if tool.status is not ToolStatus.DONE:
            raise DemoFailed(f"the tool {tool.name} did not run to its end ({tool.status}): {tool.output}")
    # What is in the row was asked for by somebody: the tool got it, and did not make it up.
    asked = {name: value for tool in used for name, value in json.loads(tool.arguments or "{}").items()}
    for name, value in promise.row.items():
        if name in asked and asked[name] != value:
            raise DemoFailed(f"the tool was called with {name}={asked[name]!r}; the caller said {value!r}")


def _cut(call: CallDetail, recording: Recording) -> Cut:
    cut = [said for said in call.transcript if isinstance(said, AgentSaid) and said.cut]
    if len(cut) != 1:
        raise DemoFailed(f"one reply should have been interrupted, not {len(cut)}")
    said = cut[0]
    if not 0 < said.heard_ms < said.sound_ms:
        raise DemoFailed(f"a cut reply is heard in part, not {said.heard_ms} of {said.sound_ms} ms")
    recorded = overlaps(recording)
    if len(recorded) != 1:
        raise DemoFailed(f"call.wav should have one interruption; it has {len(recorded)}")
    if recorded[0].yielded_ms > SILENT_WITHIN_MS:
        raise DemoFailed(f"the agent was heard for {recorded[0].yielded_ms} ms after the caller had interrupted")
    if abs(recorded[0].heard_ms - said.heard_ms) > HEARD_TOLERANCE_MS:
        raise DemoFailed(f"the gateway says that {said.heard_ms} ms were heard, call.wav has {recorded[0].heard_ms} ms")
    return Cut(said, recorded[0])
