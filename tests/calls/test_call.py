import asyncio
from math import inf

import pytest
from tests.calls.called import REPLY_S, SECOND, Called, answering

from offhook.agents.agent import Agent
from offhook.agents.handle import CallHandle
from offhook.agents.policies import BargeIn, SilencePolicy
from offhook.calls import asked, engine, events
from offhook.calls.conversation import AgentSaid, CallerSaid, Noted, ToolStatus, ToolUsed
from offhook.calls.departure import EndReason, Goodbye, Transfer
from offhook.calls.digits import PAUSE_S
from offhook.calls.facts import CallLimits
from offhook.calls.initiative import FAILED_REPLIES_LIMIT, FIRST_RETRY_S
from offhook.calls.leaving import LAST_WORDS_WITHIN_S
from offhook.calls.leg import LeftReason
from offhook.calls.life import LEG_WITHIN_S, LET_GO_WITHIN_S
from offhook.calls.replies import STALL_S
from offhook.calls.states import State
from offhook.errors import CallRefused, CarrierError, EngineError
from offhook.testing.memory_carrier import HungUpCall, MemoryCarrier
from offhook.testing.memory_engine import Answered, AskedToReply, Closed, MemoryEngine, MemorySession, Told

BROKEN = EngineError("memory", "the connection broke", retryable=True)
NO_KEY = EngineError("memory", "the key was refused", retryable=False)
GREETING = asked.greet("Hello!")
SILENT = Agent(silence=None)


def lose_session(called: Called) -> None:
    called.session.emit(engine.EngineGone(BROKEN))


def caller_says(called: Called, item: str, words: str) -> None:
    """A whole turn of the caller, as the engine hears it."""
    called.session.emit(
        engine.CallerStarted(item), engine.CallerStopped(item), engine.CallerTurn(item), engine.CallerWords(item, words)
    )


def model_calls(called: Called, name: str, arguments: str = "", *, sound: bytes = b"", finish: bool = True) -> None:
    """A reply that calls a tool, after it has said something."""
    called.session.emit(engine.ReplyStarted("rt"))
    if sound:
        called.session.emit(engine.ReplySound("rt", "it", sound), engine.ReplySoundDone("rt", "it"))
    called.session.emit(engine.ToolWanted("rt", "t1", name, arguments))
    if finish:
        called.session.emit(engine.ReplyDone("rt", "completed"))


# ---- the beginning ---------------------------------------------------------------------------------------------------


async def test_the_agent_greets_when_the_caller_is_there() -> None:
    called = Called()
    called.ring()
    await asyncio.sleep(1)
    assert called.requests == []
    called.connect()
    await asyncio.sleep(2)

    assert called.requests == [GREETING]
    assert called.leg.heard == SECOND
    assert called.states == [State.TALKING]
    assert called.told(events.LegCame) == [events.LegCame(1000)]


async def test_the_agent_greets_when_the_engine_is_there() -> None:
    called = Called(engine=answering(takes_s=2))
    called.ring()
    called.connect()
    await asyncio.sleep(1)
    assert called.call.state is State.TALKING
    await asyncio.sleep(2)

    assert called.requests == [GREETING]


async def test_the_greeting_calls_no_tools() -> None:
    called = Called()
    await called.pick_up()

    assert called.session.asked == [AskedToReply(GREETING, tools=False)]


async def test_an_agent_without_a_greeting_waits_for_the_caller() -> None:
    called = Called(SILENT)
    await called.pick_up()
    await asyncio.sleep(60)

    assert called.requests == []


async def test_a_call_is_prepared_once() -> None:
    called = Called()
    called.ring()
    called.ring()
    await asyncio.sleep(1)
    called.ring()
    await asyncio.sleep(1)

    assert called.engine.tries == 1


async def test_the_engine_is_told_what_the_agent_is() -> None:
    agent = Agent(instructions="Be brief.", voice="marin", language="de", barge_in=BargeIn(hold_ms=200), silence=None)

    @agent.tool
    async def hours() -> str:
        """When we are open."""
        return "always"

    @agent.on_call
    async def look_up(call: CallHandle) -> str:
        return f"They ordered {call.metadata['order']}."

    called = Called(agent)
    await called.pick_up()

    brief = called.session.brief
    assert brief is not None
    assert brief.instructions == "Be brief.\n\nThey ordered 7."
    assert (brief.call_id, brief.voice, brief.language) == ("call_1", "marin", "de")
    assert [tool.name for tool in brief.tools] == ["hours", "end_call"]
    assert not brief.interrupt_itself
    assert brief.history == ()


async def test_an_engine_without_a_model_is_told_what_callers_say() -> None:
    agent = Agent(greeting="Hello!", examples=["what can you do"], silence=None)

    @agent.tool(phrases=["when are you open on {day}"])
    async def hours(day: str) -> str:
        """Opening hours."""
        return "9 to 5"

    called = Called(agent)
    called.ring()
    await asyncio.sleep(0.1)

    brief = called.session.brief
    assert brief is not None
    assert (brief.greeting, brief.examples) == ("Hello!", ("what can you do",))
    assert {tool.name: tool.phrases for tool in brief.tools} == {
        "hours": ("when are you open on {day}",),
        "end_call": (),
    }


