"""What was to be said to the engine while no session was on, kept for the next one.

A session that is opened is briefed with the conversation so far; what comes after the brief, and before the session is
on, would be lost between the two.
"""

from dataclasses import dataclass
from typing import Final

from offhook.calls.engine import EngineSession

KEPT_LIMIT: Final = 100
"""Opening a session takes seconds; who says more than this in that time says it in vain."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A reply that somebody wanted. See ``EngineSession.respond``."""

    instructions: str | None = None
    tools: bool = True


class Unsaid:
    """Takes what an EngineSession takes, and keeps it."""

    __slots__ = ("_answers", "_notes", "_wish")

    def __init__(self) -> None:
        self._notes: list[str] = []
        self._answers: list[tuple[str, str]] = []
        self._wish: Wish | None = None

    def tell(self, text: str) -> None:
        """A note for the model."""
        if len(self._notes) < KEPT_LIMIT:
            self._notes.append(text)

    def answer(self, call_id: str, output: str) -> None:
        """What a tool answered."""
        if len(self._answers) < KEPT_LIMIT:
            self._answers.append((call_id, output))

    def respond(self, instructions: str | None = None, *, tools: bool = True) -> None:
        """A reply is due; of several the latest counts."""
        self._wish = Wish(instructions, tools)

    def briefed(self) -> None:
        """The conversation up to now is in a brief: notes and answers need not be said again."""
        self._notes.clear()
        self._answers.clear()

    def deliver(self, session: EngineSession) -> None:
        """Say it all, but do not ask for the reply."""
        for call_id, output in self._answers:
            session.answer(call_id, output)
        for text in self._notes:
            session.tell(text)
        self.briefed()

    def take_wish(self) -> Wish | None:
        """The reply that is due, once."""
        wish, self._wish = self._wish, None
        return wish
