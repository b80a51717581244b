import asyncio
from collections.abc import AsyncIterator, Callable
from math import inf

import pytest
import pytest_asyncio
from tests.ears.networks import LOUD, SILENT, SOFT, FakeNetwork
from tests.recognisers.telephone import BOOKING, CANCEL, called, noise

from offhook.ears import ear as ears
from offhook.ears import vad as vads
from offhook.ears.ear import LEAD_MS, MAX_WAITING_MS, TAIL_MS, Ear, EarEvent, EarFailed, Sound
from offhook.ears.endpointing import Endpointing, SpeechStarted, SpeechStopped
from offhook.ears.vad import Vad
from offhook.errors import AudioError, RecogniserError

pytestmark = pytest.mark.asyncio(loop_scope="module")

WINDOWS = {"#": LOUD, "-": SOFT, ".": SILENT}
BRISK = Endpointing(prefix_padding_ms=64, silence_duration_ms=320, min_speech_ms=96)
WINDOW_MS = 32


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def real() -> AsyncIterator[Vad]:
    """The network itself."""
    vad = Vad()
    await vad.start()
    yield vad
    await vad.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def fake() -> AsyncIterator[Vad]:
    """In which what is loud is speech."""
    vad = Vad(make_network=FakeNetwork)
    await vad.start()
    yield vad
    await vad.close()


class Listener:
    """An ear, and what it told."""

    def __init__(self, vad: Vad, settings: Endpointing | None = None) -> None:
        self.events: list[EarEvent] = []
        self.ear = Ear(vad, self.events.append, settings)

    async def hears(self, sound: bytes, frame_bytes: int = 320) -> None:
        """All of it, until it was judged."""
        whole_ms = self.ear.heard_ms + len(sound) // 512 * WINDOW_MS
        for at in range(0, len(sound), frame_bytes):
            self.ear.hear(sound[at : at + frame_bytes])
        await until(lambda: self.ear.heard_ms >= whole_ms)

    @property
    def turns(self) -> list[SpeechStarted | SpeechStopped]:
        return [event for event in self.events if isinstance(event, SpeechStarted | SpeechStopped)]

    @property
    def sound(self) -> bytes:
        return b"".join(event.pcm16_8k for event in self.events if isinstance(event, Sound))


async def until(so: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110 (nothing tells of sound in which nobody speaks)
            await asyncio.sleep(0.002)


def windows(pattern: str) -> bytes:
    return b"".join(WINDOWS[each] for each in pattern)


async def test_a_caller_is_heard_from_before_the_first_word_until_after_the_last(real: Vad) -> None:
    listener = Listener(real)
    sound = bytes(16_000) + called(BOOKING) + bytes(16_000)
    await listener.hears(sound)
    started, stopped = listener.turns

    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    assert 1000 + 250 - 300 - 100 <= started.start_ms <= 1000 + 250 - 300 + 100
    last_word_ms = 1000 + len(called(BOOKING)) // 16 - 150
    assert last_word_ms - 100 <= stopped.speech_end_ms <= last_word_ms + 200
    assert 500 <= stopped.end_ms - stopped.speech_end_ms < 500 + WINDOW_MS
    assert not listener.ear.speaks
    assert started.speech_start_ms - started.start_ms == 300
    at = sound.index(listener.sound[:4000])
    assert 0 <= at // 16 - max(started.start_ms, started.speech_start_ms - LEAD_MS) < WINDOW_MS
    assert sound[at : at + len(listener.sound)] == listener.sound
    end_ms = (at + len(listener.sound)) // 16
    assert TAIL_MS - WINDOW_MS <= end_ms - stopped.speech_end_ms <= TAIL_MS


@pytest.mark.parametrize("sound", [bytes(48_000), noise(30, 3), noise(300, 3), noise(3000, 3)])
async def test_silence_and_noise_are_not_heard(real: Vad, sound: bytes) -> None:
    listener = Listener(real)
    await listener.hears(sound)

    assert listener.events == []


async def test_frames_of_any_size_are_heard_alike(real: Vad) -> None:
    sound = called(CANCEL) + bytes(12_000)
    heard = []
    for frame_bytes in (320, 2, 640, 514, len(sound)):
        listener = Listener(real)
        await listener.hears(sound, frame_bytes)
        heard.append((listener.turns, listener.sound))

    assert len(heard[0][0]) == 2
    assert all(each == heard[0] for each in heard)


async def test_many_callers_hear_each_their_own(real: Vad) -> None:
    sounds = [called(CANCEL), called(BOOKING), noise(300, 2), called(CANCEL, snr_db=20)] * 5
    alone = []
    for sound in sounds[:4]:
        listener = Listener(real)
        await listener.hears(sound + bytes(12_000))
        alone.append((listener.turns, listener.sound))
    before = real.windows, real.batches
    listeners = [Listener(real) for _ in sounds]
    tasks = [each.hears(sound + bytes(12_000)) for each, sound in zip(listeners, sounds, strict=True)]
    await asyncio.gather(*tasks)

    assert [(each.turns, each.sound) for each in listeners] == alone * 5
    assert real.windows - before[0] > 5 * (real.batches - before[1])


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("......", ""),
        ("..##...", ""),
        ("...###", "SPEECH ..###"),
        ("...-###", "SPEECH .-###"),
        ("###", "SPEECH ###"),
        ("-###---------", "SPEECH -###-----"),  # 160 ms of the pause
        ("-###----------", "SPEECH -###----- STOP"),
        ("-###--------#", "SPEECH -###--------#"),  # the rest of the pause comes after all
        ("-###-----------###", "SPEECH -###----- STOP SPEECH -###"),
        ("-###----------###", "SPEECH -###----- STOP SPEECH ###"),  # the pause belongs to nobody
    ],
)
async def test_what_belongs_to_an_utterance_is_told_and_nothing_else(fake: Vad, pattern: str, told: str) -> None:
    listener = Listener(fake, BRISK)
    await listener.hears(windows(pattern))
    names = {SpeechStarted: "SPEECH ", SpeechStopped: " STOP "}
    codes = {window: code for code, window in WINDOWS.items()}
    text = ""
    for event in listener.events:
        if isinstance(event, Sound):
            text += "".join(codes[event.pcm16_8k[at : at + 512]] for at in range(0, len(event.pcm16_8k), 512))
        else:
            text += names[type(event)]

    assert text.strip() == told