async def test_an_on_call_handler_that_fails_does_not_stop_the_call() -> None:
    agent = Agent(instructions="Be brief.", greeting="Hello!", silence=None)

    @agent.on_call
    async def look_up(call: CallHandle) -> str:
        raise KeyError(call.caller)

    called = Called(agent)
    await called.pick_up()

    assert called.requests == [GREETING]
    assert called.session.brief is not None
    assert called.session.brief.instructions == "Be brief."


async def test_a_caller_who_leaves_while_the_call_is_prepared_costs_no_session() -> None:
    agent = Agent(silence=None)

    @agent.on_call
    async def look_up(call: CallHandle) -> None:
        await asyncio.sleep(2)

    called = Called(agent)
    called.ring()
    await asyncio.sleep(1)
    called.call.carrier_said("completed", 1)
    await asyncio.sleep(10)

    assert called.engine.tries == 0


async def test_a_stream_that_never_comes_is_not_waited_for() -> None:
    called = Called()
    called.ring()
    await asyncio.sleep(LEG_WITHIN_S + 1)

    assert called.ended is EndReason.NEVER_CAME
    assert called.ended_at == pytest.approx(LEG_WITHIN_S)
    assert called.carrier.orders == [HungUpCall("CA1")]
    assert called.session.closed


async def test_an_outbound_call_may_ring() -> None:
    called = Called(direction="outbound")
    called.call.rings_for(90)
    await asyncio.sleep(85)
    assert called.call.state is State.RINGING
    await asyncio.sleep(10)

    assert called.ended is EndReason.NEVER_CAME
    assert called.ended_at == pytest.approx(90)


async def test_an_outbound_call_that_was_answered_gets_the_usual_time() -> None:
    called = Called(direction="outbound")
    called.call.rings_for(90)
    await asyncio.sleep(10)
    called.ring()
    await asyncio.sleep(LEG_WITHIN_S + 1)

    assert called.ended is EndReason.NEVER_CAME
    assert called.ended_at == pytest.approx(10 + LEG_WITHIN_S)


# ---- talking ---------------------------------------------------------------------------------------------------------


async def test_what_was_said_is_in_the_record() -> None:
    called = Called()
    await called.pick_up()
    await asyncio.sleep(2)
    caller_says(called, "c1", "When do you open?")
    called.session.reply(SECOND, "At eleven.", item_id="a2")
    await asyncio.sleep(0.4)
    called.session.emit(engine.CallerStarted("c2"))

    greeting, caller, agent = called.call.scribe.conversation.entries
    assert isinstance(greeting, AgentSaid)
    assert (greeting.heard_ms, greeting.cut) == (1000, False)
    assert isinstance(caller, CallerSaid)
    assert caller.text == "When do you open?"
    assert isinstance(agent, AgentSaid)
    assert (agent.text, agent.heard_ms, agent.sound_ms, agent.cut) == ("At eleven.", 400, 1000, True)


async def test_a_reply_that_failed_is_asked_for_again() -> None:
    called = Called(SILENT, MemoryEngine())
    await called.pick_up()
    called.session.emit(engine.ReplyStarted("r1"), engine.ReplyDone("r1", "failed", "server_error"))

    assert called.told(events.ReplyFailed) == [events.ReplyFailed("server_error")]
    assert called.session.asked == []  # most often it is a rate limit: not at once
    await asyncio.sleep(FIRST_RETRY_S)
    assert called.session.asked == [AskedToReply()]


async def test_replies_that_only_fail_end_the_call_with_an_apology() -> None:
    called = Called(Agent(silence=None, apology="Sorry."), MemoryEngine())
    await called.pick_up()
    for n in range(FAILED_REPLIES_LIMIT):
        assert called.call.state is State.TALKING
        called.session.emit(engine.ReplyStarted(f"r{n}"), engine.ReplyDone(f"r{n}", "failed", "server_error"))

    assert called.call.state is State.ENDING
    assert called.call.life.departure == Goodbye("Sorry.")
    assert called.call.life.end_reason is EndReason.ENGINE_FAILED


async def test_a_reply_that_works_forgives_those_that_failed() -> None:
    called = Called(SILENT, MemoryEngine())
    await called.pick_up()
    for n in range(3 * FAILED_REPLIES_LIMIT):
        called.session.emit(engine.ReplyStarted(f"r{n}"), engine.ReplyDone(f"r{n}", "failed", "server_error"))
        called.session.reply(SECOND)

    assert called.call.state is State.TALKING


async def test_replies_that_begin_and_fail_are_not_asked_for_without_end() -> None:
    def stammer(session: MemorySession, request: AskedToReply) -> None:
        n = len(session.asked)
        started, sound = engine.ReplyStarted(f"r{n}"), engine.ReplySound(f"r{n}", f"i{n}", SECOND[:160])
        failed = engine.ReplyDone(f"r{n}", "failed", "server_error")
        asyncio.get_running_loop().call_later(0.1, lambda: session.emit(started, sound, failed))

    called = Called(engine=MemoryEngine(on_asked=stammer))
    await called.pick_up()
    await asyncio.sleep(30)

    assert len(called.requests) <= 10


async def test_a_reply_that_failed_while_the_caller_speaks_is_not_asked_for_again() -> None:
    called = Called(SILENT, MemoryEngine())
    await called.pick_up()
    called.session.emit(
        engine.ReplyStarted("r1"), engine.CallerStarted("c1"), engine.ReplyDone("r1", "failed", "server_error")
    )

    assert AskedToReply() not in called.session.asked


