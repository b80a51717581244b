"""Whole calls: a caller, the gateway, and an engine, over real sockets."""

import asyncio
from typing import Any

from tests.gateway import CALLER, DIALLED, Network, network
from tests.waiting import eventually

from offhook.agents.agent import Agent
from offhook.agents.policies import BargeIn, TurnDetection
from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, ToolUsed
from offhook.calls.view import CallDetail
from offhook.door.webhooks import TRANSFER_FAILED
from offhook.loadtest.far_end import Faults, Reply, Script, ToolCall
from offhook.loadtest.far_end.rehearsal import VOICE_HZ
from offhook.loadtest.far_end.tones import tone
from offhook.loadtest.twilio import AfterStream, Behaviour, Line, Outcome, Status
from offhook.loadtest.twilio.track import SILENCE
from offhook.loadtest.twilio.twiml import Dial

QUICK = TurnDetection(silence_ms=100, prefix_ms=0)
"""The caller's turn ends with a short pause, so that tests do."""
WORD = tone(VOICE_HZ, 160)
"""What a caller says."""
LONG_MS = 20_000


def agent(**more: Any) -> Agent:
    given: dict[str, Any] = {"greeting": "Hello there.", "turn_detection": QUICK} | more
    return Agent(**given)


def said(call: CallDetail, kind: type[Entry]) -> list[Any]:
    return [entry for entry in call.transcript if isinstance(entry, kind)]


async def heard(net: Network, line: Line, text: str) -> AgentSaid:
    """The agent's turn with these words, once the caller has heard it to its end."""

    def found() -> list[AgentSaid]:
        return [
            entry
            for entry in said(net.of(line), AgentSaid)
            if entry.text == text and entry.sound_ms and entry.heard_ms == entry.sound_ms
        ]

    await eventually(found)
    return found()[0]


async def speak(line: Line) -> None:
    line.say(WORD)
    await line.spoken()


# ---- a call --------------------------------------------------------------------------------------------------------


async def test_a_caller_is_greeted_answered_interrupts_has_something_looked_up_and_hangs_up() -> None:
    asked: list[str] = []
    desk = agent(name="desk")

    @desk.tool
    async def hours(day: str) -> str:
        """Opening hours.

        Args:
            day: of the week
        """
        asked.append(day)
        return "9 to 5"

    looks_up = Reply(
        tool_calls=(ToolCall("hours", '{"day":"mon"}'),), after_tools=Reply("Nine to five.", duration_ms=300)
    )
    script = Script(
        greeting=Reply("Hello there.", duration_ms=300),
        replies=(Reply("It is a long story. " * 5, duration_ms=LONG_MS), looks_up),
        heard=("Tell me.", "When do you open on Monday?"),
        pace=8,
    )
    async with network(script, desk) as net:
        line = await net.connected()
        await heard(net, line, "Hello there.")
        await speak(line)
        await eventually(lambda: line.played_ms >= 300 + 400)
        await speak(line)
        await heard(net, line, "Nine to five.")
        line.hang_up()
        call = await net.ended(line)
        session = net.far_end.sessions[0]

    greeting, question, story, other, tool, answer = call.transcript
    assert (question.text, other.text) == ("Tell me.", "When do you open on Monday?")  # type: ignore[union-attr]
    assert isinstance(greeting, AgentSaid)
    assert not greeting.cut
    assert isinstance(story, AgentSaid)
    assert story.cut
    assert 400 <= story.heard_ms < story.sound_ms
    assert isinstance(tool, ToolUsed)
    assert (tool.name, tool.status, tool.output) == ("hours", "done", "9 to 5")
    assert isinstance(answer, AgentSaid)
    assert asked == ["mon"]
    assert (call.end_reason, line.status, line.verbs) == ("caller_hung_up", Status.COMPLETED, ["Connect"])
    assert (call.agent, call.engine, call.caller, call.dialled) == ("desk", "openai", CALLER, DIALLED)
    assert len(call.timings.replies_ms) == 2
    assert call.timings.answer_ms is not None
    assert call.usage["total_tokens"] > 0
    assert [cut.audio_end_ms for cut in session.truncations] == [story.heard_ms]
    assert session.errors == []
    assert session.is_over
    assert line.debugger.codes == ()


async def test_a_cough_does_not_cut_a_reply_where_the_agent_waits() -> None:
    script = Script(greeting=Reply("Hello there.", duration_ms=900))
    async with network(script, agent(barge_in=BargeIn(hold_ms=600))) as net:
        line = await net.connected()
        await eventually(lambda: line.played_ms > 100)
        line.say(tone(VOICE_HZ, 100))
        await heard(net, line, "Hello there.")

        assert net.far_end.sessions[0].truncations == []


