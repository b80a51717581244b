import gc
import json
import signal
import weakref
from pathlib import Path

import pytest
from benchmarks.peers.observed import VARIABLE, tell


class Ring:
    """Only Python's collector can free it."""

    def __init__(self) -> None:
        self.itself = self


async def test_garbage_is_collected_before_objects_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "observed.json"
    monkeypatch.setenv(VARIABLE, str(file))
    gc.disable()
    try:
        left = weakref.ref(Ring())
        assert left() is not None
        tell(signal.SIGUSR1, None)
    finally:
        gc.enable()
    assert left() is None
    told = json.loads(file.read_text())
    assert told["tasks"] >= 1
    assert told["objects"] > 0
