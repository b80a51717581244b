import asyncio
from collections.abc import Mapping
from types import MappingProxyType

import pytest

from offhook.agents.agent import Agent
from offhook.agents.handle import CallHandle
from offhook.calls import engine, events
from offhook.calls.bridge import Bridge
from offhook.calls.conversation import ToolStatus
from offhook.calls.tool_rounds import CALLS_LIMIT, ROUNDS_LIMIT
from offhook.calls.toolbelt import ARGUMENTS_LIMIT_CHARS, TOO_MANY, Toolbelt
from offhook.calls.turns import Turns
from offhook.errors import CallRefused
from offhook.testing.memory_engine import Answered, AskedToReply, MemorySession
from offhook.testing.memory_leg import MemoryLeg

agent = Agent()


@agent.tool
async def opening_hours(day: str) -> str:
    """When we are open."""
    await asyncio.sleep(0.5)
    return f"{day}: from 11 to 22"


@agent.tool(timeout_s=2)
async def never_ends() -> None:
    """Takes for ever."""
    await asyncio.Event().wait()


@agent.tool
async def breaks() -> None:
    """Raises."""
    raise KeyError("oops")


@agent.tool
async def quits(call: CallHandle) -> str:
    """Is refused."""
    raise CallRefused(call.call_id)


class Handle:
    call_id = "call_1"
    caller = dialled = direction = ""
    metadata: Mapping[str, str] = MappingProxyType({})

    async def hang_up(self) -> None: ...

    async def transfer(self, to: str) -> None: ...

    def tell(self, text: str) -> None: ...


class Belted:
    """Tools between a model and their answers."""

    def __init__(self) -> None:
        clock = asyncio.get_running_loop().time
        self.told: list[object] = []
        self.bridge = Bridge(Turns(), queue_ms=1000, clock=clock, tell=self._on_bridge)
        self.session = MemorySession()
        self.bridge.attach_leg(MemoryLeg(clock))
        self.bridge.attach_session(self.session)
        self.belt = Toolbelt(agent.tools, Handle(), self.bridge, clock=clock, tell=self.told.append)

    def call(self, *calls: tuple[str, str, str]) -> None:
        """The model calls tools in one reply."""
        self.session.emit(engine.ReplyStarted("r"))
        for call_id, name, arguments in calls:
            self.session.emit(engine.ToolWanted("r", call_id, name, arguments))
        self.session.emit(engine.ReplyDone("r", "completed"))

    def _on_bridge(self, event: object) -> None:
        if isinstance(event, engine.ToolWanted):
            self.belt.wanted(event)
        elif isinstance(event, engine.ReplyDone):
            self.belt.reply_done()


@pytest.fixture
async def belted() -> Belted:
    return Belted()


async def test_a_tool_runs_and_the_model_goes_on(belted: Belted) -> None:
    belted.call(("t1", "opening_hours", '{"day":"monday"}'))
    assert belted.told == [events.ToolCalled("t1", "opening_hours", '{"day":"monday"}')]
    assert belted.belt.busy
    assert belted.belt.running == {"t1"}
    await asyncio.sleep(1)

    assert belted.told[1:] == [
        events.ToolAnswered("t1", "opening_hours", ToolStatus.DONE, "monday: from 11 to 22", 500)
    ]
    assert belted.session.asked == [Answered("t1", "monday: from 11 to 22"), AskedToReply()]
    assert not belted.belt.busy
    assert belted.belt.running == frozenset()


async def test_several_tools_run_at_once_and_the_model_goes_on_once(belted: Belted) -> None:
    belted.call(("t1", "opening_hours", '{"day":"monday"}'), ("t2", "opening_hours", '{"day":"friday"}'))
    await asyncio.sleep(0.6)

    assert belted.session.asked == [
        Answered("t1", "monday: from 11 to 22"),
        Answered("t2", "friday: from 11 to 22"),
        AskedToReply(),
    ]


async def test_the_model_is_not_asked_to_go_on_before_its_reply_is_done(belted: Belted) -> None:
    belted.session.emit(engine.ReplyStarted("r"), engine.ToolWanted("r", "t1", "opening_hours", '{"day":"monday"}'))
    await asyncio.sleep(1)
    assert belted.session.asked == [Answered("t1", "monday: from 11 to 22")]

    belted.session.emit(engine.ReplyDone("r", "completed"))
    assert belted.session.asked[1:] == [AskedToReply()]


