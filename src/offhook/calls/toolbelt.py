"""Runs the tools that the model calls, and lets it go on when their answers are in.

A tool's intent is in the record before it runs. Tools run as tasks of their own, beside the call; what they raise stays
in them. A call that ends does not stop them: half a booking is worse than one that nobody waits for. They end within
their time limits, and the record says how.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from offhook.agents.handle import CallHandle
from offhook.agents.tool import Tool
from offhook.calls import events
from offhook.calls.bridge import Bridge
from offhook.calls.conversation import ToolStatus
from offhook.calls.engine import ToolWanted
from offhook.calls.tool_rounds import GoOn, ToolRounds
from offhook.telemetry.logs import get_logger

NAME_LIMIT_CHARS: Final = 64
"""As the vendors have it."""

ARGUMENTS_LIMIT_CHARS: Final = 16_000
"""Longer arguments are not kept in the record whole."""

TOO_MANY = "Too many tool calls in a row. Do not call tools now; tell the caller what you know so far."

log = get_logger("offhook.tools")


class Toolbelt:
    """The tools of one call."""

    def __init__(
        self,
        tools: Mapping[str, Tool],
        handle: CallHandle,
        bridge: Bridge,
        *,
        clock: Callable[[], float],
        tell: Callable[[events.CallEvent], None],
    ) -> None:
        self._tools = tools
        self._handle = handle
        self._bridge = bridge
        self._clock = clock
        self._tell = tell
        self._rounds = ToolRounds()
        self._unanswered: set[str] = set()
        self._ending: set[str] = set()
        """Ids of tool calls that wait for the end of the call."""
        self._running: dict[asyncio.Task[Any], str] = {}
        """And the id of the tool call that each works on."""

    @property
    def busy(self) -> bool:
        """A tool is running, or its reply is not done."""
        return self._rounds.busy

    @property
    def running(self) -> frozenset[str]:
        """The ids of tool calls whose answers will come."""
        return self._rounds.pending

    def wanted(self, call: ToolWanted) -> None:
        """The model calls a tool."""
        allowed = self._rounds.wanted(call.call_id)
        self._unanswered.add(call.call_id)
        name = call.name[:NAME_LIMIT_CHARS]
        self._tell(events.ToolCalled(call.call_id, name, call.arguments[:ARGUMENTS_LIMIT_CHARS]))
        tool = self._tools.get(call.name)
        if tool is None:
            known = ", ".join(self._tools) or "none"
            self._answer(call, ToolStatus.REFUSED, f"There is no tool {name!r}. Your tools: {known}.", took_s=0)
        elif not allowed:
            self._answer(call, ToolStatus.REFUSED, TOO_MANY, took_s=0)
        else:
            task = asyncio.get_running_loop().create_task(self._run(tool, call), name=f"tool-{tool.name}")
            self._running[task] = call.call_id
            task.add_done_callback(self._running.pop)

    def reply_done(self) -> None:
        """A reply of the model is done; if it called tools, it may go on once they have answered."""
        self._go_on(self._rounds.reply_done())

    def caller_spoke(self) -> None:
        """The caller had a turn: the model may call tools afresh."""
        self._rounds.caller_spoke()

    @property
    def working(self) -> bool:
        """A tool runs that does something else than wait for the end of the call."""
        return bool(self._unanswered - self._ending)

    def ends_the_call(self, task: asyncio.Task[Any] | None) -> None:
        """The tool that runs in this task, if one does, waits for the end of the call: do not wait for it in turn."""
        if task in self._running:
            self._ending.add(self._running[task])

    async def _run(self, tool: Tool, call: ToolWanted) -> None:
        began = self._clock()
        outcome = await tool.run(call.arguments, self._handle)
        if outcome.error is not None:
            log.warning(
                "tool failed",
                call_id=self._handle.call_id,
                tool=tool.name,
                status=outcome.status,
                error=repr(outcome.error),
            )
        self._answer(call, ToolStatus(outcome.status), outcome.output, took_s=self._clock() - began)

    def _answer(self, call: ToolWanted, status: ToolStatus, output: str, took_s: float) -> None:
        self._unanswered.discard(call.call_id)
        self._ending.discard(call.call_id)
        self._tell(events.ToolAnswered(call.call_id, call.name, status, output, round(took_s * 1000)))
        self._bridge.answer_tool(call.call_id, output)
        self._go_on(self._rounds.answered(call.call_id))

    def _go_on(self, how: GoOn | None) -> None:
        # A caller who is speaking will be answered after their turn, with the tools' answers known by then.
        if how is not None and not self._bridge.caller_speaks:
            self._bridge.ask(tools=how is GoOn.FREELY)
