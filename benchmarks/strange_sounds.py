"""What is said about other things, and what is no speech at all: made from numbers, the same every time.

Sounds are PCM16 at 8 kHz.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from offhook.audio.g711 import pcm16_to_pcmu, pcmu_to_pcm16
from offhook.recognisers.sphinx.rehearsal import Samples, telephone, to_pcm16

_SECONDS = 3

NEAR_MISSES: Final = (
    "we had dinner with four people on friday",
    "let us go to the cinema on saturday at eight",
    "my sister is open to new ideas",
    "the meeting was moved to thursday at nine o'clock",
    "there is a table in the kitchen and a chair",
    "he told me to order my thoughts",
    "one two three four five six seven eight nine ten",
    "two and two makes four",
    "the water in the lake was cold last sunday",
    "she has a credit for the film",
    "i like to play cards with my uncle on sundays",
    "the rent in this city is much too high",
)
"""Other things, in the agents' own words: the recogniser may well believe them, and the dialogue should not."""

OUT_OF_DOMAIN: Final = """\
the quick brown fox jumps over the lazy dog
my favourite film is about a spaceship and a robot
she walked along the river with her brother last winter
please remember to buy carrots and a loaf of bread
what is the weather like in london this afternoon
tell me a joke about elephants
the president gave a long speech about climate change
how do i fix a leaking kitchen tap
do you know any good songs by the beatles
my grandmother used to live in a small village near the sea
the train to manchester was delayed because of snow
i think that mathematics is more beautiful than poetry
can you help me translate this letter into spanish
we painted the bedroom walls a pale shade of green
who won the football match yesterday
the doctor said i should drink less coffee
his new bicycle was stolen outside the library
play some relaxing music
could you explain how photosynthesis works
turn off the lights in the kitchen
there is a strange noise coming from the engine
i lost my umbrella on the bus again
what is the capital of australia
her daughter studies chemistry at the university
the museum has a wonderful collection of old clocks
add milk butter and eggs to my shopping list
our neighbours have a very noisy dog
set an alarm for my medicine
the bridge was closed after the storm
send a message to my sister saying happy birthday
""".splitlines()

STRANGE_WORDS: Final = """\
banana
good luck
bicycle
my little brother
orange juice
elephant
look at that
purple flowers
scissors
umbrella
kitchen sink
fantastic
chocolate cake
mathematics
under the bridge
""".splitlines()
"""Out of domain and short: little to judge by."""

FOREIGN: Final = {
    "de": (
        "ich möchte gerne einen tisch für vier personen reservieren",
        "wie wird das wetter morgen in hamburg",
        "guten tag können sie mir bitte helfen",
    ),
    "fr-fr": (
        "je voudrais réserver une table pour quatre personnes",
        "bonjour est ce que vous parlez français",
        "où est ma commande s'il vous plaît",
    ),
    "es": (
        "quisiera reservar una mesa para cuatro personas",
        "buenos días necesito hablar con alguien",
        "cuánto dinero tengo en mi cuenta",
    ),
    "pt-br": ("eu gostaria de falar com um atendente", "onde está o meu pedido"),
    "it": ("vorrei prenotare un tavolo per quattro persone", "dove si trova la stazione centrale"),
    "pl": ("chciałbym zarezerwować stolik na jutro wieczorem", "gdzie jest moje zamówienie"),
}


def over_the_line(samples: Samples) -> bytes:
    return pcmu_to_pcm16(pcm16_to_pcmu(to_pcm16(samples)))


def noises() -> Iterator[tuple[str, bytes]]:
    """White, pink and brown, soft to deafening; in bursts; and what a line makes itself."""
    chance = np.random.default_rng(3)
    size = 8000 * _SECONDS
    for rms in (100, 500, 2000, 8000):
        white = chance.normal(0, 1, size)
        spectrum = np.fft.rfft(chance.normal(0, 1, size))
        pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), size)
        brown = np.convolve(chance.normal(0, 1, size), np.ones(20) / 20, "same")
        for name, noise in (("white", white), ("pink", pink), ("brown", brown)):
            yield f"{name} noise, {rms}", over_the_line(noise / noise.std() * rms)
    for number in range(4):
        gate = np.repeat(chance.random(30) > 0.5, size // 30)
        yield f"bursts {number}", over_the_line(chance.normal(0, 2500, size) * gate)
    at = np.arange(size) / 8000
    yield "dial tone", over_the_line(4000 * (np.sin(2 * np.pi * 350 * at) + np.sin(2 * np.pi * 440 * at)))
    busy = 4000 * (np.sin(2 * np.pi * 480 * at) + np.sin(2 * np.pi * 620 * at))
    yield "busy tone", over_the_line(busy * (at % 1 < 0.5))
    keys = 4000 * (np.sin(2 * np.pi * 770 * at) + np.sin(2 * np.pi * 1336 * at))
    yield "keys", over_the_line(keys * (at % 0.4 < 0.2))
    yield "hum", over_the_line(2000 * np.sign(np.sin(2 * np.pi * 100 * at)))


def music() -> Iterator[tuple[str, bytes]]:
    """Chords, tunes with a drum, and something like singing."""
    chance = np.random.default_rng(4)
    rate, seconds = 16_000, 4
    for number in range(8):
        sound = np.zeros(rate * seconds)
        beat = int(rate * (0.25, 0.4, 0.5, 0.3)[number % 4])
        for start in range(0, len(sound), beat):
            for _ in range(1 + number % 3):
                at = np.arange(min(beat * 3 // 2, len(sound) - start)) / rate
                pitch = 220 * 2 ** (chance.choice([0, 2, 4, 5, 7, 9, 11, 12, 14, 16]) / 12)
                tones = [np.sin(2 * np.pi * pitch * n * at) / n ** (1 + 0.3 * (number % 2)) for n in range(1, 8)]
                sound[start : start + len(at)] += np.sum(tones, axis=0) * np.exp(-at * (3 + number % 4))
            if number % 2:
                drum = np.arange(min(800, len(sound) - start))
                sound[start : start + len(drum)] += chance.normal(0, 1, len(drum)) * np.exp(-drum / 150)
        yield f"music {number}", telephone(sound / np.abs(sound).max() * 9000, chance)
    for number, vowel in enumerate(((700, 1200, 2600), (300, 2200, 3000), (500, 900, 2500), (400, 1700, 2600))):
        size = rate * seconds
        pitch = np.repeat(chance.choice([196, 220, 247, 262, 294, 330], 8), size // 8)
        pitch = pitch * (1 + 0.02 * np.sin(2 * np.pi * 5.5 * np.arange(size) / rate))
        buzz = 2 * (np.cumsum(pitch) / rate % 1) - 1
        hertz = np.fft.rfftfreq(size, 1 / rate)
        shape = np.sum([1 / (1 + ((hertz - formant) / 80) ** 2) for formant in vowel], axis=0)
        sung = np.fft.irfft(np.fft.rfft(buzz) * shape, size)
        yield f"singing {number}", telephone(sung / np.abs(sung).max() * 9000, chance)


def shouted(speech: Samples, gain_db: float) -> bytes:
    """Far beyond full scale."""
    return telephone(speech, np.random.default_rng(0), gain_db=gain_db)


def both_at_once(one: Samples, other: Samples) -> bytes:
    """Two speakers, equally loud."""
    size = max(len(one), len(other))
    together = np.pad(one, (0, size - len(one))) + np.pad(other, (0, size - len(other)))
    return telephone(together * 0.8, np.random.default_rng(0))