async def test_the_agent_says_goodbye_and_hangs_up_when_that_was_heard() -> None:
    async def one(rest: bool) -> None:
        goodbye = Reply("Goodbye, then.", duration_ms=300, tool_calls=(ToolCall("end_call"),))
        script = Script(greeting=Reply("Hello there.", duration_ms=100), replies=(goodbye,))
        async with network(script, agent(), rest=rest) as net:
            line = await net.connected()
            await heard(net, line, "Hello there.")
            await speak(line)
            call = await net.ended(line)

        assert (call.end_reason, line.status) == ("agent_hung_up", Status.COMPLETED)
        last = said(call, AgentSaid)[-1]
        assert (last.text, last.heard_ms, last.cut) == ("Goodbye, then.", 300, False)
        assert said(call, ToolUsed)[0].name == "end_call"
        assert line.played_ms == 400

    await asyncio.gather(one(rest=True), one(rest=False))


async def test_keys_reach_the_agent() -> None:
    pressed: list[str] = []
    desk = agent()

    @desk.on_digit
    async def key(digit: str, call: Any) -> None:
        pressed.append(digit)
        if digit == "#":
            await call.hang_up()

    async with network(agent=desk) as net:
        line = await net.connected()
        for digit in "12#":
            line.press(digit)
        call = await net.ended(line)

    assert pressed == ["1", "2", "#"]
    assert call.end_reason == "agent_hung_up"


# ---- transfer ------------------------------------------------------------------------------------------------------


TRANSFER = ToolCall("transfer_call", '{"to":"+15550003333"}')
CONNECTS = Script(
    greeting=Reply("Hello there.", duration_ms=200),
    replies=(Reply("I am connecting you.", duration_ms=300, tool_calls=(TRANSFER,)),),
)


async def test_a_caller_is_connected_to_somebody_else() -> None:
    async def one(rest: bool) -> None:
        async with network(CONNECTS, agent(transfer_to=["+15550003333"]), public=rest, rest=rest) as net:
            line = await net.connected()
            await heard(net, line, "Hello there.")
            await speak(line)
            await eventually(lambda: line.transferred_to)
            assert isinstance(line.transferred_to, Dial)
            assert line.transferred_to.number == "+15550003333"
            assert line.played_ms == 500
            assert net.of(line).end_reason == "transferred"

            line.far_party_hangs_up()
            await line.until_ended()
            assert line.verbs[-2:] == ["Dial", "Hangup"]

    await asyncio.gather(one(rest=True), one(rest=False))


async def test_a_caller_whom_nobody_takes_is_told_so() -> None:
    behaviour = Behaviour(dial_outcome=Outcome.NO_ANSWER)
    async with network(CONNECTS, agent(transfer_to=["+15550003333"]), public=True, behaviour=behaviour) as net:
        line = await net.connected()
        await heard(net, line, "Hello there.")
        await speak(line)
        await line.until_ended()

    assert line.sentences == [TRANSFER_FAILED]


# ---- an engine that fails ------------------------------------------------------------------------------------------


async def test_a_caller_whose_engine_cannot_be_reached_hears_a_sentence() -> None:
    async def one(public: bool, rest: bool) -> None:
        async with network(
            agent=agent(apology="So sorry."), public=public, rest=rest, faults=Faults(refuse_status=401)
        ) as net:
            line = await net.ring()
            call = await net.ended(line)

        assert call.end_reason == "engine_failed"
        # Perhaps twice: a stream that was on its way ends, and Twilio asks, while it is being told to ask.
        assert set(line.sentences) == {"So sorry."}
        assert (line.verbs[-1], line.status) == ("Hangup", Status.COMPLETED)

    await asyncio.gather(one(True, True), one(False, True), one(False, False))


async def test_so_does_one_whose_engine_does_not_come_in_time() -> None:
    async def one(faults: Faults) -> None:
        async with network(agent=agent(), public=True, faults=faults, engine_connect_seconds=0.4) as net:
            line = await net.ring()
            call = await net.ended(line)

        assert call.end_reason == "engine_failed"
        assert line.sentences == [Agent().apology]

    await asyncio.gather(one(Faults(refuse_status=503)), one(Faults(withhold_updated=True)))


async def test_so_does_one_whose_account_has_no_money() -> None:
    faults = Faults(fail_response=1, fail_code="insufficient_quota")
    async with network(agent=agent(), public=True, faults=faults) as net:
        line = await net.ring()
        call = await net.ended(line)
        sessions = len(net.far_end.sessions)

    assert (call.end_reason, sessions) == ("engine_failed", 1)
    assert line.sentences == [Agent().apology]


