"""What is loaded by whom: most who test need neither a gateway nor a recogniser."""

import subprocess
import sys

import pytest

import offhook.testing

SPEECH = ("pocketsphinx", "onnxruntime", "espeakng_loader", "offhook.recognisers.sphinx", "offhook.voices.espeak")


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("from offhook.testing.clock import SteppedClock", {*SPEECH, "fastapi", "rapidfuzz", "httpx", "pytest"}),
        ("from offhook.testing import typed_call", {*SPEECH, "fastapi", "pytest"}),
        ("from offhook.testing import phone_call", {*SPEECH, "pytest"}),
    ],
)
def test_no_more_is_loaded_than_is_needed(statement: str, unwanted: set[str]) -> None:
    assert not unwanted & loaded_by(statement)


@pytest.mark.parametrize("name", offhook.testing.__all__)
def test_each_name_can_be_had_twice(name: str) -> None:
    # Once loaded, a module of the same name would stand in the way.
    first, second = getattr(offhook.testing, name), getattr(offhook.testing, name)
    assert first is second
    assert first.__name__ == name


def test_there_are_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'phone_cal'"):
        offhook.testing.phone_cal  # noqa: B018
