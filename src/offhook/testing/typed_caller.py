"""A call in text: the agent's own tools, and the dialogue without a model, at once. For quick tests.

There is no sound, no gateway and no clock: nothing is misheard, silence does not get longer, and an interruption cuts
a reply at about the word that would have been reached. An agent that is meant for a model is talked to by one in
``phone_call(agent, engine=...)``; here it is answered for by what its tools, phrases and examples say.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from offhook.agents.agent import Agent
from offhook.agents.builtin import offered_tools
from offhook.calls import asked
from offhook.calls.conversation import AgentSaid, CallerSaid, Conversation, Entry, Noted, ToolStatus, ToolUsed
from offhook.calls.tool_rounds import ROUNDS_LIMIT
from offhook.dialogue import port
from offhook.dialogue.hints import Hints
from offhook.dialogue.rules import Rules
from offhook.errors import CallRefused
from offhook.testing.caller import CALLER, DIALLED, INTERRUPT_AFTER_MS, Caller, NotAsScripted
from offhook.testing.transcript import Deed, written_out
from offhook.testing.wording import Wanted, says

KEYS: Final = frozenset("0123456789*#ABCD")
WORD_MS: Final = 360
"""About what a word takes to be said."""


@asynccontextmanager
async def typed_call(
    agent: Agent,
    *,
    caller: str = CALLER,
    dialled: str = DIALLED,
    today: date | None = None,
    dial_allow: Sequence[str] = (),
) -> AsyncIterator["TypedCaller"]:
    """Be on the line with ``agent``, in text.

    ``today`` is the day of the call, if not the real one. ``dial_allow`` is as the setting: where, besides the agent's
    ``transfer_to``, its tools may transfer to. What fails in the block shows the transcript.
    """
    line = TypedLine(caller, dialled, tuple(agent.transfer_to), tuple(dial_allow))
    on_the_line = TypedCaller(agent, line, await _role(agent, line), today)
    try:
        yield on_the_line
    except NotAsScripted:
        raise
    except Exception as error:
        error.add_note(on_the_line.transcript)
        raise


class TypedLine:
    """The call, as the agent's tools and handlers see it."""

    call_id: Final = "call_typed"
    direction: Final = "inbound"
    metadata: Final[Mapping[str, str]] = MappingProxyType({})

    def __init__(self, caller: str, dialled: str, transfer_to: Sequence[str], dial_allow: Sequence[str]) -> None:
        self.caller = caller
        self.dialled = dialled
        self.hung_up = False
        self.transferred_to: str | None = None
        self.notes: list[str] = []
        """Told, and not yet in the conversation."""
        self._transfer_to = transfer_to
        self._dial_allow = dial_allow

    @property
    def over(self) -> bool:
        """The agent is not on the line any more."""
        return self.hung_up or self.transferred_to is not None

    async def hang_up(self) -> None:
        """See ``CallHandle``."""
        self.hung_up = self.hung_up or not self.over

    async def transfer(self, to: str) -> None:
        """See ``CallHandle``."""
        allowed = to in self._transfer_to or "*" in self._dial_allow or to.startswith(tuple(self._dial_allow))
        if not allowed:
            raise CallRefused(f"transfers to {to} are not allowed; see OFFHOOK_DIAL_ALLOW")
        if not self.over:
            self.transferred_to = to

    def tell(self, text: str) -> None:
        """See ``CallHandle``."""
        self.notes.append(text)


