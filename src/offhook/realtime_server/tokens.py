"""What a response costs, roughly: sound by its length, text by its letters.

Sound of the caller is 1 token per 100 ms and sound of the model 1 per 50 ms (OpenAI, "Managing costs", Realtime
guide). Text is counted as 1 token per 4 characters, which is a rule of thumb and not the vendor's tokenizer.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

CALLER_MS_PER_TOKEN = 100
MODEL_MS_PER_TOKEN = 50
CHARACTERS_PER_TOKEN = 4


def caller_tokens(duration_ms: float) -> int:
    """Of that much sound of the caller."""
    return ceil(duration_ms / CALLER_MS_PER_TOKEN)


def model_tokens(duration_ms: float) -> int:
    """Of that much sound of the model."""
    return ceil(duration_ms / MODEL_MS_PER_TOKEN)


def text_tokens(text: str) -> int:
    """Of a text."""
    return ceil(len(text) / CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Of sound and of text."""

    audio: int = 0
    text: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.audio + other.audio, self.text + other.text)

    def __sub__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.audio - other.audio, self.text - other.text)

    @property
    def total(self) -> int:
        """Both."""
        return self.audio + self.text


NO_TOKENS = Tokens()


def usage(context: Tokens, cached: Tokens, output: Tokens) -> dict[str, Any]:
    """The ``usage`` of response.done. ``cached`` is the part of ``context`` that the response before also read."""
    return {
        "total_tokens": context.total + output.total,
        "input_tokens": context.total,
        "output_tokens": output.total,
        "input_token_details": {
            "text_tokens": context.text,
            "audio_tokens": context.audio,
            "image_tokens": 0,
            "cached_tokens": cached.total,
            "cached_tokens_details": {
                "text_tokens": cached.text,
                "audio_tokens": cached.audio,
                "image_tokens": 0,
            },
        },
        "output_token_details": {"text_tokens": output.text, "audio_tokens": output.audio},
    }