async def test_a_note_is_put_before_the_model() -> None:
    called = Called(SILENT)
    await called.pick_up()
    called.call.tell("The payment has arrived.")

    assert called.session.asked == [Told("The payment has arrived.")]
    assert called.told(events.NoteMade) == [events.NoteMade("note_1", "The payment has arrived.")]


async def test_a_call_is_what_a_tool_gets() -> None:
    called = Called()

    assert isinstance(called.call, CallHandle)
    assert (called.call.caller, called.call.dialled) == ("+15550001111", "+15550002222")


# ---- keys ------------------------------------------------------------------------------------------------------------


async def test_keys_go_to_the_model_together() -> None:
    called = Called(SILENT)
    leg = await called.pick_up()
    for key in "42":
        leg.press(key)
    assert called.session.asked == []
    await asyncio.sleep(PAUSE_S + 0.1)

    assert called.session.asked == [Told(asked.keys_pressed("42")), AskedToReply()]
    assert [event.digit for event in called.told(events.DigitPressed)] == ["4", "2"]


async def test_the_hash_sends_keys_at_once() -> None:
    called = Called(SILENT)
    leg = await called.pick_up()
    for key in "42#":
        leg.press(key)

    assert called.session.asked == [Told(asked.keys_pressed("42#")), AskedToReply()]


async def test_an_agent_may_take_keys_itself() -> None:
    agent = Agent(silence=None)
    pressed: list[tuple[str, str]] = []

    @agent.on_digit
    async def note(digit: str, call: CallHandle) -> None:
        pressed.append((digit, call.call_id))
        raise KeyError("a bug of the agent hurts nobody")

    called = Called(agent)
    leg = await called.pick_up()
    leg.press("4")
    leg.press("#")
    await asyncio.sleep(PAUSE_S + 1)

    assert pressed == [("4", "call_1"), ("#", "call_1")]
    assert called.session.asked == []
    assert called.call.state is State.TALKING


async def test_keys_pressed_while_no_session_is_on_are_answered_by_the_next() -> None:
    called = Called(SILENT)
    leg = await called.pick_up()
    called.engine.takes_s = 1
    lose_session(called)
    leg.press("#")
    await asyncio.sleep(2)

    assert called.session.brief is not None
    assert [entry.text for entry in called.session.brief.history if isinstance(entry, Noted)] == [
        asked.keys_pressed("#")
    ]
    assert called.session.asked == [AskedToReply()]


# ---- lines come and go -----------------------------------------------------------------------------------------------


async def test_a_line_that_is_lost_may_come_back() -> None:
    called = Called()
    leg = await called.pick_up()
    await asyncio.sleep(2)
    leg.leave(LeftReason.LOST)
    assert called.call.state is State.RESUMING
    await asyncio.sleep(3)
    called.connect()
    await asyncio.sleep(2)

    assert called.states == [State.TALKING, State.RESUMING, State.TALKING]
    assert called.requests == [GREETING, asked.LINE_WAS_LOST]
    assert called.told(events.LegCame)[-1] == events.LegCame(3000)
    assert called.engine.tries == 1
    await asyncio.sleep(60)
    assert called.ended is None


async def test_a_line_that_does_not_come_back_ends_the_call() -> None:
    called = Called(limits=CallLimits(resume_s=7))
    leg = await called.pick_up()
    await asyncio.sleep(1)
    leg.leave(LeftReason.LOST)
    lost_at = called.when(events.LegLeft)
    await asyncio.sleep(10)

    assert called.ended is EndReason.LINE_LOST
    assert called.ended_at == pytest.approx(lost_at + 7)
    assert called.carrier.orders == [HungUpCall("CA1")]


@pytest.mark.parametrize("reason", [LeftReason.REFUSED, LeftReason.TOO_SLOW])
async def test_a_line_that_we_closed_may_come_back_too(reason: LeftReason) -> None:
    called = Called()
    leg = await called.pick_up()
    leg.leave(reason)

    assert called.call.state is State.RESUMING


async def test_line_and_session_may_be_lost_together() -> None:
    called = Called()
    leg = await called.pick_up()
    await asyncio.sleep(2)
    called.engine.takes_s = 1
    leg.leave(LeftReason.LOST)
    lose_session(called)
    called.connect()
    await asyncio.sleep(2)

    assert len(called.engine.sessions) == 2
    assert called.session.asked == [AskedToReply(asked.LINE_WAS_LOST)]


async def test_the_newest_leg_has_the_call() -> None:
    called = Called()
    first = await called.pick_up()
    await asyncio.sleep(2)
    second = called.connect()
    await asyncio.sleep(1)

    assert first.left is LeftReason.CLOSED
    assert called.states == [State.TALKING]
    first.speak(b"old")
    second.speak(b"new")
    assert called.session.frames == [b"new"]
    assert called.requests == [GREETING]


async def test_a_reply_that_a_new_leg_cut_is_gone_on_with() -> None:
    called = Called()
    await called.pick_up()
    await asyncio.sleep(REPLY_S / 2)
    called.connect()
    await asyncio.sleep(0.1)

    assert called.requests == [GREETING, None]


async def test_a_lost_session_is_replaced_by_one_that_knows_what_was_said() -> None:
    called = Called()
    await called.pick_up()
    await asyncio.sleep(2)
    caller_says(called, "c1", "When do you open?")
    lose_session(called)
    await asyncio.sleep(1)

    assert called.session.brief is not None
    history = called.session.brief.history
    assert [type(entry) for entry in history] == [AgentSaid, CallerSaid]
    assert called.session.asked == [AskedToReply()]  # the caller waits for an answer


