import asyncio
import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from offhook.agents.agent import Agent
from offhook.calls import engine, events
from offhook.calls.call import Call
from offhook.calls.carrier import Dial
from offhook.calls.conversation import TEXT_LIMIT_CHARS, ToolUsed
from offhook.calls.departure import EndReason, Goodbye
from offhook.calls.facts import CallLimits
from offhook.calls.leg import LeftReason
from offhook.calls.line import RESUMES_LIMIT
from offhook.calls.pacing import Pacing
from offhook.calls.states import State
from offhook.calls.switchboard import Capacity, Switchboard
from offhook.calls.view import detail
from offhook.errors import CallNotFound, CallRefused, CarrierError
from offhook.testing.memory_carrier import HungUpCall, MemoryCarrier, Redirected
from offhook.testing.memory_engine import MemoryEngine
from offhook.testing.memory_leg import MemoryLeg

AGENT = Agent(silence=None)
ALICE, BOB = "+15550001111", "+15550002222"


@dataclass
class Exchange:
    """A switchboard and what it works with."""

    capacity: Capacity = field(default_factory=lambda: Capacity(calls=3, ended_kept=2))
    per_second: float = 1.0
    may_dial: Callable[[str], bool] = lambda to: True
    overloaded: bool = False

    def __post_init__(self) -> None:
        self.clock = asyncio.get_running_loop().time
        self.carrier = MemoryCarrier()
        self.engines = {"memory": MemoryEngine(), "other": MemoryEngine(name="other")}
        self.told: list[tuple[str, events.CallEvent]] = []
        self.board = Switchboard(
            self.carrier,
            self.engines,
            default_engine="memory",
            capacity=self.capacity,
            limits=CallLimits(),
            pacing=Pacing(self.per_second),
            publish=lambda call_id, event: self.told.append((call_id, event)),
            may_dial=self.may_dial,
            overloaded=lambda: self.overloaded,
            clock=self.clock,
        )

    def ring(self, carrier_call_id: str = "CA1", agent: Agent = AGENT) -> Call:
        call = self.board.ring(carrier_call_id, ALICE, BOB, agent)
        assert isinstance(call, Call)
        return call

    def connect(self, call: Call) -> MemoryLeg:
        leg = MemoryLeg(self.clock, by_itself=True)
        call.leg_came(leg)
        return leg


# ---- inbound ---------------------------------------------------------------------------------------------------------


async def test_a_call_that_rings_is_taken_and_prepared() -> None:
    exchange = Exchange()
    call = exchange.ring()
    await asyncio.sleep(0.1)

    assert (call.facts.direction, call.caller, call.dialled) == ("inbound", ALICE, BOB)
    assert call.line.carrier_call_id == "CA1"
    assert call.engine_name == "memory"
    assert exchange.engines["memory"].tries == 1
    assert exchange.told[0] == (call.call_id, events.CallCreated("inbound", ALICE, BOB, "agent", "memory"))
    assert exchange.board.active == 1


async def test_a_webhook_that_is_repeated_is_the_same_call() -> None:
    exchange = Exchange()

    assert exchange.ring("CA1") is exchange.ring("CA1")
    assert exchange.board.active == 1


async def test_a_webhook_about_a_call_that_has_ended_makes_no_new_one() -> None:
    exchange = Exchange()
    call = exchange.ring("CA1")
    call.carrier_said("completed", 1)

    known = exchange.board.ring("CA1", ALICE, BOB, AGENT)
    assert (known.call_id, known.state) == (call.call_id, State.ENDED)
    assert exchange.board.active == 0


async def test_the_agent_chooses_its_engine() -> None:
    assert Exchange().ring(agent=Agent(engine="other", silence=None)).engine_name == "other"


async def test_an_engine_that_is_not_there_is_refused() -> None:
    exchange = Exchange()

    with pytest.raises(CallRefused, match="no engine 'azure' here; there are: memory, other"):
        exchange.ring(agent=Agent(engine="azure", silence=None))
    assert exchange.board.active == 0


async def test_calls_find_each_other_by_either_name() -> None:
    exchange = Exchange()
    call = exchange.ring("CA1")

    assert exchange.board.find(call.call_id) is call
    assert exchange.board.find_by_carrier("CA1") is call
    assert exchange.board.find_by_carrier("CA2") is None
    with pytest.raises(CallNotFound):
        exchange.board.find("call_none")


