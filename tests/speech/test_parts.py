import tomllib
from pathlib import Path

import pytest

from offhook.errors import EngineError
from offhook.speech import parts


def test_the_parts_are_those_of_the_extra() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    named = {line.partition(">")[0].replace("-", "_") for line in project["project"]["optional-dependencies"]["local"]}
    assert named == set(parts.PARTS)


def test_what_is_missing_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "find_spec", lambda name: None if name == "onnxruntime" else object())
    with pytest.raises(EngineError, match=r"not installed: onnxruntime; run: pip install 'offhook\[local\]'"):
        parts.require_parts()


def test_nothing_is_missing_here() -> None:
    parts.require_parts()