async def test_a_session_lost_while_nobody_waits_is_replaced_in_silence() -> None:
    called = Called()
    await called.pick_up()
    await asyncio.sleep(2)
    lose_session(called)
    await asyncio.sleep(5)

    assert len(called.engine.sessions) == 2
    assert called.session.asked == []


async def test_a_session_lost_in_the_middle_of_a_reply_is_replaced_by_one_that_goes_on() -> None:
    called = Called(SILENT, MemoryEngine())
    await called.pick_up()
    caller_says(called, "c1", "When do you open?")
    called.session.emit(
        engine.ReplyStarted("r1"),
        engine.ReplySound("r1", "a1", SECOND),
        engine.ReplyWords("r1", "a1", "We open at eleven and close at"),
    )
    await asyncio.sleep(0.2)
    lose_session(called)
    await asyncio.sleep(5)

    assert AskedToReply() in called.session.asked


async def test_a_session_lost_before_its_tool_has_answered_is_replaced_by_one_that_goes_on() -> None:
    agent = Agent(silence=None)

    @agent.tool
    async def hours() -> str:
        """When we are open."""
        await asyncio.sleep(3)
        return "always"

    called = Called(agent, MemoryEngine())
    await called.pick_up()
    caller_says(called, "c1", "When do you open?")
    model_calls(called, "hours")
    await asyncio.sleep(1)
    lose_session(called)
    await asyncio.sleep(5)

    assert called.session.brief is not None
    assert called.session.brief.running_tools == {"t1"}
    assert called.session.asked[-2:] == [Answered("t1", "always"), AskedToReply()]


async def test_a_session_lost_before_the_reply_that_called_a_tool_was_done_does_not_leave_the_caller_in_silence() -> (
    None
):
    agent = Agent(silence=None)

    @agent.tool
    async def hours() -> str:
        """When we are open."""
        await asyncio.sleep(3)
        return "always"

    called = Called(agent, MemoryEngine())
    await called.pick_up()
    caller_says(called, "c1", "When do you open?")
    model_calls(called, "hours", finish=False)
    await asyncio.sleep(1)
    lose_session(called)
    await asyncio.sleep(5)

    assert AskedToReply() in called.session.asked


async def test_a_tool_that_answers_while_no_session_is_on_is_spoken_of_by_the_next() -> None:
    agent = Agent(silence=None)

    @agent.tool
    async def hours() -> str:
        """When we are open."""
        await asyncio.sleep(1)
        return "always"

    called = Called(agent, MemoryEngine())
    await called.pick_up()
    caller_says(called, "c1", "When do you open?")
    model_calls(called, "hours")
    called.engine.takes_s = 3
    lose_session(called)
    await asyncio.sleep(5)

    brief = called.session.brief
    assert brief is not None
    told = [entry.output for entry in brief.history if isinstance(entry, ToolUsed)]
    assert told == ["always"] or Answered("t1", "always") in called.session.asked
    assert called.session.asked[-1] == AskedToReply()


async def test_what_is_noted_while_a_session_is_opened_is_known_to_it() -> None:
    called = Called(SILENT)
    await called.pick_up()
    called.engine.takes_s = 1
    lose_session(called)
    await asyncio.sleep(0.5)
    called.call.tell("The payment has arrived.")
    await asyncio.sleep(1)

    brief = called.session.brief
    assert brief is not None
    told = [entry.text for entry in brief.history if isinstance(entry, Noted)]
    assert told == ["The payment has arrived."] or called.session.asked == [Told("The payment has arrived.")]


# ---- no engine -------------------------------------------------------------------------------------------------------


async def test_a_caller_whose_engine_never_comes_hears_a_sentence() -> None:
    called = Called(
        Agent(silence=None, apology="Sorry."), MemoryEngine(takes_s=inf), limits=CallLimits(engine_within_s=5)
    )
    await called.pick_up()
    await asyncio.sleep(6)

    assert called.call.state is State.ENDING
    assert called.call.life.departure == Goodbye("Sorry.")
    assert called.carrier.orders == []
    assert called.leg.left is LeftReason.CLOSED  # upon which the carrier asks what comes next
    assert called.call.state is State.ENDING
    called.call.departed()
    assert called.ended is EndReason.ENGINE_FAILED
    assert called.over == [called.call]


async def test_without_a_carrier_to_ask_the_line_is_closed_so_that_it_asks_us() -> None:
    called = Called(engine=MemoryEngine(takes_s=inf), carrier=MemoryCarrier(controls_calls=False))
    leg = await called.pick_up()
    await asyncio.sleep(6)

    assert called.carrier.orders == []
    assert leg.left is LeftReason.CLOSED
    assert called.call.state is State.ENDING
    called.call.departed()
    assert called.ended is not None


async def test_an_engine_that_refuses_us_is_not_waited_for() -> None:
    memory = MemoryEngine()
    memory.fail(NO_KEY)
    called = Called(engine=memory)
    called.ring()
    await asyncio.sleep(0.1)

    assert called.call.state is State.ENDING
    leg = called.connect()  # its stream was on the way
    assert leg.left is LeftReason.CLOSED


# ---- silence and length ----------------------------------------------------------------------------------------------