async def test_names_are_not_used_twice() -> None:
    exchange = Exchange(Capacity(calls=100))

    assert len({exchange.ring(f"CA{n}").call_id for n in range(100)}) == 100


# ---- no room ---------------------------------------------------------------------------------------------------------


async def test_when_all_lines_are_busy_a_call_is_refused() -> None:
    exchange = Exchange()
    calls = [exchange.ring(f"CA{n}") for n in range(3)]

    with pytest.raises(CallRefused, match="all 3 lines are busy") as caught:
        exchange.ring("CA9")
    assert caught.value.retry_after_s is not None
    assert exchange.ring("CA0") is calls[0]  # the calls that are here are not turned away

    calls[0].carrier_said("completed", 1)
    assert exchange.ring("CA9").state is State.RINGING


async def test_a_call_that_is_ending_still_takes_its_line() -> None:
    exchange = Exchange(Capacity(calls=1))
    exchange.carrier.takes_s = 5
    exchange.ring("CA1").end(EndReason.OPERATOR_HUNG_UP)

    with pytest.raises(CallRefused):
        exchange.ring("CA2")
    await asyncio.sleep(6)
    exchange.ring("CA2")


async def test_when_it_shuts_down_a_call_is_refused() -> None:
    exchange = Exchange()
    call = exchange.ring("CA1")
    exchange.board.close()

    with pytest.raises(CallRefused, match="shutting down"):
        exchange.ring("CA2")
    with pytest.raises(CallRefused, match="shutting down"):
        exchange.board.place(BOB, ALICE, AGENT)
    assert exchange.ring("CA1") is call


async def test_refusals_say_of_which_kind_they_are() -> None:
    exchange = Exchange(Capacity(calls=2))
    assert exchange.board.obstacle is None
    exchange.ring("CA1")
    for change, kind in (("overloaded", "overloaded"), ("full", "full"), ("draining", "draining")):
        exchange.overloaded = change == "overloaded"
        if change == "full":
            exchange.ring("CA2")
        if change == "draining":
            exchange.board.close()
        with pytest.raises(CallRefused) as caught:
            exchange.ring("CA9")
        assert caught.value.kind == kind
        assert str(exchange.board.obstacle) == kind
        assert caught.value.retry_after_s is not None


async def test_an_agent_may_have_fewer_lines_than_the_worker() -> None:
    exchange = Exchange(Capacity(calls=10))
    desk, other = Agent(name="desk", max_calls=2, silence=None), Agent(name="other", silence=None)
    calls = [exchange.ring(f"CA{n}", desk) for n in range(2)]

    with pytest.raises(CallRefused, match="all 2 lines of agent desk are busy") as caught:
        exchange.ring("CA8", desk)
    assert caught.value.kind == "full"
    with pytest.raises(CallRefused, match="all 2 lines of agent desk are busy"):
        exchange.board.place(BOB, ALICE, desk)
    assert exchange.board.obstacle is None
    exchange.ring("CA9", other)
    calls[0].carrier_said("completed", 1)
    exchange.ring("CA8", desk)


# ---- outbound --------------------------------------------------------------------------------------------------------


async def test_a_call_is_placed() -> None:
    exchange = Exchange()
    call = exchange.board.place(BOB, ALICE, AGENT, engine="other", metadata={"order": "7"}, ring_s=20)
    await asyncio.sleep(0.1)

    assert exchange.carrier.orders == [Dial(call.call_id, BOB, ALICE, 20)]
    assert (call.facts.direction, call.caller, call.dialled) == ("outbound", ALICE, BOB)
    assert call.engine_name == "other"
    assert call.metadata == {"order": "7"}
    assert call.state is State.RINGING
    assert call.line.carrier_call_id is not None
    assert exchange.board.find_by_carrier(call.line.carrier_call_id) is call


async def test_nobody_pays_for_a_session_before_somebody_answers() -> None:
    exchange = Exchange()
    call = exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(10)
    assert exchange.engines["memory"].tries == 0

    assert call.line.carrier_call_id is not None
    exchange.board.answered(call, call.line.carrier_call_id)
    await asyncio.sleep(0.1)
    assert exchange.engines["memory"].tries == 1


async def test_calls_are_placed_no_faster_than_the_carrier_takes_them() -> None:
    exchange = Exchange(per_second=2)
    for _ in range(3):
        exchange.board.place(BOB, ALICE, AGENT)
    dialled = []
    for pause_s in (0.1, 0.3, 0.2, 0.3, 0.2):
        await asyncio.sleep(pause_s)
        dialled.append(len(exchange.carrier.orders))

    assert dialled == [1, 1, 2, 2, 3]


