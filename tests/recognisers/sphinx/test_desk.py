import threading
from collections.abc import Callable, Iterator

import pytest

from offhook.recognisers.sphinx.desk import Desk

LONG_S = 5.0


class Work:
    """Notes its turns in a list that all share; ``more`` says how many it still wants."""

    def __init__(self, name: str, had: list[str], more: int = 0, then: Callable[[], None] = lambda: None) -> None:
        self.name = name
        self.had = had
        self.more = more
        self.then = then
        self.finished = threading.Event()

    def turn(self) -> bool:
        self.had.append(self.name)
        self.then()
        self.more -= 1
        if self.more < 0:
            self.finished.set()
        return self.more >= 0


class Held:
    """A turn that lasts until it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def turn(self) -> bool:
        self.reached.set()
        self.let_go.wait(LONG_S)
        return False


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk("under test")
    yield made
    made.close()


def test_those_who_wait_get_their_turns_one_after_another(desk: Desk) -> None:
    had: list[str] = []
    held, one, two, three = Held(), Work("one", had), Work("two", had, more=1), Work("three", had)
    desk.submit(held)
    assert held.reached.wait(LONG_S)
    for work in (one, two, three, one):
        desk.submit(work)
    held.let_go.set()

    assert two.finished.wait(LONG_S)
    assert had == ["one", "two", "three", "two"]


def test_the_urgent_come_first_and_in_order_among_themselves(desk: Desk) -> None:
    had: list[str] = []
    held, last = Held(), Work("last", had)
    works = {name: Work(name, had) for name in ("a", "b", "c")}
    desk.submit(held)
    assert held.reached.wait(LONG_S)
    desk.submit(works["a"])
    desk.submit(last)
    for name in "bca":
        desk.submit(works[name], urgent=True)
    desk.submit(works["b"])
    held.let_go.set()

    assert last.finished.wait(LONG_S)
    assert had == ["b", "c", "a", "last"]


def test_a_desk_that_only_waits_or_works_is_not_lost(desk: Desk) -> None:
    held = Held()
    assert not desk.is_lost(0.0)
    desk.submit(held)
    assert held.reached.wait(LONG_S)

    assert not desk.is_lost(60.0)
    assert desk.at is held
    held.let_go.set()


def test_a_turn_that_takes_too_long_loses_the_desk_for_good(desk: Desk) -> None:
    held, after = Held(), Work("after", [])
    desk.submit(held)
    assert held.reached.wait(LONG_S)
    desk.submit(after)

    assert desk.is_lost(0.0)
    assert desk.at is held
    held.let_go.set()
    desk.close()
    assert desk.is_lost(60.0)
    assert after.had == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_loses_the_desk(desk: Desk) -> None:
    def die() -> None:
        raise SystemExit

    work = Work("last", [], then=die)
    desk.submit(work)
    desk._thread.join(LONG_S)

    assert desk.is_lost(60.0)
    assert desk.at is work


def test_one_that_was_closed_is_not_lost() -> None:
    closed = Desk("closed")
    closed.close()

    assert not closed.is_lost(60.0)


def test_who_waits_when_it_closes_still_gets_a_turn() -> None:
    had: list[str] = []
    desk, held = Desk("closing"), Held()
    desk.submit(held)
    assert held.reached.wait(LONG_S)
    desk.submit(Work("one", had))
    desk.submit(Work("two", had), urgent=True)
    threading.Timer(0.05, held.let_go.set).start()
    desk.close()

    assert had == ["two", "one"]