@pytest.mark.parametrize(
    ("name", "arguments", "status", "words"),
    [
        ("opening_hours", "{}", ToolStatus.REFUSED, "not right"),
        ("opening_hours", '{"day":', ToolStatus.REFUSED, "not right"),
        ("never_ends", "", ToolStatus.TIMED_OUT, "took longer than 2 seconds"),
        ("breaks", "", ToolStatus.FAILED, "breaks failed"),
        ("quits", "", ToolStatus.REFUSED, "quits was not carried out: call_1"),
        ("opening_ours", "{}", ToolStatus.REFUSED, "There is no tool 'opening_ours'. Your tools: opening_hours"),
    ],
)
async def test_whatever_goes_wrong_is_told_to_the_model(
    belted: Belted, name: str, arguments: str, status: ToolStatus, words: str
) -> None:
    belted.call(("t1", name, arguments))
    await asyncio.sleep(5)

    [answered] = [event for event in belted.told if isinstance(event, events.ToolAnswered)]
    assert answered.status is status
    assert words in answered.output
    assert belted.session.asked == [Answered("t1", answered.output), AskedToReply()]


async def test_a_runaway_model_has_to_speak(belted: Belted) -> None:
    for n in range(ROUNDS_LIMIT):
        belted.call((f"t{n}", "breaks", ""))
        await asyncio.sleep(0.1)
    assert belted.session.asked[-1] == AskedToReply(tools=False)

    belted.call(("one more", "breaks", ""))
    await asyncio.sleep(0.1)
    assert belted.session.asked[-2:] == [Answered("one more", TOO_MANY), AskedToReply(tools=False)]


async def test_too_many_calls_in_one_reply_are_refused_and_do_not_run(belted: Belted) -> None:
    belted.call(*((f"t{n}", "opening_hours", '{"day":"monday"}') for n in range(CALLS_LIMIT + 1)))
    await asyncio.sleep(1)

    answered = [event for event in belted.told if isinstance(event, events.ToolAnswered)]
    assert [event.id for event in answered if event.status is ToolStatus.REFUSED] == [f"t{CALLS_LIMIT}"]
    assert len(answered) == CALLS_LIMIT + 1


async def test_after_a_turn_of_the_caller_tools_may_be_called_afresh(belted: Belted) -> None:
    for n in range(ROUNDS_LIMIT):
        belted.call((f"t{n}", "breaks", ""))
        await asyncio.sleep(0.1)
    belted.belt.caller_spoke()
    belted.call(("again", "opening_hours", '{"day":"monday"}'))
    await asyncio.sleep(1)

    assert belted.session.asked[-2:] == [Answered("again", "monday: from 11 to 22"), AskedToReply()]


async def test_a_caller_who_is_speaking_is_not_talked_over(belted: Belted) -> None:
    belted.call(("t1", "opening_hours", '{"day":"monday"}'))
    belted.session.emit(engine.CallerStarted("c1"))
    await asyncio.sleep(1)

    assert belted.session.asked == [Answered("t1", "monday: from 11 to 22")]


async def test_an_answer_reaches_the_session_that_is_on_by_then(belted: Belted) -> None:
    belted.call(("t1", "opening_hours", '{"day":"monday"}'))
    new = MemorySession()
    belted.bridge.attach_session(new)
    await asyncio.sleep(1)

    assert new.asked == [Answered("t1", "monday: from 11 to 22"), AskedToReply()]


async def test_the_record_does_not_keep_arguments_without_end(belted: Belted) -> None:
    belted.call(("t1", "breaks", "x" * (ARGUMENTS_LIMIT_CHARS + 1)))
    await asyncio.sleep(0.1)

    [called] = [event for event in belted.told if isinstance(event, events.ToolCalled)]
    assert len(called.arguments) == ARGUMENTS_LIMIT_CHARS


async def test_a_tool_runs_to_its_end_though_nobody_waits_for_it(belted: Belted) -> None:
    belted.call(("t1", "never_ends", ""))
    assert belted.belt.working
    belted.bridge.detach_session()
    await asyncio.sleep(10)

    assert not belted.belt.working
    assert [event.status for event in belted.told if isinstance(event, events.ToolAnswered)] == [ToolStatus.TIMED_OUT]
    assert belted.session.asked == []
