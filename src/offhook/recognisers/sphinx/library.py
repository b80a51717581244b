"""The C functions of pocketsphinx, called through ctypes.

The wheel's own Python binding holds the interpreter's lock while it decodes: two threads get no more done than one.
The shared object inside the wheel exports the C API, and ctypes lets the lock go: two threads do twice as much. Names,
arguments and results are those of ``pocketsphinx.h`` of 5.1, and only of 5.1: a wrong signature here is a crash of the
process, not an exception, so ``pyproject.toml`` pins 5.1. (https://github.com/cmusphinx/pocketsphinx, BSD)

Two things of the library belong to the process, not to a decoder. Its log is silent (``loglevel``), and must not be
sent to a file (``logfn``): doing that from two threads has been seen to hang. And an error that it deems fatal ends the
process: give it only files that we wrote.
"""

import ctypes
import os
import threading
from collections.abc import Sequence
from ctypes import POINTER, c_char_p, c_double, c_int, c_int32, c_size_t, c_void_p
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from offhook.errors import RecogniserError

INIT_LOCK: Final = threading.Lock()
"""Held around ``ps_init``: one at a time in a process, as it sets what is the process's."""

_SIGNATURES: Final[dict[str, tuple[Any, Sequence[Any]]]] = {
    "ps_config_init": (c_void_p, (c_void_p,)),
    "ps_config_free": (c_int, (c_void_p,)),
    "ps_config_set_str": (c_void_p, (c_void_p, c_char_p, c_char_p)),
    "ps_config_set_bool": (c_void_p, (c_void_p, c_char_p, c_int)),
    "ps_config_set_float": (c_void_p, (c_void_p, c_char_p, c_double)),
    "ps_init": (c_void_p, (c_void_p,)),
    "ps_free": (c_int, (c_void_p,)),
    "ps_load_dict": (c_int, (c_void_p, c_char_p, c_char_p, c_char_p)),
    "ps_add_lm_file": (c_int, (c_void_p, c_char_p, c_char_p)),
    "ps_get_lm": (c_void_p, (c_void_p, c_char_p)),
    "ngram_wid": (c_int32, (c_void_p, c_char_p)),
    "ngram_bg_score": (c_int32, (c_void_p, c_int32, c_int32, POINTER(c_int32))),
    "ngram_tg_score": (c_int32, (c_void_p, c_int32, c_int32, c_int32, POINTER(c_int32))),
    "ps_activate_search": (c_int, (c_void_p, c_char_p)),
    "ps_remove_search": (c_int, (c_void_p, c_char_p)),
    "ps_set_cmn": (c_int, (c_void_p, c_char_p)),
    "ps_start_stream": (c_int, (c_void_p,)),
    "ps_start_utt": (c_int, (c_void_p,)),
    "ps_process_raw": (c_int, (c_void_p, c_char_p, c_size_t, c_int, c_int)),
    "ps_end_utt": (c_int, (c_void_p,)),
    "ps_get_hyp": (c_char_p, (c_void_p, POINTER(c_int32))),
    "ps_get_n_frames": (c_int, (c_void_p,)),
    "ps_seg_iter": (c_void_p, (c_void_p,)),
    "ps_seg_next": (c_void_p, (c_void_p,)),
    "ps_seg_word": (c_char_p, (c_void_p,)),
    "ps_seg_frames": (None, (c_void_p, POINTER(c_int), POINTER(c_int))),
    "ps_seg_prob": (c_int32, (c_void_p, POINTER(c_int32), POINTER(c_int32), POINTER(c_int32))),
}


@cache
def pocketsphinx() -> ctypes.CDLL:
    """The library, with its functions typed.

    RecogniserError if the wheel is not installed, or is not of the version this is written for.
    """
    found = sorted(_package().glob("_pocketsphinx*.so"))
    if not found:
        raise RecogniserError("sphinx", f"there is no _pocketsphinx*.so in {_package()}")
    try:
        library = ctypes.CDLL(os.fspath(found[0]))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise RecogniserError("sphinx", f"pocketsphinx 5.1 is needed: {error}") from error
    return library


def model() -> Path:
    """The folder of the American English model of the wheel. RecogniserError if the wheel is not installed."""
    return _package() / "model" / "en-us"


@cache
def _package() -> Path:
    # Not imported: that would load the other binding, and a sound card's library with it.
    spec = find_spec("pocketsphinx")
    if spec is None or not spec.submodule_search_locations:
        raise RecogniserError("sphinx", "pocketsphinx is not installed; it comes with: pip install 'offhook[local]'")
    return Path(next(iter(spec.submodule_search_locations)))
