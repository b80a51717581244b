"""Makes the recordings of the demo again: ``python -m offhook.demo.sounds.make_sounds [DIR]``.

Needs the program ``flite`` (in Debian, the package of that name). The demo itself does not: its sounds are shipped.
"""

import struct
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from offhook.audio.formats import PCM16_8K, PCMU_8K
from offhook.audio.g711 import pcm16_to_pcmu
from offhook.audio.wav import read_wav
from offhook.demo.scenario import AGENT_LINES, CALLER_LINES, Spoken

Samples = NDArray[np.float64]

AGENT_VOICE: Final = ("slt", 0.92)
"""The voice of Flite, and how much slower (above 1) or faster it speaks than usual."""
CALLER_VOICE: Final = ("rms", 0.88)

BAND_HZ: Final = (200.0, 300.0, 3400.0, 3600.0)
"""Nothing passes below the first and above the last, all between the middle two; about as ITU-T G.712 has it."""
SPEECH_DBFS: Final = -20.0
PEAK_DBFS: Final = -1.0
SPEECH_RANGE_DB: Final = 25.0
"""Windows that much below the loudest one are pauses, and do not count for the level of the speech."""
WINDOW: Final = 160
"""Samples: 20 ms."""
MARGIN: Final = 640
"""Samples kept before the first and behind the last sound: 80 ms."""

_MULAW: Final = 7


def main(arguments: list[str]) -> None:
    """Write one file for each line into the folder named, or beside this module."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    for lines, (voice, stretch) in ((AGENT_LINES, AGENT_VOICE), (CALLER_LINES, CALLER_VOICE)):
        for line in lines:
            sound = pcm16_to_pcmu(_on_the_telephone(_speak(line, voice, stretch)))
            path = folder / f"{line.name}.wav"
            path.write_bytes(_wav(sound))
            total += path.stat().st_size
            print(f"{path.name:24} {len(sound) / PCMU_8K.rate_hz:5.1f} s  {line.text}")
    print(f"{total} bytes together")


def _speak(line: Spoken, voice: str, stretch: float) -> Samples:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        subprocess.run(
            ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-t", line.text, "-o", str(path)],
            check=True,
        )
        _, sound = read_wav(path, PCM16_8K)
    return np.frombuffer(sound, dtype="<i2").astype(np.float64) / 32768


def _on_the_telephone(samples: Samples) -> bytes:
    """Limit to the band, trim to the speech, bring to the level."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(samples.size, 1 / PCM16_8K.rate_hz)
    samples = np.fft.irfft(spectrum * np.interp(hz, BAND_HZ, (0.0, 1.0, 1.0, 0.0)), samples.size)
    levels = _window_levels(samples)
    spoken = np.flatnonzero(levels > levels.max() - SPEECH_RANGE_DB)
    start = max(0, int(spoken[0]) * WINDOW - MARGIN)
    samples = samples[start : (int(spoken[-1]) + 1) * WINDOW + MARGIN]
    gain_db = min(SPEECH_DBFS - _rms_dbfs(levels[spoken]), PEAK_DBFS - 20 * np.log10(np.abs(samples).max()))
    return bytes((samples * 10 ** (gain_db / 20) * 32767).astype("<i2").tobytes())


def _window_levels(samples: Samples) -> Samples:
    windows = samples[: samples.size // WINDOW * WINDOW].reshape(-1, WINDOW)
    return np.asarray(10 * np.log10(np.mean(windows**2, axis=1) + 1e-12))


def _rms_dbfs(levels: Samples) -> float:
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))


def _wav(sound: bytes) -> bytes:
    form = struct.pack("<HHIIHHH", _MULAW, 1, PCMU_8K.rate_hz, PCMU_8K.bytes_per_second, 1, 8, 0)
    fact = struct.pack("<I", len(sound))
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"fact", fact) + _chunk(b"data", sound)
    return _chunk(b"RIFF", body)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


if __name__ == "__main__":
    main(sys.argv[1:])
