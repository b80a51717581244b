"""What stays of the call: ``call.wav``, ``call.json`` and ``call.svg``; beside them the example keeps its database."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import pcmu_to_pcm16
from offhook.audio.wav import write_wav
from offhook.demo.recording import Recording

WAV_NAME: Final = "call.wav"
JSON_NAME: Final = "call.json"
SVG_NAME: Final = "call.svg"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where it is."""

    wav: Path
    json: Path
    svg: Path


def keep(folder: Path, recording: Recording, detail_json: bytes, svg: bytes) -> Kept:
    """Write the files. OSError if they cannot be written."""
    kept = Kept(folder / WAV_NAME, folder / JSON_NAME, folder / SVG_NAME)
    write_wav(kept.wav, PCMU_8K.rate_hz, pcmu_to_pcm16(recording.caller), pcmu_to_pcm16(recording.agent))
    kept.json.write_bytes(msgspec.json.format(detail_json, indent=2) + b"\n")
    kept.svg.write_bytes(svg)
    return kept