FIRST = Script(
    greeting=Reply("Hello there.", duration_ms=200),
    replies=(Reply("It is a long story. " * 5, duration_ms=800),),
    heard=("Tell me.",),
    pace=8,
    delta_ms=100,
)
SECOND = Script(
    replies=(Reply("Where was I?", duration_ms=200), Reply("Quite.", duration_ms=200)), heard=("Really?", "Bye.")
)


async def test_an_engine_that_is_lost_in_a_reply_is_replaced_and_the_next_one_goes_on() -> None:
    async def one(close_code: int | None) -> None:
        loss = Faults(close_in_reply=2, close_code=close_code)
        async with network(
            lambda number: SECOND if number else FIRST, agent(), faults=lambda number: Faults() if number else loss
        ) as net:
            line = await net.connected()
            await heard(net, line, "Hello there.")
            await speak(line)
            await heard(net, line, "Where was I?")
            told = net.far_end.sessions[1].items[:3]
            assert [entry.item.role for entry in told] == ["assistant", "user", "assistant"]
            texts = [(entry.item.content or [])[0].text or "" for entry in told]
            assert texts[:2] == ["Hello there.", "Tell me."]
            assert texts[2].startswith("It is a long story.")

            await speak(line)
            await heard(net, line, "Quite.")
            line.hang_up()
            call = await net.ended(line)

        assert [entry.text for entry in said(call, CallerSaid)] == ["Tell me.", "Really?"]
        assert (call.end_reason, len(line.streams), len(net.far_end.sessions)) == ("caller_hung_up", 1, 2)

    await asyncio.gather(one(1011), one(None))


async def test_an_engine_session_that_expires_in_silence_is_replaced_and_nobody_notices() -> None:
    async with network(
        lambda number: SECOND if number else FIRST,
        agent(),
        faults=lambda number: Faults() if number else Faults(expire_after_s=0.5),
    ) as net:
        line = await net.connected()
        await heard(net, line, "Hello there.")
        await eventually(lambda: len(net.far_end.sessions) == 2)
        await eventually(lambda: net.far_end.sessions[1].items)
        assert line.played_ms == 200
        await speak(line)
        await heard(net, line, "Where was I?")
        line.hang_up()
        await net.ended(line)

    assert net.far_end.sessions[1].errors == []


# ---- a line that breaks --------------------------------------------------------------------------------------------


async def test_a_line_that_breaks_comes_back_to_the_same_call_and_the_same_engine() -> None:
    script = Script(
        greeting=Reply("Hello there.", duration_ms=200),
        replies=(
            Reply("It is a long story. " * 5, duration_ms=LONG_MS),
            Reply("There you are again.", duration_ms=300),
            Reply("As I was saying.", duration_ms=300),
        ),
        heard=("Tell me.", "Go on."),
        pace=8,
    )
    async with network(script, agent()) as net:
        line = await net.connected()
        await heard(net, line, "Hello there.")
        before = net.of(line).id
        await speak(line)
        await eventually(lambda: line.played_ms > 400)
        line.drop()
        await line.until_streaming(2)
        await eventually(lambda: net.of(line).state == "talking")
        played_ms = line.streams[0].played_ms
        assert line.verbs == ["Connect", "Connect"]
        assert net.of(line).id == before
        await eventually(lambda: line.streams[1].played_ms >= 300)

        await speak(line)
        await eventually(lambda: "Go on." in [entry.text for entry in said(net.of(line), CallerSaid)])
        line.hang_up()
        call = await net.ended(line)
        [session] = net.far_end.sessions

    story = said(call, AgentSaid)[1]
    assert story.cut
    assert [(cut.item_id, cut.audio_end_ms) for cut in session.truncations][:1] == [(story.id, story.heard_ms)]
    assert abs(story.heard_ms + 200 - played_ms) <= 250
    assert session.errors == []


async def test_a_line_that_does_not_come_back_ends_the_call() -> None:
    behaviour = Behaviour(after_loss=AfterStream.NOTHING)
    async with network(agent=agent(), behaviour=behaviour, public=True, resume_seconds=0.3) as net:
        line = await net.connected()
        line.drop()
        call = await net.ended(line)

    assert call.end_reason == "line_lost"
    assert line.status is Status.COMPLETED


# ---- outbound ------------------------------------------------------------------------------------------------------


