from base64 import b64decode
from pathlib import Path

import pytest

from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import pcmu_to_pcm16
from offhook.audio.wav import write_wav
from offhook.errors import AudioError
from offhook.loadtest.far_end.ears import Ears, Started, Stopped
from offhook.loadtest.far_end.tones import tone
from offhook.loadtest.load.recording import SILENT_PAYLOAD, Recording


def quiet(duration_ms: int) -> bytes:
    return PCMU_8K.silence(duration_ms)


def test_it_is_cut_at_pauses() -> None:
    recording = Recording.of(quiet(100) + tone(500, 600) + quiet(800) + tone(500, 400) + quiet(300))

    assert [len(sentence) * 20 for sentence in recording.sentences] == [600, 400]
    assert len(recording.frames) * 20 == 2200


def test_a_short_pause_is_part_of_a_sentence() -> None:
    recording = Recording.of(tone(500, 400) + quiet(300) + tone(500, 400))

    assert [len(sentence) * 20 for sentence in recording.sentences] == [1100]


def test_a_click_is_no_sentence() -> None:
    with pytest.raises(AudioError, match="nobody speaks"):
        Recording.of(quiet(500) + tone(500, 100) + quiet(500))


def test_a_file_can_be_said(tmp_path: Path) -> None:
    write_wav(tmp_path / "mine.wav", 8000, pcmu_to_pcm16(tone(500, 600)))

    assert len(Recording.read(tmp_path / "mine.wav").sentences) == 1


def test_a_silent_file_is_named(tmp_path: Path) -> None:
    write_wav(tmp_path / "mute.wav", 8000, bytes(16_000))

    with pytest.raises(AudioError, match=r"mute\.wav"):
        Recording.read(tmp_path / "mute.wav")


def test_the_one_in_the_box_is_speech_that_turn_detection_hears_as_four_turns() -> None:
    recording = Recording.in_the_box()
    ears = Ears(silence_duration_ms=500)
    heard: list[type] = []
    for sentence in recording.sentences:
        for payload in (*sentence, *[SILENT_PAYLOAD] * 30):
            heard += [type(decision) for decision in ears.hear(b64decode(payload))]

    assert heard == [Started, Stopped] * 4
    assert all(1000 <= len(sentence) * 20 <= 3000 for sentence in recording.sentences)
    assert sum(map(len, recording.frames)) * 3 // 4 < 80_000