async def test_silence_is_asked_about_twice_and_then_the_agent_says_goodbye() -> None:
    called = Called(Agent(greeting="Hello!", silence=SilencePolicy(after_s=20, checks=2)))
    await called.pick_up()
    await asyncio.sleep(120)

    assert called.requests == [GREETING, asked.ARE_YOU_THERE, asked.ARE_YOU_THERE, asked.NOBODY_ANSWERS]
    # Three silences of 20 s, each from the end of what was said; then the goodbye.
    assert called.ended is EndReason.SILENCE
    assert called.ended_at == pytest.approx(0.1 + 4 * REPLY_S + 3 * 20, abs=0.1)
    assert called.leg.heard_ms == 4000
    assert called.carrier.orders == [HungUpCall("CA1")]


async def test_a_caller_who_says_nothing_at_all_is_asked_in_time() -> None:
    called = Called(Agent(silence=SilencePolicy(after_s=5)))
    await called.pick_up()
    await asyncio.sleep(5.5)

    assert called.requests == [asked.ARE_YOU_THERE]


async def test_a_caller_who_speaks_is_there() -> None:
    called = Called(Agent(silence=SilencePolicy(after_s=10, checks=1)))
    await called.pick_up()
    for n in range(10):
        await asyncio.sleep(9)
        caller_says(called, f"c{n}", "Hm.")

    assert called.requests == []
    assert called.ended is None


async def test_a_caller_who_speaks_for_long_is_not_asked() -> None:
    called = Called(Agent(silence=SilencePolicy(after_s=5)))
    await called.pick_up()
    called.session.emit(engine.CallerStarted("c1"))
    await asyncio.sleep(30)

    assert called.requests == []


async def test_a_long_reply_is_no_silence() -> None:
    called = Called(Agent(silence=SilencePolicy(after_s=5)))
    await called.pick_up()
    called.session.reply(SECOND * 30)
    await asyncio.sleep(34)
    assert called.requests == []
    await asyncio.sleep(2)

    assert called.requests == [asked.ARE_YOU_THERE]


async def test_work_is_no_silence() -> None:
    agent = Agent(silence=SilencePolicy(after_s=5))

    @agent.tool(timeout_s=30)
    async def slow() -> str:
        """Takes its time."""
        await asyncio.sleep(20)
        return "done"

    called = Called(agent, MemoryEngine())
    await called.pick_up()
    model_calls(called, "slow")
    await asyncio.sleep(19)

    assert called.requests == []


async def test_a_call_has_a_maximum_length() -> None:
    called = Called(Agent(greeting="Hello!", silence=None, max_call_s=60))
    await called.pick_up()
    await asyncio.sleep(70)

    assert called.requests == [GREETING, asked.TIME_IS_UP]
    assert called.ended is EndReason.TIME_UP
    assert called.ended_at == pytest.approx(60 + REPLY_S, abs=0.1)
    assert called.leg.heard_ms == 2000


async def test_a_goodbye_that_is_never_said_is_not_waited_for() -> None:
    called = Called(Agent(silence=None, max_call_s=60), MemoryEngine())
    await called.pick_up()
    await asyncio.sleep(60 + LAST_WORDS_WITHIN_S + 1)

    assert called.ended is EndReason.TIME_UP
    assert called.ended_at == pytest.approx(60 + LAST_WORDS_WITHIN_S, abs=0.1)


async def test_an_end_in_silence_is_not_put_off_by_more_silence() -> None:
    # The engine hangs, so the goodbye is not said, and the caller stays silent.
    called = Called(Agent(silence=SilencePolicy(after_s=5, checks=0), max_call_s=60), MemoryEngine())
    await called.pick_up()
    await asyncio.sleep(5 + LAST_WORDS_WITHIN_S + 1)

    assert called.ended is EndReason.SILENCE


async def test_a_caller_cannot_talk_a_call_beyond_its_length() -> None:
    called = Called(Agent(silence=None, max_call_s=60))
    await called.pick_up()
    await asyncio.sleep(60.2)
    assert called.requests == [asked.TIME_IS_UP]
    called.session.emit(engine.CallerStarted("c1"))
    assert called.told(events.Interrupted)
    called.session.emit(engine.CallerStopped("c1"), engine.CallerTurn("c1"))
    await asyncio.sleep(5 * LAST_WORDS_WITHIN_S)

    assert called.ended is not None


async def test_the_last_words_are_said_though_another_reply_was_being_made() -> None:
    # A reply without sound (it called a tool, say) is done just after the goodbye was asked for.
    called = Called(Agent(silence=None, max_call_s=60), MemoryEngine())
    await called.pick_up()
    await asyncio.sleep(55)
    called.session.emit(engine.ReplyStarted("r1"))
    await asyncio.sleep(5)
    assert called.requests == [asked.TIME_IS_UP]
    called.session.emit(engine.ReplyDone("r1", "completed"))
    assert called.call.state is State.TALKING
    called.session.reply(SECOND, "Goodbye.")
    await asyncio.sleep(2)

    assert called.leg.heard == SECOND
    assert called.ended is not None


# ---- the agent ends it -----------------------------------------------------------------------------------------------


async def test_an_agent_that_hangs_up_lets_its_goodbye_be_heard() -> None:
    called = Called(SILENT)
    leg = await called.pick_up()
    model_calls(called, "end_call", sound=SECOND)
    await asyncio.sleep(0.9)
    assert called.call.state is State.TALKING
    await asyncio.sleep(1)

    assert leg.heard == SECOND
    assert called.ended is EndReason.AGENT_HUNG_UP
    assert called.carrier.orders == [HungUpCall("CA1")]
    assert AskedToReply() not in called.session.asked  # it would go on speaking