async def test_a_call_that_rings_for_ever_ends() -> None:
    exchange = Exchange()
    call = exchange.board.place(BOB, ALICE, AGENT, ring_s=20)
    await asyncio.sleep(20)
    assert call.state is State.RINGING
    await asyncio.sleep(60)

    assert call.life.end_reason is EndReason.NEVER_CAME


async def test_where_calls_may_not_go_they_do_not() -> None:
    exchange = Exchange(may_dial=lambda to: to.startswith("+49"))

    with pytest.raises(CallRefused, match="OFFHOOK_DIAL_ALLOW"):
        exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(1)
    assert exchange.carrier.orders == []
    assert exchange.board.active == 0


async def test_a_carrier_that_places_no_calls_is_not_asked_to() -> None:
    exchange = Exchange()
    exchange.carrier.dial_obstacle = "outbound calls need an account"

    with pytest.raises(CallRefused, match="need an account"):
        exchange.board.place(BOB, ALICE, AGENT)


async def test_who_may_be_called_holds_for_transfers_too() -> None:
    exchange = Exchange(may_dial=lambda to: to.startswith("+49"))
    call = exchange.ring()
    exchange.connect(call)

    with pytest.raises(CallRefused):
        await call.transfer("+15550009999")
    await call.transfer("+4930123456")


async def test_a_refusal_takes_nobodys_turn() -> None:
    exchange = Exchange(Capacity(calls=1), per_second=1)
    call = exchange.ring("CA1")
    for _ in range(10):
        with pytest.raises(CallRefused):
            exchange.board.place(BOB, ALICE, AGENT)
    call.carrier_said("completed", 1)
    with pytest.raises(CallRefused, match="no engine"):
        exchange.board.place(BOB, ALICE, AGENT, engine="azure")
    exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(0.1)

    assert len(exchange.carrier.orders) == 1


async def test_a_carrier_that_refuses_ends_the_call() -> None:
    exchange = Exchange()
    exchange.carrier.broken = CarrierError("memory", "no such number", retryable=False)
    call = exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(0.1)

    assert call.life.end_reason is EndReason.DIAL_FAILED
    assert exchange.board.active == 0


async def test_a_call_that_is_ended_before_its_turn_is_not_dialled() -> None:
    exchange = Exchange(per_second=0.1)
    exchange.board.place(BOB, ALICE, AGENT)
    call = exchange.board.place(BOB, ALICE, AGENT)
    call.end(EndReason.OPERATOR_HUNG_UP)
    await asyncio.sleep(20)

    assert len(exchange.carrier.orders) == 1
    assert call.state is State.ENDED


async def test_a_call_that_is_ended_while_it_is_dialled_does_not_ring_on() -> None:
    exchange = Exchange()
    exchange.carrier.takes_s = 2
    call = exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(1)
    call.end(EndReason.OPERATOR_HUNG_UP)
    await asyncio.sleep(5)

    assert call.line.carrier_call_id is not None
    assert exchange.carrier.orders[1:] == [HungUpCall(call.line.carrier_call_id)]


@pytest.mark.parametrize("kept", [0, 1])
async def test_such_a_call_is_known_to_the_carrier_as_long_as_it_is_remembered(kept: int) -> None:
    exchange = Exchange(Capacity(calls=1, ended_kept=kept))
    exchange.carrier.takes_s = 2
    call = exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(1)
    call.end(EndReason.OPERATOR_HUNG_UP)
    await asyncio.sleep(5)
    assert call.line.carrier_call_id is not None
    found = exchange.board.find_by_carrier(call.line.carrier_call_id)
    assert (found is not None) == bool(kept)
    exchange.ring("CA1").carrier_said("completed", 1)

    assert exchange.board.find_by_carrier(call.line.carrier_call_id) is None


async def test_a_call_that_is_answered_while_it_is_dialled_goes_on() -> None:
    # The one who is called may be quicker than the carrier's answer to our order.
    exchange = Exchange()
    exchange.carrier.takes_s = 2
    call = exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(1)
    exchange.board.answered(call, f"CA{1:032x}")
    leg = exchange.connect(call)
    await asyncio.sleep(30)

    assert call.state is State.TALKING
    assert leg.left is None
    assert len(exchange.carrier.orders) == 1


