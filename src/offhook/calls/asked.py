"""What the model is asked to say when the call, and not the caller, wants something said."""

from typing import Final

ARE_YOU_THERE: Final = "The caller has said nothing for a while. Ask in one short sentence if they are still there."
NOBODY_ANSWERS: Final = "The caller does not answer any more. Say goodbye in one short sentence."
TIME_IS_UP: Final = (
    "This call has reached its maximum length. Tell the caller so and say goodbye, in one short sentence."
)
LINE_WAS_LOST: Final = (
    "The line broke for a moment and the caller is back. Say so in a few words, and go on where you were interrupted."
)


def greet(greeting: str) -> str:
    """The first words of a call."""
    return f"Greet the caller with exactly these words: {greeting}"


def keys_pressed(keys: str) -> str:
    """A note, not a request: what the caller typed."""
    return f"The caller pressed these keys on the telephone: {keys}"