async def test_the_record_says_that_the_tool_ended_the_call() -> None:
    called = Called(SILENT)
    await called.pick_up()
    model_calls(called, "end_call", sound=SECOND)
    await asyncio.sleep(5)

    tool = called.call.scribe.conversation.find("t1")
    assert isinstance(tool, ToolUsed)
    assert tool.status is ToolStatus.DONE


async def test_an_agent_that_hangs_up_without_a_word_does_so_when_its_reply_is_done() -> None:
    called = Called(SILENT)
    await called.pick_up()
    model_calls(called, "end_call", finish=False)
    await asyncio.sleep(1)
    assert called.call.state is State.TALKING
    called.session.emit(engine.ReplyDone("rt", "completed"))
    await asyncio.sleep(1)

    assert called.ended is not None


async def test_a_caller_who_goes_on_speaking_keeps_the_call() -> None:
    called = Called(SILENT)
    await called.pick_up()
    model_calls(called, "end_call", sound=SECOND)
    await asyncio.sleep(0.5)
    called.session.emit(engine.CallerStarted("c1"))
    await asyncio.sleep(60)

    assert called.ended is None
    tool = called.call.scribe.conversation.find("t1")
    assert isinstance(tool, ToolUsed)
    assert tool.status is ToolStatus.REFUSED
    assert tool.output == "end_call was not carried out: the caller went on speaking, so the call goes on."
    assert isinstance(called.session.asked[-1], Answered)


async def test_a_caller_who_hangs_up_first_leaves_nobody_waiting() -> None:
    agent = Agent(silence=None)
    returned: list[str] = []

    @agent.on_digit
    async def hang_up(digit: str, call: CallHandle) -> None:
        await call.hang_up()
        returned.append(digit)

    called = Called(agent)
    leg = await called.pick_up()
    called.session.reply(SECOND)
    leg.press("9")
    await asyncio.sleep(0.5)
    assert returned == []
    leg.leave()
    await asyncio.sleep(1)

    assert returned == ["9"]
    assert called.ended is not None


async def test_a_call_is_transferred_when_the_caller_has_heard_to_whom() -> None:
    called = Called(Agent(silence=None, transfer_to=["+15550003333"]))
    await called.pick_up()
    model_calls(called, "transfer_call", '{"to":"+15550003333"}', sound=SECOND)
    await asyncio.sleep(2)

    assert called.call.life.departure == Transfer("+15550003333")
    assert called.leg.left is LeftReason.CLOSED
    assert called.call.state is State.ENDING
    called.call.departed()
    assert called.call.life.end_reason is EndReason.TRANSFERRED


async def test_a_transfer_to_anywhere_else_is_refused() -> None:
    called = Called(Agent(silence=None, transfer_to=["+15550003333"]))
    await called.pick_up()

    with pytest.raises(CallRefused, match="OFFHOOK_DIAL_ALLOW"):
        await called.call.transfer("+15550009999")
    assert called.call.state is State.TALKING

    called.may_transfer = True
    await called.call.transfer("+15550009999")
    assert called.call.life.departure == Transfer("+15550009999")


async def test_after_the_call_the_handle_does_nothing() -> None:
    called = Called(SILENT)
    leg = await called.pick_up()
    leg.leave()
    told = len(called.events)

    await called.call.hang_up()
    called.call.tell("too late")
    called.call.end(EndReason.OPERATOR_HUNG_UP)
    called.call.prepare()
    await asyncio.sleep(60)

    assert len(called.events) == told
    assert called.call.life.end_reason is EndReason.CALLER_HUNG_UP
    assert called.call.scribe.conversation.entries == []
    assert called.engine.tries == 1


# ---- others end it ---------------------------------------------------------------------------------------------------


async def test_a_caller_who_hangs_up_ends_the_call() -> None:
    called = Called()
    leg = await called.pick_up()
    await asyncio.sleep(0.4)
    leg.leave(LeftReason.HUNG_UP)

    assert called.call.state is State.ENDED
    assert called.ended is EndReason.CALLER_HUNG_UP
    assert called.ended_at == pytest.approx(0.51)
    assert called.call.lasted_ms == 510
    assert called.session.asked[-1] == Closed()
    assert called.over == [called.call]
    said = called.call.scribe.conversation.entries[0]
    assert isinstance(said, AgentSaid)
    assert (said.heard_ms, said.cut) == (410, True)


async def test_a_call_ends_once() -> None:
    called = Called()
    leg = await called.pick_up()
    leg.leave()
    called.call.carrier_said("completed", 5)
    called.call.departed()
    await asyncio.sleep(60)

    assert len(called.told(events.CallEnded)) == 1
    assert called.over == [called.call]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("completed", EndReason.CALLER_HUNG_UP),
        ("busy", EndReason.NOT_ANSWERED),
        ("failed", EndReason.NOT_ANSWERED),
        ("no-answer", EndReason.NOT_ANSWERED),
    ],
)
async def test_the_carrier_says_that_it_is_over(status: str, reason: EndReason) -> None:
    called = Called(direction="outbound")
    called.call.rings_for(60)
    called.call.carrier_said("ringing", 1)
    called.call.carrier_said("initiated", 0)
    assert called.call.state is State.RINGING
    called.call.carrier_said(status, 2)

    assert called.call.life.end_reason is reason
    assert called.told(events.CarrierSaid) == [events.CarrierSaid("ringing", 1), events.CarrierSaid(status, 2)]


