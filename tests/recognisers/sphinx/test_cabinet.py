import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest
from tests.recognisers.sphinx.decoders import FakeDecoder

from offhook.errors import RecogniserError
from offhook.recognisers.sphinx import cabinet as cabinets
from offhook.recognisers.sphinx import shelf
from offhook.recognisers.sphinx.cabinet import AnyDecoder, Cabinet
from offhook.recognisers.sphinx.decoder import ModelFiles
from offhook.recognisers.vocabulary import Vocabulary

ONE = Vocabulary(["hello"], small_talk=False)
OTHER = Vocabulary(["goodbye"], small_talk=False)
LONG_S = 10.0

Open = Callable[..., Cabinet]


@pytest.fixture(autouse=True)
def small_dictionary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Instead of one that takes 50 ms to read."""
    (tmp_path / "cmudict-en-us.dict").write_text("goodbye G UH D B AY\nhello HH AH L OW\n")
    monkeypatch.setattr(shelf, "model", lambda: tmp_path)


@pytest.fixture
def opened() -> Iterator[Open]:
    made: list[Cabinet] = []

    def open_one(
        make: Callable[[], AnyDecoder] = FakeDecoder, *, first: int = 1, most: int = 2, hang_s: float = 30.0
    ) -> Cabinet:
        cabinet = Cabinet(first=first, most=most, make=make, hang_s=hang_s)
        cabinet.start()
        made.append(cabinet)
        return cabinet

    yield open_one
    for cabinet in made:
        cabinet.close()


class Bell:
    """A call back, and what it was called with."""

    def __init__(self) -> None:
        self.rung: Queue[Exception | None] = Queue()

    def __call__(self, error: Exception | None) -> None:
        self.rung.put(error)

    def wait(self) -> Exception | None:
        return self.rung.get(timeout=LONG_S)


def leased(cabinet: Cabinet, vocabulary: Vocabulary = ONE) -> AnyDecoder:
    """Ask until there is one."""
    bell = Bell()
    while (got := cabinet.lease(vocabulary, bell)) is None:
        assert bell.wait() is None
    return got[0]


def prepared(cabinet: Cabinet, vocabulary: Vocabulary) -> Exception | None:
    bell = Bell()
    cabinet.prepare(vocabulary, bell)
    return bell.wait()


def test_who_brings_an_unknown_vocabulary_is_called_back_when_its_files_are_written(opened: Open) -> None:
    cabinet, bell = opened(), Bell()

    assert cabinet.lease(ONE, bell) is None
    assert bell.wait() is None
    assert prepared(cabinet, OTHER) is None
    got = cabinet.lease(OTHER, bell) or cabinet.lease(OTHER, bell)
    assert got is not None
    assert got[1].digest == OTHER.digest
    assert got[1].lm.exists()
    assert got[1].dictionary.exists()


def test_decoders_are_made_up_to_the_most_and_the_next_who_comes_waits_for_one(opened: Open) -> None:
    cabinet, bell = opened(first=1, most=2), Bell()
    one, two = leased(cabinet), leased(cabinet)

    assert one is not two
    assert cabinet.lease(ONE, bell) is None
    assert cabinet.decoders == 2
    assert bell.rung.empty()
    cabinet.give_back(one)
    assert bell.wait() is None
    assert leased(cabinet) is one


@pytest.mark.parametrize("wants", ["a decoder", "a vocabulary"])
def test_who_speaks_does_not_wait_for_the_vocabularies_of_new_agents(
    opened: Open, monkeypatch: pytest.MonkeyPatch, wants: str
) -> None:
    cabinet, speaking = opened(first=1, most=2), Bell()
    leased(cabinet)
    write, written, slow = cabinet._shelf.files, list[Vocabulary](), threading.Semaphore(0)

    def files(vocabulary: Vocabulary) -> ModelFiles:
        slow.acquire(timeout=LONG_S)
        written.append(vocabulary)
        return write(vocabulary)

    monkeypatch.setattr(cabinet._shelf, "files", files)
    new = [Vocabulary([text], small_talk=False) for text in ("hello goodbye", "goodbye hello", "goodbye goodbye")]
    for vocabulary in new:
        cabinet.prepare(vocabulary, Bell())
    assert cabinet.lease(ONE if wants == "a decoder" else OTHER, speaking) is None
    for _ in range(0 if wants == "a decoder" else 2):  # one is being written already
        slow.release()

    assert speaking.wait() is None
    assert new[2] not in written
    for _ in new:
        slow.release()


def test_each_one_given_back_calls_one_who_waits_in_the_order_they_came(opened: Open) -> None:
    cabinet, bells = opened(most=2), [Bell(), Bell()]
    one, two = leased(cabinet), leased(cabinet)
    for bell in bells:
        assert cabinet.lease(ONE, bell) is None

    cabinet.give_back(one)
    assert bells[0].wait() is None
    assert bells[1].rung.empty()
    cabinet.give_back(two)
    assert bells[1].wait() is None


def test_the_decoder_that_knows_the_vocabulary_is_preferred(opened: Open) -> None:
    cabinet = opened(first=2)
    one, two = leased(cabinet), leased(cabinet)
    files = cabinet._shelf.files
    one.fit(files(ONE))
    two.fit(files(OTHER))
    cabinet.give_back(one)
    cabinet.give_back(two)

    for vocabulary, known in ((ONE, one), (OTHER, two), (ONE, one)):
        assert leased(cabinet, vocabulary) is known
        cabinet.give_back(known)


def test_one_that_failed_is_closed_and_another_is_made(opened: Open) -> None:
    cabinet = opened(most=1)
    first = leased(cabinet)
    assert isinstance(first, FakeDecoder)
    cabinet.discard(first)

    assert first.is_closed
    assert leased(cabinet) is not first
    assert cabinet.decoders == 1


def test_one_that_was_lost_is_replaced_and_closed_only_if_it_comes_back(opened: Open) -> None:
    cabinet = opened(most=1)
    first = leased(cabinet)
    assert isinstance(first, FakeDecoder)
    cabinet.lose(first)

    second = leased(cabinet)
    assert second is not first
    assert not first.is_closed
    cabinet.give_back(first)
    assert first.is_closed
    assert cabinet.decoders == 1


def test_when_none_can_be_made_those_who_wait_and_those_who_come_are_told(opened: Open) -> None:
    def make() -> AnyDecoder:
        raise RecogniserError("sphinx", "no model", code="failed")

    cabinet, bell = opened(make), Bell()
    assert prepared(cabinet, ONE) is None
    try:
        assert cabinet.lease(ONE, bell) is None
        assert isinstance(bell.wait(), RecogniserError)
    except RecogniserError:
        pass  # the keeper was faster

    with pytest.raises(RecogniserError, match=r"there is no decoder: .*no model") as refused:
        cabinet.lease(ONE, bell)
    assert refused.value.code == "failed"


def test_making_is_tried_again_however_often_somebody_asks(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cabinets, "RETRY_S", 0.1)
    made: list[AnyDecoder] = []

    def make() -> AnyDecoder:
        made.append(FakeDecoder())
        if 1 < len(made) < 4:
            raise OSError("no memory")
        return made[-1]

    cabinet, bell = opened(make, most=2), Bell()
    first, asked = leased(cabinet), threading.Event()

    def ask() -> None:
        while not asked.wait(0.005):
            cabinet.lease(ONE, bell)

    asking = threading.Thread(target=ask)
    asking.start()
    assert bell.wait() is None
    asked.set()
    asking.join()
    assert made[-1] is not first
    assert cabinet.decoders == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("kind", ["dies", "hangs"])
def test_a_keeper_that_dies_or_hangs_is_replaced(opened: Open, kind: str) -> None:
    reached, held, tries = threading.Event(), threading.Event(), list[int]()

    def make() -> AnyDecoder:
        tries.append(1)
        if len(tries) == 1:
            reached.set()
            if kind == "dies":
                raise SystemExit
            held.wait(LONG_S)
        return FakeDecoder()

    cabinet = opened(make, most=2, hang_s=0.0)
    doomed = cabinet._keeper
    assert reached.wait(LONG_S)
    if kind == "dies":
        doomed.join(LONG_S)
    assert cabinet.is_lost()
    cabinet.start()
    one = leased(cabinet)
    held.set()
    doomed.join(LONG_S)

    assert not doomed.is_alive()
    assert leased(cabinet) is not one
    assert cabinet.decoders == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whose_vocabulary_the_keeper_had_when_it_was_lost_is_told(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    cabinet, bell = opened(), Bell()

    def die(_: Vocabulary) -> None:
        raise SystemExit

    monkeypatch.setattr(cabinet._shelf, "files", die)
    doomed = cabinet._keeper
    cabinet.prepare(ONE, bell)
    doomed.join(LONG_S)
    monkeypatch.undo()
    cabinet.start()

    error = bell.wait()
    assert isinstance(error, RecogniserError)
    assert error.code == "lost"
    assert prepared(cabinet, ONE) is None


def test_a_vocabulary_that_cannot_be_written_does_not_keep_others_from_it(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    cabinet = opened()

    def fail(_: Vocabulary) -> None:
        raise KeyError("unforeseen")

    with monkeypatch.context() as patch:
        patch.setattr(cabinet._shelf, "files", fail)
        assert isinstance(prepared(cabinet, ONE), KeyError)
    assert prepared(cabinet, ONE) is None


def test_closing_tells_those_who_wait_and_closes_what_comes_back(opened: Open) -> None:
    cabinet, bell = opened(first=2, most=2), Bell()
    one, two = leased(cabinet), leased(cabinet)
    assert isinstance(one, FakeDecoder)
    assert isinstance(two, FakeDecoder)
    cabinet.give_back(two)
    leased(cabinet)
    assert cabinet.lease(ONE, bell) is None
    cabinet.give_back(two)
    assert bell.wait() is None
    assert cabinet.lease(ONE, bell) is not None
    assert cabinet.lease(ONE, bell) is None
    cabinet.close()

    error = bell.wait()
    assert isinstance(error, RecogniserError)
    assert error.code == "lost"
    assert not one.is_closed
    cabinet.give_back(one)
    assert one.is_closed
    for ask in (cabinet.lease, cabinet.prepare):
        with pytest.raises(RecogniserError, match="closed"):
            ask(ONE, bell)
