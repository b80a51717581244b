"""Makes ``src/offhook/loadtest/load/speech/callers.ulaw``. Run by hand, with the ``local`` extra; it is no test."""

import asyncio
from pathlib import Path

import offhook.loadtest.load
from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import pcm16_to_pcmu
from offhook.voices.espeak import EspeakVoice

SENTENCES = (
    "Good morning, I would like a table",
    "There will be four of us tonight",
    "Could we sit by the window please",
    "Thank you very much indeed",
)
PAUSE_MS = 600


async def main() -> None:
    voice = EspeakVoice()
    sounds = [pcm16_to_pcmu(await voice.speak_all(line, rate_hz=8000)) for line in SENTENCES]
    voice.close()
    pause = PCMU_8K.silence(PAUSE_MS)
    path = Path(offhook.loadtest.load.__file__).parent / "speech" / "callers.ulaw"
    path.write_bytes(b"".join(sound + pause for sound in sounds))
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    asyncio.run(main())