async def test_an_order_that_cannot_be_taken_back_is_told_in_the_log() -> None:
    failures: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))
    exchange = Exchange()
    exchange.carrier.takes_s = 2
    call = exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(1)
    call.end(EndReason.OPERATOR_HUNG_UP)
    await asyncio.sleep(1.5)
    exchange.carrier.broken = CarrierError("memory", "no", retryable=False)
    await asyncio.sleep(5)

    assert failures == []


async def test_a_question_about_an_outbound_call_that_is_over_prepares_nothing() -> None:
    exchange = Exchange()
    call = exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(0.1)
    call.carrier_said("no-answer", 3)
    assert call.line.carrier_call_id is not None
    exchange.board.answered(call, call.line.carrier_call_id)
    await asyncio.sleep(1)

    assert exchange.engines["memory"].tries == 0


# ---- calls that go on, and end ---------------------------------------------------------------------------------------


async def test_a_loop_of_resumes_is_ended_rather_than_billed() -> None:
    exchange = Exchange()
    call = exchange.ring(agent=Agent(apology="Sorry.", silence=None))
    for _ in range(RESUMES_LIMIT):
        leg = exchange.connect(call)
        leg.leave(LeftReason.LOST)
        exchange.board.resume(call)
        assert call.state is State.RESUMING
        await asyncio.sleep(1)
    exchange.board.resume(call)
    await asyncio.sleep(0.1)

    assert call.state is State.ENDING
    assert (call.life.end_reason, call.life.departure) == (EndReason.LINE_LOST, Goodbye("Sorry."))
    assert exchange.carrier.orders == [Redirected("CA1", call.call_id)]


async def test_ended_calls_are_remembered_for_a_while() -> None:
    exchange = Exchange(Capacity(calls=10, ended_kept=2))
    calls = [exchange.ring(f"CA{n}") for n in range(4)]
    for call in calls[:3]:
        call.carrier_said("completed", 1)

    assert [call.call_id for call in exchange.board.calls()] == [calls[n].call_id for n in (3, 2, 1)]
    assert exchange.board.find_by_carrier("CA2") is exchange.board.find(calls[2].call_id)
    with pytest.raises(CallNotFound):
        exchange.board.find(calls[0].call_id)
    assert exchange.board.find_by_carrier("CA0") is None


async def test_of_an_ended_call_all_that_is_shown_is_kept_and_the_call_itself_is_not() -> None:
    exchange = Exchange()
    call = exchange.ring("CA1")
    exchange.connect(call)
    await asyncio.sleep(0.1)
    call.tell("The caller is a guest of the house.")
    shown, call_id, living = detail(call), call.call_id, weakref.ref(call)
    call.carrier_said("completed", 1)
    exchange.engines["memory"].sessions.clear()
    del call
    await asyncio.sleep(60)
    gc.collect()

    assert living() is None
    kept = detail(exchange.board.find(call_id))
    assert kept.transcript == shown.transcript
    assert (kept.caller, kept.dialled, kept.timings) == (shown.caller, shown.dialled, shown.timings)
    assert (kept.state, kept.end_reason, kept.carrier_status) == ("ended", "caller_hung_up", "completed")


async def test_a_tool_that_outlives_its_call_is_in_its_record() -> None:
    agent = Agent(silence=None)
    finish = asyncio.Event()

    @agent.tool
    async def book() -> str:
        """Book."""
        await finish.wait()
        return "booked"

    exchange = Exchange()
    call = exchange.ring("CA1", agent)
    exchange.connect(call)
    await asyncio.sleep(0.1)
    exchange.engines["memory"].session.emit(engine.ReplyStarted("r1"), engine.ToolWanted("r1", "t1", "book", "{}"))
    call_id = call.call_id
    call.carrier_said("completed", 1)
    del call
    [used] = detail(exchange.board.find(call_id)).transcript
    assert isinstance(used, ToolUsed)
    assert (used.status, used.output) == ("intended", None)
    finish.set()
    await asyncio.sleep(0.1)

    [used] = detail(exchange.board.find(call_id)).transcript
    assert isinstance(used, ToolUsed)
    assert (used.status, used.output) == ("done", "booked")


