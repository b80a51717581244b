"""What callers say in these tests: spoken by the wheel's espeak, through a telephone line. Each is made once."""

from functools import cache

import numpy as np

from offhook.audio.g711 import pcm16_to_pcmu, pcmu_to_pcm16
from offhook.audio.resample import resample
from offhook.recognisers import slots
from offhook.recognisers.sphinx.rehearsal import PEAK, Samples, telephone
from offhook.recognisers.vocabulary import Vocabulary
from offhook.voices.espeak_library import EspeakLibrary
from offhook.voices.names import Catalogue

CALLER = "en-us+klatt4"
"""A voice that the recogniser was not fitted on."""

RESTAURANT = Vocabulary(
    [
        "i would like to book a table for {guests} people on {day} at {time}",
        "a table for {guests} on {day} at {time} please",
        "{guests} people",
        "i want to cancel my reservation",
        "what are your opening hours",
        "thank you goodbye",
    ],
    {
        "guests": slots.number(1, 12),
        "day": slots.weekday(),
        "time": slots.choice(["7", "seven thirty", "eight", "half past eight", "nine o'clock"]),
    },
)
BOOKING = "a table for four on friday at seven thirty please"
CANCEL = "i want to cancel my reservation"
HOURS = "what are your opening hours"

ORDERS = Vocabulary(
    ["where is my order {number}", "my order number is {number}"], {"number": slots.digits(3, 6)}, small_talk=False
)
ORDER = "my order number is four two seven one"


@cache
def said(text: str, voice: str = CALLER) -> Samples:
    """At 16 kHz, without silence around it."""
    sound = bytearray()

    def take(piece: bytes, _: object) -> bool:
        sound.extend(piece)
        return True

    library = EspeakLibrary()
    try:
        library.choose(Catalogue(library.languages(), library.variants()).find(voice), 155)
        library.synthesise(text, take, end_pause=False)
    finally:
        library.close()
    speech = np.frombuffer(resample(bytes(sound), library.rate_hz, 16_000), np.int16).astype(float)
    loud: Samples = speech * (PEAK / np.abs(speech).max())
    return loud


@cache
def called(text: str, voice: str = CALLER, *, gain_db: float = 0.0, snr_db: float | None = None) -> bytes:
    """What arrives of it: PCM16 at 8 kHz that was µ-law, with 250 ms of silence before and 150 ms after."""
    return telephone(said(text, voice), np.random.default_rng(0), gain_db=gain_db, snr_db=snr_db)


@cache
def noise(rms: float, seconds: float) -> bytes:
    """White."""
    samples = np.random.default_rng(1).normal(0, rms, int(8000 * seconds))
    return pcmu_to_pcm16(pcm16_to_pcmu(np.clip(samples, -32768, 32767).astype(np.int16).tobytes()))
