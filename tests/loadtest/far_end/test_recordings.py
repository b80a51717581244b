from pathlib import Path

import pytest

from offhook.audio.g711 import pcmu_to_pcm16
from offhook.audio.wav import write_wav
from offhook.errors import AudioError
from offhook.loadtest.far_end.recordings import read_replies
from offhook.loadtest.far_end.tones import tone


def record(folder: Path, name: str, hz: float) -> bytes:
    sound = tone(hz, 300)
    write_wav(folder / name, 8000, pcmu_to_pcm16(sound))
    return sound


def test_files_become_replies_in_the_order_of_their_names(tmp_path: Path) -> None:
    second = record(tmp_path, "02 goodbye.wav", 800)
    first = record(tmp_path, "01_we_are_open.WAV", 600)
    hello = record(tmp_path, "greeting.wav", 400)
    (tmp_path / "notes.txt").write_text("not a recording")

    greeting, replies = read_replies(tmp_path)

    assert [(reply.text, reply.sound) for reply in replies] == [("we are open", first), ("goodbye", second)]
    assert greeting is not None
    assert greeting.sound == hello


def test_a_name_of_digits_alone_is_the_text(tmp_path: Path) -> None:
    record(tmp_path, "7.wav", 400)

    assert read_replies(tmp_path)[1][0].text == "7"


def test_a_folder_without_replies_is_refused(tmp_path: Path) -> None:
    record(tmp_path, "greeting.wav", 400)

    with pytest.raises(ValueError, match="no reply in"):
        read_replies(tmp_path)


def test_a_file_that_is_no_recording_is_named(tmp_path: Path) -> None:
    (tmp_path / "01 broken.wav").write_bytes(b"nonsense")

    with pytest.raises(AudioError, match="01 broken"):
        read_replies(tmp_path)
