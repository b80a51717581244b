import json
import wave
from pathlib import Path

import msgspec
from tests.demo import evening

from offhook.demo.kept import keep


def test_the_files_hold_the_call(tmp_path: Path) -> None:
    recording = evening.recording()
    kept = keep(tmp_path, recording, msgspec.json.encode(evening.call()), b"<svg/>")

    with wave.open(str(kept.wav)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        assert file.getnframes() == len(recording.caller)
    assert json.loads(kept.json.read_text())["transcript"][2]["heard_ms"] == evening.HEARD_MS
    assert len(kept.json.read_text().splitlines()) > 20
    assert kept.svg.read_bytes() == b"<svg/>"