async def test_an_operator_ends_a_call_at_once() -> None:
    called = Called()
    leg = await called.pick_up()
    await asyncio.sleep(0.4)
    called.call.end(EndReason.OPERATOR_HUNG_UP)
    assert called.call.state is State.ENDING
    assert called.session.closed
    await asyncio.sleep(0.1)

    assert called.carrier.orders == [HungUpCall("CA1")]
    assert called.ended is EndReason.OPERATOR_HUNG_UP
    assert leg.left is LeftReason.CLOSED


async def test_a_call_that_nobody_was_connected_to_ends_at_once() -> None:
    called = Called(direction="outbound")
    called.call.rings_for(60)
    called.call.end(EndReason.OPERATOR_HUNG_UP)

    assert called.call.state is State.ENDED
    assert called.carrier.orders == []


async def test_a_carrier_that_does_not_take_the_order_is_asked_by_closing_the_line() -> None:
    called = Called()
    called.carrier.broken = CarrierError("memory", "no", retryable=False)
    leg = await called.pick_up()
    called.call.end(EndReason.OPERATOR_HUNG_UP)
    await asyncio.sleep(0.1)

    assert leg.left is LeftReason.CLOSED
    assert called.call.state is State.ENDING
    await asyncio.sleep(LET_GO_WITHIN_S)
    assert called.ended is EndReason.OPERATOR_HUNG_UP


async def test_a_carrier_that_never_lets_go_is_not_waited_for() -> None:
    called = Called(carrier=MemoryCarrier(takes_s=3600))
    await called.pick_up()
    await asyncio.sleep(1)
    called.call.end(EndReason.OPERATOR_HUNG_UP)
    await asyncio.sleep(LET_GO_WITHIN_S - 0.1)
    assert called.call.state is State.ENDING
    await asyncio.sleep(0.2)

    assert called.ended is EndReason.OPERATOR_HUNG_UP


async def test_a_dial_that_failed_ends_the_call() -> None:
    called = Called(direction="outbound")
    called.call.rings_for(60)
    called.call.dial_failed(CarrierError("memory", "no such number", retryable=False))

    assert called.call.life.end_reason is EndReason.DIAL_FAILED


async def test_when_it_is_over_nothing_is_left_behind() -> None:
    agent = Agent(greeting="Hello!", silence=SilencePolicy(after_s=5))

    @agent.tool(timeout_s=300)
    async def slow() -> str:
        """Takes its time."""
        await asyncio.sleep(200)
        return "done"

    called = Called(agent)
    leg = await called.pick_up()
    model_calls(called, "slow")
    await asyncio.sleep(0.5)
    leg.leave()
    told = len(called.events)
    await asyncio.sleep(1)

    # A tool that was begun runs to its end, and the record says how; nothing else does.
    assert {task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}} == {"tool-slow"}
    await asyncio.sleep(3600)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert [event for _, event in called.events[told:]] == [
        events.ToolAnswered("t1", "slow", ToolStatus.DONE, "done", 200_000)
    ]


# ---- tools and the end -----------------------------------------------------------------------------------------------


async def test_a_call_does_not_end_before_the_other_tools_have_answered() -> None:
    agent = Agent(silence=None)

    @agent.tool
    async def book() -> str:
        """Book a table."""
        await asyncio.sleep(3)
        return "booked"

    called = Called(agent, MemoryEngine())
    await called.pick_up()
    called.session.emit(
        engine.ReplyStarted("r1"),
        engine.ReplySound("r1", "i1", SECOND),
        engine.ToolWanted("r1", "t1", "book", ""),
        engine.ToolWanted("r1", "t2", "end_call", ""),
        engine.ReplyDone("r1", "completed"),
    )
    await asyncio.sleep(2)
    assert called.call.state is State.TALKING
    await asyncio.sleep(20)

    book_entry, end_entry = (called.call.scribe.conversation.find(name) for name in ("t1", "t2"))
    assert isinstance(book_entry, ToolUsed)
    assert (book_entry.status, book_entry.output) == (ToolStatus.DONE, "booked")
    assert isinstance(end_entry, ToolUsed)
    assert end_entry.status is ToolStatus.DONE
    assert called.call.life.end_reason is EndReason.AGENT_HUNG_UP


async def test_an_okay_does_not_stop_a_transfer() -> None:
    called = Called(Agent(silence=None, transfer_to=["+15550003333"]), MemoryEngine())
    await called.pick_up()
    model_calls(called, "transfer_call", '{"to":"+15550003333"}', sound=SECOND)
    await asyncio.sleep(0.5)
    called.session.emit(engine.CallerStarted("c1"), engine.CallerStopped("c1"), engine.CallerTurn("c1"))
    await asyncio.sleep(20)

    assert called.call.life.departure == Transfer("+15550003333")


async def test_a_destination_that_is_not_allowed_is_explained_to_the_model() -> None:
    agent = Agent(silence=None)

    @agent.tool
    async def connect(call: CallHandle) -> str:
        """Connect to the premium line."""
        await call.transfer("+19005550000")
        return "connected"

    called = Called(agent)
    await called.pick_up()
    model_calls(called, "connect")
    await asyncio.sleep(1)

    tool = called.call.scribe.conversation.find("t1")
    assert isinstance(tool, ToolUsed)
    assert tool.status is ToolStatus.REFUSED
    assert tool.output is not None
    assert "not allowed" in tool.output
    assert called.call.state is State.TALKING


