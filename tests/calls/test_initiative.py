"""What the agent says without having been spoken to. Most of it is tested where it shows: in test_call.py."""

from math import inf

from offhook.calls import asked
from offhook.calls.bridge import LOST, Bridge
from offhook.calls.conversation import AgentSaid, CallerSaid, Conversation
from offhook.calls.initiative import FAILED_REPLIES_LIMIT, FIRST_RETRY_S, Initiative
from offhook.calls.turns import Turns
from offhook.testing.clock import SteppedClock
from offhook.testing.memory_engine import AskedToReply, MemorySession
from offhook.testing.memory_leg import MemoryLeg


class Agents:
    def __init__(self, greeting: str = "Hello!") -> None:
        self.clock = SteppedClock()
        self.bridge = Bridge(Turns(), queue_ms=1000, clock=self.clock, tell=lambda event: None)
        self.session = MemorySession()
        self.bridge.attach_leg(MemoryLeg(self.clock))
        self.bridge.attach_session(self.session)
        self.conversation = Conversation()
        self.initiative = Initiative(greeting, self.bridge, self.conversation, self.clock)

    def step(self, seconds: float) -> None:
        self.clock.step(seconds)
        self.initiative.on_time(self.clock())


GREET = AskedToReply(asked.greet("Hello!"), tools=False)


def test_it_greets_until_the_greeting_was_heard() -> None:
    agents = Agents()
    agents.initiative.begin()
    agents.initiative.begin()  # the first session was lost before it said a word
    agents.initiative.sounded()
    agents.initiative.begin()

    assert agents.session.asked == [GREET, GREET]


def test_without_a_greeting_it_waits_for_the_caller() -> None:
    agents = Agents(greeting="")
    agents.initiative.begin()

    assert agents.session.asked == []


def test_it_goes_on_where_the_line_was_lost() -> None:
    agents = Agents(greeting="")
    agents.initiative.line_lost()
    agents.initiative.begin()
    agents.initiative.begin()

    assert agents.session.asked == [AskedToReply(asked.LINE_WAS_LOST)]


def test_a_caller_who_waits_for_an_answer_gets_one_from_the_next_session() -> None:
    for last in (CallerSaid("c1", "When do you open?", 0), AgentSaid("a1", "We open", 0, 100, 50, cut=True)):
        agents = Agents(greeting="")
        agents.conversation.put(last)
        agents.initiative.begin()

        assert agents.session.asked == [AskedToReply()]


def test_a_failed_greeting_is_asked_for_again_as_a_greeting() -> None:
    agents = Agents()
    agents.initiative.begin()
    assert not agents.initiative.reply_done("failed")
    agents.step(FIRST_RETRY_S)

    assert agents.session.asked == [GREET, GREET]


def test_failed_replies_are_asked_for_ever_more_slowly_and_not_for_ever() -> None:
    agents = Agents(greeting="")
    waited_s = []
    while not agents.initiative.hopeless:
        agents.initiative.reply_done("failed")
        waited_s.append(agents.initiative.deadline() - agents.clock())
        agents.step(waited_s[-1])

    assert waited_s == [FIRST_RETRY_S * 2**n for n in range(FAILED_REPLIES_LIMIT)]
    assert len(agents.session.asked) == FAILED_REPLIES_LIMIT


def test_a_reply_that_succeeds_makes_the_failures_forgotten() -> None:
    agents = Agents(greeting="")
    for _ in range(3 * FAILED_REPLIES_LIMIT):
        agents.initiative.reply_done("failed")
        agents.initiative.reply_done("completed")

    assert not agents.initiative.hopeless


def test_a_caller_who_speaks_meanwhile_is_answered_instead() -> None:
    agents = Agents(greeting="")
    agents.initiative.reply_done("failed")
    agents.initiative.caller_took()

    assert agents.initiative.deadline() == inf


def test_an_incomplete_reply_without_a_sound_came_to_nothing() -> None:
    agents = Agents(greeting="")
    assert not agents.initiative.reply_done("incomplete")
    agents.initiative.sounded()
    assert agents.initiative.reply_done("incomplete")
    agents.initiative.tool_called()
    assert agents.initiative.reply_done("incomplete")


def test_a_reply_that_was_lost_with_its_session_is_asked_of_the_next() -> None:
    agents = Agents(greeting="")
    agents.bridge.detach_session()
    agents.initiative.reply_done(LOST)
    new = MemorySession()
    agents.bridge.attach_session(new)
    agents.initiative.begin()

    assert new.asked == [AskedToReply()]