class TypedCaller(Caller):
    """A caller who types. Made by ``typed_call``."""

    def __init__(self, agent: Agent, line: TypedLine, role: port.Role, today: date | None) -> None:
        super().__init__()
        self._agent = agent
        self._line = line
        self._tools = offered_tools(agent)
        self._dialogue = Rules(role, today=lambda: today or date.today())
        self._history: list[port.Entry] = []
        self._record = Conversation()
        self._steps = 0
        self._owed: port.Request | None = (
            port.Request(asked.greet(agent.greeting), tools=False) if agent.greeting else None
        )

    @property
    def conversation(self) -> Sequence[Entry]:
        """See ``Caller``."""
        return self._record.entries

    @property
    def transcript(self) -> str:
        """See ``Caller``."""
        return written_out(
            f"The call with {self._agent.name}, in text:", self._record.entries, self._deeds, timed=False
        )

    async def says(self, line: str, *, listens: bool = True, within_s: float | None = None) -> str:
        """See ``Caller``. Nothing takes time here, so ``within_s`` has no effect."""
        await self._speaks(line)
        return await self._answered(listens=listens)

    async def hears(self, wanted: Wanted, *, within_s: float | None = None) -> str:
        """See ``Caller``."""
        __tracebackhide__ = True
        await self._listen()
        if not says(self._reply(), wanted):
            raise self.failure(self._not_heard(wanted))
        return self._reply()

    async def interrupts(
        self,
        line: str,
        *,
        after_ms: int = INTERRUPT_AFTER_MS,
        cuts: bool = True,
        listens: bool = True,
        within_s: float | None = None,
    ) -> str:
        """See ``Caller``. Tools that the reply called have run. ``cuts`` must be as the agent's ``barge_in`` has it."""
        __tracebackhide__ = True
        if self._owed is None:
            raise self.failure("there was nothing to interrupt: the agent had finished")
        await self._listen()
        if cuts != self._agent.barge_in.allowed:
            raise self.failure(f"the agent {'goes on' if cuts else 'stops'} when it is interrupted; see its barge_in")
        if cuts and not self._line.over:
            self._cut(after_ms)
        await self._speaks(line)
        return await self._answered(listens=listens)

    async def presses(self, keys: str) -> str:
        """See ``Caller``."""
        if strange := set(keys) - KEYS:
            raise ValueError(f"no key {min(strange)!r}")
        await self._begin_to(f"presses {keys}")
        if self._agent.digit_handler is None:
            self._note(asked.keys_pressed(keys))
            self._owed = port.ANY_REPLY
            return await self._answered(listens=True)
        for key in keys:
            await self._agent.digit_handler(key, self._line)
        self._take_notes()
        return ""

    async def hangs_up(self) -> None:
        """See ``Caller``."""
        await self._begin_to("hangs up")
        self._line.hung_up = True

    async def is_hung_up_on(self, *, within_s: float | None = None) -> None:
        """See ``Caller``."""
        __tracebackhide__ = True
        await self._listen()
        if not self._line.hung_up or any(deed.text == "hangs up" for deed in self._deeds):
            raise self.failure(f"the agent should have hung up; {self._state()}")

    async def is_transferred_to(self, to: str, *, within_s: float | None = None) -> None:
        """See ``Caller``."""
        __tracebackhide__ = True
        await self._listen()
        if self._line.transferred_to != to:
            raise self.failure(f"the call should have been transferred to {to}; {self._state()}")

    def _state(self) -> str:
        if self._line.transferred_to is not None:
            return f"it was transferred to {self._line.transferred_to}"
        return "it has ended" if self._line.hung_up else "it goes on"

    async def _speaks(self, line: str) -> None:
        await self._begin_to(None)
        self._history.append(port.CallerTurn(line))
        self._record.put(CallerSaid(self._id(), line, self._steps))
        self._owed = port.ANY_REPLY

    async def _begin_to(self, what: str | None) -> None:
        __tracebackhide__ = True
        await self._listen()
        if self._line.over:
            raise self.failure(f"the caller is not on the line any more: {self._state()}")
        self._starts_anew()
        if what is not None:
            self._steps += 1
            self._deeds.append(Deed(self._steps, "caller", what))

    async def _answered(self, *, listens: bool) -> str:
        if listens:
            await self._listen()
        return self._reply()

    async def _listen(self) -> None:
        """Have the agent say and do what it owes."""
        for _ in range(ROUNDS_LIMIT):
            request, self._owed = self._owed, None
            if request is None or self._line.over:
                return
            text, calls = "", []
            async for act in self._dialogue.reply(self._history, request):
                match act:
                    case port.Words(text=words):
                        text += words
                    case port.CallTool():
                        calls.append(act)
            if text:
                self._history.append(port.AgentTurn(text))
                self._record.put(AgentSaid(self._id(), text, self._steps))
            for call in calls:
                await self._run(call)
            if calls:
                self._owed = port.ANY_REPLY

    async def _run(self, call: port.CallTool) -> None:
        self._history.append(port.ToolCalled(call.call_id, call.name, call.arguments))
        used = ToolUsed(call.call_id, call.name, call.arguments, self._next())
        self._record.put(used)
        outcome = await self._tools[call.name].run(call.arguments, self._line)
        self._take_notes()
        self._history.append(port.ToolAnswered(call.call_id, outcome.output))
        self._record.put(replace(used, status=ToolStatus(outcome.status), output=outcome.output))

    def _cut(self, after_ms: int) -> None:
        """The caller heard only the beginning of the agent's last turn."""
        for at in range(len(self._record.entries) - 1, -1, -1):
            said = self._record.entries[at]
            if isinstance(said, AgentSaid):
                words = len(said.text.split())
                self._record.put(
                    replace(said, cut=True, heard_ms=min(after_ms, words * WORD_MS), sound_ms=words * WORD_MS)
                )
                break
        for at in range(len(self._history) - 1, -1, -1):
            if isinstance(self._history[at], port.AgentTurn):
                self._history[at] = port.AgentTurn(self.heard[-1])
                break

    def _take_notes(self) -> None:
        notes, self._line.notes = self._line.notes, []
        for note in notes:
            self._note(note)

    def _note(self, text: str) -> None:
        self._history.append(port.Note(text))
        self._record.put(Noted(self._id(), text, self._steps))

    def _id(self) -> str:
        return f"step_{self._next()}"

    def _next(self) -> int:
        self._steps += 1
        return self._steps


async def _role(agent: Agent, line: TypedLine) -> port.Role:
    """What a session of the engine ``local`` would be told."""
    tools = offered_tools(agent).values()
    return port.Role(
        await agent.instructions_for(line),
        tuple(port.ToolSpec(tool.name, tool.description, tool.parameters) for tool in tools),
        Hints(
            tuple(agent.examples), {tool.name: tuple(tool.phrases) for tool in tools if tool.phrases}, agent.greeting
        ),
    )