async def test_a_goodbye_is_not_put_off_by_an_engine_that_says_nothing() -> None:
    called = Called(Agent(silence=SilencePolicy(after_s=5, checks=1)), MemoryEngine())
    await called.pick_up()
    await asyncio.sleep(60)

    assert called.call.life.end_reason is EndReason.SILENCE


# ---- requests that go astray -----------------------------------------------------------------------------------------


async def test_a_greeting_that_was_interrupted_is_not_said_instead_of_an_answer() -> None:
    called = Called(engine=MemoryEngine())
    await called.pick_up()
    assert called.requests == [GREETING]
    called.session.emit(engine.ReplyStarted("r1"), engine.ReplySound("r1", "a1", SECOND))
    await asyncio.sleep(0.5)
    caller_says(called, "c1", "When do you open?")
    called.session.emit(engine.ReplyDone("r1", "cancelled", "turn_detected"))
    called.session.emit(engine.ReplyStarted("r2"), engine.ReplyDone("r2", "failed", "rate_limit_exceeded"))
    await asyncio.sleep(5)

    assert called.requests == [GREETING, None]


async def test_a_reply_that_was_asked_for_and_never_began_is_asked_of_the_next_session() -> None:
    agent = Agent(silence=None)

    @agent.tool
    async def hours() -> str:
        """When we are open."""
        return "always"

    called = Called(agent, MemoryEngine())
    await called.pick_up()
    caller_says(called, "c1", "When do you open?")
    model_calls(called, "hours")
    await asyncio.sleep(0.1)
    assert called.session.asked == [Answered("t1", "always"), AskedToReply()]
    lose_session(called)
    await asyncio.sleep(1)

    assert len(called.engine.sessions) == 2
    assert called.session.asked == [AskedToReply()]


async def test_a_call_that_the_agent_ends_waits_for_its_other_tools_and_no_longer() -> None:
    agent = Agent(silence=None)

    @agent.tool
    async def note_down() -> str:
        """Takes its time."""
        await asyncio.sleep(2)
        return "done"

    called = Called(agent, MemoryEngine())
    await called.pick_up()
    called.session.emit(
        engine.ReplyStarted("r1"),
        engine.ToolWanted("r1", "t1", "note_down", ""),
        engine.ToolWanted("r1", "t2", "end_call", ""),
        engine.ReplyDone("r1", "completed"),
    )
    began = called.clock()
    await asyncio.sleep(60)

    assert called.ended is EndReason.AGENT_HUNG_UP
    assert called.ended_at == pytest.approx(began - called.began + 2, abs=0.1)


async def test_silence_begins_when_the_work_is_done() -> None:
    agent = Agent(silence=SilencePolicy(after_s=5))

    @agent.tool(timeout_s=30)
    async def slow() -> str:
        """Takes its time."""
        await asyncio.sleep(9)
        return "done"

    called = Called(agent, MemoryEngine())
    await called.pick_up()
    model_calls(called, "slow")
    await asyncio.sleep(9 + 4.5)
    assert called.requests == [None]
    await asyncio.sleep(1)

    assert called.requests == [None, asked.ARE_YOU_THERE]


async def test_a_reply_that_stalls_is_noticed_at_once_and_not_when_something_else_is_due() -> None:
    called = Called(SILENT, MemoryEngine())
    await called.pick_up()
    await asyncio.sleep(40)
    called.session.emit(engine.ReplyStarted("r1"))
    await asyncio.sleep(STALL_S + 0.5)

    assert len(called.engine.sessions) == 2


async def test_a_tool_of_ones_own_may_end_the_call_too() -> None:
    agent = Agent(silence=None)

    @agent.tool
    async def that_is_all(call: CallHandle) -> str:
        """End it."""
        await call.hang_up()
        return "ended"

    called = Called(agent, MemoryEngine())
    await called.pick_up()
    model_calls(called, "that_is_all", sound=SECOND)
    began = called.clock()
    await asyncio.sleep(60)

    assert called.ended_at == pytest.approx(began - called.began + 1, abs=0.2)


async def test_a_call_that_has_lasted_long_enough_ends_whatever_else_was_planned() -> None:
    called = Called(Agent(silence=None, max_call_s=60), MemoryEngine())
    await called.pick_up()
    await asyncio.sleep(60)
    model_calls(called, "end_call", sound=SECOND)
    await asyncio.sleep(0.5)
    called.session.emit(engine.CallerStarted("c1"), engine.CallerStopped("c1"), engine.CallerTurn("c1"))
    await asyncio.sleep(60)

    assert called.ended is not None


async def test_a_failed_reply_is_not_asked_for_again_beside_a_newer_one() -> None:
    called = Called(SILENT, MemoryEngine())
    leg = await called.pick_up()
    called.session.emit(engine.ReplyStarted("r1"), engine.ReplyDone("r1", "failed", "rate_limit_exceeded"))
    await asyncio.sleep(0.2)
    leg.press("#")
    assert called.requests == [None]
    called.session.emit(engine.ReplyStarted("r2"), engine.ReplySound("r2", "a2", SECOND))
    await asyncio.sleep(5)

    assert called.requests == [None]