async def test_what_the_carrier_says_of_an_ended_call_is_kept_unless_it_is_old() -> None:
    exchange = Exchange()
    call = exchange.ring("CA1")
    call.carrier_said("completed", 4)
    call_id = call.call_id
    exchange.engines["memory"].sessions.clear()
    del call
    await asyncio.sleep(60)
    gc.collect()
    for status, sequence in (("busy", 6), ("ringing", 2)):
        exchange.board.carrier_said(exchange.board.find(call_id), status, sequence)

    assert detail(exchange.board.find(call_id)).carrier_status == "busy"
    assert exchange.told[-1] == (call_id, events.CarrierSaid("busy", 6))


async def test_ended_calls_are_forgotten_before_their_records_take_too_much() -> None:
    exchange = Exchange(Capacity(calls=10, ended_kept=1000, ended_bytes=100_000))
    for n in range(30):
        call = exchange.ring(f"CA{n}")
        call.tell("x" * 8000)
        call.carrier_said("completed", 1)

    kept = list(exchange.board.calls())
    assert 8 <= len(kept) <= 12
    assert kept[0].call_id == call.call_id
    assert exchange.board.find_by_carrier("CA0") is None


async def test_a_flood_of_words_waits_for_no_listener_in_full() -> None:
    exchange = Exchange()
    call = exchange.ring()
    call.tell("x" * 10_000_000)

    note = next(event for _, event in exchange.told if isinstance(event, events.NoteMade))
    assert len(note.text) == 2 * TEXT_LIMIT_CHARS


async def test_a_drain_waits_until_the_last_call_has_ended() -> None:
    exchange = Exchange()
    calls = [exchange.ring(f"CA{n}") for n in range(2)]
    drain = asyncio.ensure_future(exchange.board.drain(within_s=25))
    await asyncio.sleep(10)
    assert exchange.board.closed
    calls[0].carrier_said("completed", 1)
    await asyncio.sleep(1)
    assert not drain.done()
    calls[1].carrier_said("completed", 1)
    await asyncio.sleep(0.1)

    assert drain.done()
    assert exchange.carrier.orders == []


async def test_a_drain_that_takes_too_long_ends_the_rest_in_order() -> None:
    exchange = Exchange()
    call = exchange.ring(agent=Agent(apology="Sorry.", silence=None))
    leg = exchange.connect(call)
    began = exchange.clock()
    drain = asyncio.ensure_future(exchange.board.drain(within_s=25))
    await asyncio.sleep(26)

    assert call.life.end_reason is EndReason.SHUT_DOWN
    assert leg.left is LeftReason.CLOSED
    call.departed()
    await drain
    assert exchange.clock() - began == pytest.approx(26)


async def test_a_drain_does_not_wait_for_a_carrier_that_never_lets_go() -> None:
    exchange = Exchange()
    exchange.connect(exchange.ring())
    began = exchange.clock()
    await exchange.board.drain(within_s=0, let_go_within_s=5)

    assert exchange.clock() - began == pytest.approx(5)


async def test_an_empty_switchboard_is_drained_at_once() -> None:
    exchange = Exchange()
    began = exchange.clock()
    await exchange.board.drain(within_s=25)

    assert exchange.clock() == began


async def test_what_happens_to_one_call_does_not_happen_to_another() -> None:
    exchange = Exchange()
    one, other = exchange.ring("CA1"), exchange.ring("CA2")
    legs = [exchange.connect(one), exchange.connect(other)]
    await asyncio.sleep(0.1)
    sessions = exchange.engines["memory"].sessions
    legs[0].speak(b"one")
    legs[1].speak(b"other")
    legs[0].leave()

    assert [session.frames for session in sessions] == [[b"one"], [b"other"]]
    assert one.state is State.ENDED
    assert other.state is State.TALKING
    assert not sessions[1].closed


async def test_a_carrier_that_is_slower_than_the_callee_does_not_end_the_call() -> None:
    # Twilio may ask what to do with an answered call before it has answered our order to place it.
    exchange = Exchange()
    exchange.carrier.takes_s = 1
    call = exchange.board.place(BOB, ALICE, AGENT)
    await asyncio.sleep(0.1)
    exchange.board.answered(call, "CA9")
    exchange.connect(call)
    await asyncio.sleep(5)
    assert call.state is State.TALKING

    other = exchange.board.place(BOB, ALICE, AGENT)
    exchange.carrier.broken = CarrierError("memory", "no answer", retryable=True)
    await asyncio.sleep(0.5)
    exchange.board.answered(other, "CA10")
    exchange.connect(other)
    await asyncio.sleep(5)
    assert other.state is State.TALKING