async def test_while_somebody_speaks_silence_is_judged_too(fake: Vad) -> None:
    listener = Listener(fake, BRISK)
    await listener.hears(windows("###...."))
    judged = fake.windows
    await listener.hears(windows("......"))
    assert fake.windows == judged + 6
    assert listener.turns[-1] == SpeechStopped(13 * 32, 96)
    await listener.hears(windows("......"))

    assert fake.windows == judged + 6


async def test_a_reset_forgets_who_spoke(fake: Vad) -> None:
    listener = Listener(fake, BRISK)
    await listener.hears(windows("#####"))
    assert listener.ear.speaks
    listener.ear.reset()
    assert not listener.ear.speaks
    listener.events.clear()
    await listener.hears(windows("---------------###"))

    assert listener.turns == [SpeechStarted(20 * 32 - 64, 20 * 32)]
    assert listener.sound == windows("--###")


async def test_settings_may_change_in_the_middle_of_a_call(fake: Vad) -> None:
    listener = Listener(fake, BRISK)
    await listener.hears(windows("###----"))
    listener.ear.settings = Endpointing(silence_duration_ms=160)
    await listener.hears(windows("-"))

    assert listener.turns == [SpeechStarted(0, 0), SpeechStopped(256, 96)]
    assert listener.ear.settings.silence_duration_ms == 160


async def test_half_a_sample_is_refused_and_the_ear_goes_on(fake: Vad) -> None:
    listener = Listener(fake, BRISK)
    with pytest.raises(AudioError):
        listener.ear.hear(b"odd")
    await listener.hears(windows("###"))

    assert listener.turns == [SpeechStarted(0, 0)]


@pytest.mark.parametrize("when", ["before", "in a callback", "while something is judged"])
async def test_nothing_is_told_after_it_was_closed(fake: Vad, when: str) -> None:
    events: list[EarEvent] = []

    def tell(event: EarEvent) -> None:
        events.append(event)
        ear.close()

    ear = Ear(fake, tell, BRISK)
    if when == "before":
        ear.close()
    ear.hear(windows("..#"))
    if when == "while something is judged":
        ear.close()
    ear.hear(windows("#########" * 10))
    windows_before = -1
    while windows_before != fake.windows:
        windows_before = fake.windows
        await asyncio.sleep(0.05)

    for _ in range(MAX_WAITING_MS // WINDOW_MS + 2):
        ear.hear(LOUD)

    assert events == ([SpeechStarted(0, 64)] if when == "in a callback" else [])


async def test_more_sound_than_can_wait_is_told_once_and_the_ear_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ears, "MAX_WAITING_MS", 320)
    network = FakeNetwork()
    network.on_batch = network.hold
    vad = Vad(make_network=lambda: network)
    await vad.start()
    listener = Listener(vad, BRISK)
    for _ in range(12):
        listener.ear.hear(LOUD)

    assert [event.error.code for event in listener.events if isinstance(event, EarFailed)] == ["overloaded"]
    assert listener.ear.heard_ms == 11 * 32
    network.let_go.set()
    network.on_batch = lambda _: None
    await until(lambda: listener.ear.heard_ms == 12 * 32)
    await listener.hears(windows("##"))
    assert listener.turns == [SpeechStarted(11 * 32, 11 * 32)]
    await vad.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("kind", "code"), [("dies", "lost"), ("hangs", "lost"), ("fails", "failed")])
async def test_ears_whose_thread_was_lost_are_told_and_go_on(
    monkeypatch: pytest.MonkeyPatch, kind: str, code: str
) -> None:
    monkeypatch.setattr(vads, "LOOK_S", 0.02)
    network = FakeNetwork()
    vad = Vad(make_network=lambda: network, hang_s=0.1 if kind == "hangs" else inf)
    await vad.start()

    def trouble(batch: list[bytes]) -> None:
        network.on_batch = lambda _: None
        if kind == "dies":
            raise SystemExit
        if kind == "fails":
            raise RuntimeError("no memory")
        network.hold(batch)

    listeners = [Listener(vad, BRISK) for _ in range(3)]
    for listener in listeners:
        await listener.hears(windows("####"))
    network.on_batch = trouble
    for listener in listeners:
        listener.ear.hear(windows("##"))
    await until(lambda: all(isinstance(listener.events[-1], EarFailed) for listener in listeners))

    for listener in listeners:
        (failed,) = [event for event in listener.events if isinstance(event, EarFailed)]
        assert isinstance(failed.error, RecogniserError)
        assert failed.error.code == code
        assert not listener.ear.speaks
        assert listener.ear.heard_ms == 6 * 32
        listener.events.clear()
        await listener.hears(windows("-----####----------"))
        assert listener.turns == [SpeechStarted(9 * 32, 11 * 32), SpeechStopped(25 * 32, 15 * 32)]
    network.let_go.set()
    await vad.close()
