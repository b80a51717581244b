import ctypes
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from offhook.errors import RecogniserError
from offhook.recognisers.sphinx import library
from offhook.recognisers.sphinx.library import model, pocketsphinx


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path | None], None]]:
    """Put another folder in the place of the wheel, or none."""

    def put(folder: Path | None) -> None:
        spec = ModuleSpec("pocketsphinx", None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        monkeypatch.setattr(library, "find_spec", lambda _: spec if folder else None)
        library._package.cache_clear()
        pocketsphinx.cache_clear()

    yield put
    monkeypatch.undo()
    library._package.cache_clear()
    pocketsphinx.cache_clear()


def test_the_wheel_has_all_functions_and_the_model() -> None:
    loaded = pocketsphinx()

    assert loaded.ps_init.restype is ctypes.c_void_p
    assert (model() / "en-us" / "mdef").exists()
    assert (model() / "cmudict-en-us.dict").exists()


@pytest.mark.parametrize("ask", [pocketsphinx, model])
def test_a_wheel_that_is_not_there_is_named_with_what_brings_it(
    ask: Callable[[], object], package: Callable[[Path | None], None]
) -> None:
    package(None)

    with pytest.raises(RecogniserError, match=r"pip install 'offhook\[local\]'"):
        ask()


def test_a_wheel_without_the_library_and_one_of_another_kind_are_refused(
    package: Callable[[Path | None], None], tmp_path: Path
) -> None:
    package(tmp_path)
    with pytest.raises(RecogniserError, match="there is no _pocketsphinx"):
        pocketsphinx()

    (tmp_path / "_pocketsphinx.so").write_bytes(b"no library")
    with pytest.raises(RecogniserError, match=r"pocketsphinx 5\.1 is needed"):
        pocketsphinx()