async def test_a_call_that_is_placed_is_answered_and_held() -> None:
    script = Script(greeting=Reply("Hello there.", duration_ms=200), replies=(Reply("Fine.", duration_ms=200),))
    async with network(script, agent(), public=True, dial_allow="*", twilio_number=DIALLED) as net:
        placed = (await net.http.post("/api/calls", json={"to": CALLER})).json()
        await eventually(lambda: net.twilio.lines)
        [line] = net.twilio.lines
        await line.until_streaming()
        await heard(net, line, "Hello there.")
        await speak(line)
        await heard(net, line, "Fine.")
        await net.http.delete(f"/api/calls/{placed['id']}")
        call = await net.ended(line)
        await line.callbacks_sent()

    assert (call.id, call.direction, call.end_reason) == (placed["id"], "outbound", "operator_hung_up")
    assert len(net.far_end.sessions) == 1
    assert [told.form["CallStatus"] for told in line.callback_log] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]


async def test_a_call_that_nobody_answers_costs_no_engine() -> None:
    behaviour = Behaviour(calls_per_second=100, outbound_answer=Outcome.BUSY)
    async with network(agent=agent(), public=True, dial_allow="*", twilio_number=DIALLED, behaviour=behaviour) as net:
        await net.http.post("/api/calls", json={"to": CALLER})
        await eventually(lambda: net.running.calls[0].state == "ended")

        assert net.running.calls[0].end_reason == "not_answered"
        assert net.far_end.sessions == []


# ---- what was really heard -----------------------------------------------------------------------------------------


POSITIONS_MS = tuple(range(200, 1000, 40))
"""Where 20 replies are interrupted, two on each of ten calls."""
PER_CALL = 2
ONE_MARK_MS = 200


async def test_twenty_interruptions_are_each_truncated_at_what_was_really_heard() -> None:
    talker = Script(
        greeting=Reply("On and on. " * 20, duration_ms=LONG_MS),
        replies=tuple(Reply(f"Story {n}. " * 20, duration_ms=LONG_MS) for n in range(PER_CALL)),
        pace=4,
        think_ms=150,
    )
    assert len(POSITIONS_MS) == 20
    plans = [POSITIONS_MS[n::10] for n in range(10)]
    async with network(talker, agent(), faults=Faults(late_deltas=5)) as net:
        errors_ms = [e for each in await asyncio.gather(*(interrupted(net, plan) for plan in plans)) for e in each]

    assert len(errors_ms) == 20
    assert max(map(abs, errors_ms)) <= ONE_MARK_MS, errors_ms


async def interrupted(net: Network, positions_ms: tuple[int, ...]) -> list[float]:
    """One call; how far each truncation was from the truth, in milliseconds."""
    line = await net.ring(f"+1555{positions_ms[0]:07}")
    stream = await line.until_streaming()
    await eventually(lambda: net.of(line).timings.engine_ms is not None)
    replies_ms: list[float] = []
    errors_ms = []
    for count, position_ms in enumerate(positions_ms, start=1):
        begun_ms = sum(replies_ms)
        await eventually(lambda: stream.played_ms - begun_ms >= position_ms)  # noqa: B023
        line.say(WORD)
        session = next(s for s in net.far_end.sessions if s.responses and s.responses[0].item_id in items_of(net, line))
        await net.far_end.until(lambda: len(session.truncations) == count)  # noqa: B023
        # The stand-in stopped at the clear, which came before; until the next reply it plays nothing.
        replies_ms.append(stream.played_ms - begun_ms)
        errors_ms.append(session.truncations[-1].audio_end_ms - replies_ms[-1])
    await eventually(lambda: stream.played_ms - sum(replies_ms) >= 300)
    line.hang_up()
    call = await net.ended(line)
    assert [entry.heard_ms for entry in said(call, AgentSaid)[: len(positions_ms)]] == [
        cut.audio_end_ms for cut in session.truncations[: len(positions_ms)]
    ]
    assert session.errors == []
    assert_nothing_else_was_heard(line, session, replies_ms)
    return errors_ms


def items_of(net: Network, line: Line) -> list[str]:
    return [entry.id for entry in net.of(line).transcript]


def assert_nothing_else_was_heard(line: Line, session: Any, replies_ms: list[float]) -> None:
    """Of each reply the caller heard its beginning, up to the cut, and then nothing of it any more."""
    told = line.heard().replace(SILENCE, b"")
    expected = b"".join(
        response.reply.sound[: round(played_ms * 8)]
        for response, played_ms in zip(session.responses, [*replies_ms, LONG_MS], strict=False)
    ).replace(SILENCE, b"")
    assert told == expected[: len(told)]
    assert len(told) > sum(replies_ms) * 7
