import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.ears.networks import LOUD, SILENT, SOFT, FakeNetwork

from offhook.ears import vad as vads
from offhook.ears.silero import MAX_BATCH, Silero
from offhook.ears.vad import Seat, Vad
from offhook.errors import RecogniserError

Started = Callable[..., Awaitable[Vad]]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vads, "LOOK_S", 0.02)


@pytest.fixture
async def started() -> AsyncIterator[Started]:
    made: list[Vad] = []

    async def start(network: Silero, hang_s: float = 5.0) -> Vad:
        vad = Vad(make_network=lambda: network, hang_s=hang_s)
        await vad.start()
        made.append(vad)
        return vad

    yield start
    for vad in made:
        await vad.close()


class Caller:
    """A seat, and the answers to it."""

    def __init__(self, vad: Vad) -> None:
        self.answers: list[float | str | None] = []
        self.seat: Seat = vad.open(self.told)

    def told(self, answer: float | RecogniserError) -> None:
        self.answers.append(answer.code if isinstance(answer, RecogniserError) else answer)


async def until(so: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110 (threads tell the loop nothing of this)
            await asyncio.sleep(0.002)


async def test_answers_come_in_the_order_of_the_windows(started: Started) -> None:
    caller = Caller(await started(FakeNetwork()))
    for window in (LOUD, SOFT, SILENT, LOUD, SOFT):
        caller.seat.hear(window)
    await until(lambda: len(caller.answers) == 5)

    assert caller.answers == [0.9, 0.1, 0.0, 0.9, 0.1]


async def test_silence_does_not_go_through_the_network_unless_somebody_speaks(started: Started) -> None:
    vad = await started(FakeNetwork())
    caller = Caller(vad)
    caller.seat.hear(SILENT)
    assert caller.answers == [0.0]
    assert vad.windows == 0

    caller.seat.is_alert = True
    caller.seat.hear(SILENT)
    await until(lambda: len(caller.answers) == 2)
    assert caller.answers == [0.0, 0.1]
    assert (vad.windows, vad.batches) == (1, 1)


async def test_windows_that_come_together_go_together_at_most_so_many(started: Started) -> None:
    network = FakeNetwork()
    vad = await started(network)
    callers = [Caller(vad) for _ in range(MAX_BATCH + 6)]
    for caller in callers:
        caller.seat.hear(LOUD)
        caller.seat.hear(SOFT)
    await until(lambda: all(len(caller.answers) == 2 for caller in callers))

    assert network.batches[0] == MAX_BATCH
    assert sum(network.batches) == vad.windows == 2 * len(callers)
    assert max(network.batches) <= MAX_BATCH
    assert all(caller.answers == [0.9, 0.1] for caller in callers)


async def test_each_caller_has_a_memory_that_begins_anew_after_silence(started: Started) -> None:
    caller = Caller(await started(FakeNetwork()))
    for window in (LOUD, LOUD):
        caller.seat.hear(window)
    await until(lambda: len(caller.answers) == 2)
    memory = caller.seat._memory
    assert memory is not None
    assert memory.state.flat[0] == 2

    caller.seat.hear(SILENT)
    caller.seat.hear(LOUD)
    await until(lambda: len(caller.answers) == 4)
    assert caller.seat._memory is not None
    assert caller.seat._memory.state.flat[0] == 1


async def test_a_batch_that_fails_is_told_to_those_in_it_and_the_next_succeeds(started: Started) -> None:
    def fail(_: list[bytes]) -> None:
        raise ValueError("broken")

    network = FakeNetwork(fail)
    vad = await started(network)
    callers = [Caller(vad) for _ in range(3)]
    for caller in callers:
        for _ in range(3):
            caller.seat.hear(LOUD)
    await until(lambda: all(caller.answers for caller in callers))
    assert all(caller.answers == ["failed"] for caller in callers)  # the windows behind it are let go

    network.on_batch = lambda _: None
    for caller in callers:
        caller.seat.hear(LOUD)
    await until(lambda: all(len(caller.answers) == 2 for caller in callers))
    assert all(caller.answers == ["failed", 0.9] for caller in callers)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_thread_that_dies_is_replaced_and_its_callers_are_told(started: Started) -> None:
    def die(_: list[bytes]) -> None:
        raise SystemExit

    network = FakeNetwork(die)
    vad = await started(network)
    caller = Caller(vad)
    caller.seat.hear(LOUD)
    await until(lambda: caller.answers)
    assert caller.answers == ["lost"]

    network.on_batch = lambda _: None
    caller.seat.hear(LOUD)
    await until(lambda: len(caller.answers) == 2)
    assert caller.answers == ["lost", 0.9]


async def test_a_thread_that_hangs_is_replaced_and_what_it_says_later_is_nobodys(started: Started) -> None:
    network = FakeNetwork()
    network.on_batch = network.hold
    vad = await started(network, hang_s=0.1)
    caller, waiting = Caller(vad), Caller(vad)
    caller.seat.hear(LOUD)
    await until(network.is_held.is_set)
    waiting.seat.hear(SOFT)
    await until(lambda: caller.answers and waiting.answers)
    assert caller.answers == waiting.answers == ["lost"]

    network.on_batch = lambda _: None
    caller.seat.hear(LOUD)
    await until(lambda: len(caller.answers) == 2)
    network.let_go.set()
    waiting.seat.hear(LOUD)
    await until(lambda: len(waiting.answers) == 2)
    assert caller.answers == waiting.answers == ["lost", 0.9]


async def test_who_raises_when_told_keeps_no_other_from_being_told(started: Started) -> None:
    vad = await started(FakeNetwork())
    told: list[float | RecogniserError] = []

    def clumsy(answer: float | RecogniserError) -> None:
        told.append(answer)
        raise ValueError("clumsy")

    bad, good = vad.open(clumsy), Caller(vad)
    for _ in range(2):
        bad.hear(LOUD)
        good.seat.hear(LOUD)
    bad.hear(SOFT)
    await until(lambda: len(good.answers) == 2 and len(told) == 3)

    assert good.answers == [0.9, 0.9]
    assert told == [0.9, 0.9, 0.1]


async def test_nothing_is_told_of_a_seat_or_by_ears_that_were_closed(started: Started) -> None:
    network = FakeNetwork()
    network.on_batch = network.hold
    vad = await started(network)
    caller, other = Caller(vad), Caller(vad)
    caller.seat.hear(LOUD)
    other.seat.hear(LOUD)
    await until(network.is_held.is_set)
    caller.seat.close()
    network.let_go.set()
    await until(lambda: other.answers)
    assert caller.answers == []

    await vad.close()
    other.seat.hear(LOUD)
    await asyncio.sleep(0.05)
    assert other.answers == [0.9]
    await vad.close()


async def test_a_network_that_cannot_be_loaded_is_told_at_the_start() -> None:
    def fail() -> Silero:
        raise RecogniserError("ears", "no network")

    vad = Vad(make_network=fail)
    with pytest.raises(RecogniserError, match="no network"):
        await vad.start()
    await vad.close()
