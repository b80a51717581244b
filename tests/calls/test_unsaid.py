from offhook.calls.unsaid import KEPT_LIMIT, Unsaid, Wish
from offhook.testing.memory_engine import Answered, MemorySession, Told


def test_what_was_to_be_said_is_said_to_the_next_session() -> None:
    unsaid, session = Unsaid(), MemorySession()
    unsaid.tell("The payment has arrived.")
    unsaid.answer("t1", "always")
    unsaid.deliver(session)

    assert session.asked == [Answered("t1", "always"), Told("The payment has arrived.")]


def test_it_is_said_once() -> None:
    unsaid, session = Unsaid(), MemorySession()
    unsaid.tell("once")
    unsaid.deliver(MemorySession())
    unsaid.deliver(session)

    assert session.asked == []


def test_what_the_brief_holds_is_not_said_again() -> None:
    unsaid, session = Unsaid(), MemorySession()
    unsaid.tell("before")
    unsaid.answer("t1", "before")
    unsaid.briefed()
    unsaid.tell("after")
    unsaid.deliver(session)

    assert session.asked == [Told("after")]


def test_a_brief_does_not_fulfil_a_wish() -> None:
    unsaid = Unsaid()
    unsaid.respond("Say hello.", tools=False)
    unsaid.respond("Say goodbye.", tools=False)
    unsaid.briefed()
    unsaid.deliver(MemorySession())

    assert unsaid.take_wish() == Wish("Say goodbye.", tools=False)
    assert unsaid.take_wish() is None


def test_no_more_is_kept_than_makes_sense() -> None:
    unsaid, session = Unsaid(), MemorySession()
    for number in range(KEPT_LIMIT + 10):
        unsaid.tell(str(number))
        unsaid.answer(str(number), "")
    unsaid.deliver(session)

    assert len(session.asked) == 2 * KEPT_LIMIT
