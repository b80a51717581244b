"""The replies that we ask a server for: one at a time, and the next when none is being made.

A server makes one reply at a time, and begins some by itself, when it has heard the caller. Ours may cross with those
on the way; then it is refused and asked for again. Nothing here is sent: what is returned is to be.
"""

from dataclasses import dataclass
from typing import Any

from offhook.wires.openai_realtime.client_events import ResponseCreate


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A reply that somebody wants."""

    instructions: str | None = None
    tools: bool = True


class Asking:
    """What one session was asked for, and what it is making."""

    __slots__ = ("_asked", "_asked_id", "_instructions", "_next", "_number", "active", "waits")

    def __init__(self, instructions: str) -> None:
        """``instructions`` of the session, which those for one reply must not replace."""
        self._instructions = instructions
        self.active: str | None = None
        """The reply that is being made."""
        self.waits = False
        """One was asked for, and no reply has begun since."""
        self._asked = _Wanted()
        self._asked_id: str | None = None
        """The reply that was asked for last. Until it is refused or another is asked for: a reply that the server began
        by itself at the same moment is told before the refusal of ours."""
        self._next: _Wanted | None = None
        self._number = 0

    # ---- what is wanted --------------------------------------------------------------------------------------------

    def respond(self, instructions: str | None, *, tools: bool) -> ResponseCreate | None:
        """Somebody wants a reply. Return what asks for it; None if it has to wait. Of several, the last one counts."""
        wanted = _Wanted(instructions, tools)
        if self.active is None and not self.waits:
            return self._ask(wanted)
        self._next = wanted
        return None

    def taken_back(self) -> None:
        """It is not wanted any more."""
        self._next = None
        if not self.waits:
            self._asked_id = None

    def failed(self) -> None:
        """A reply failed. Whoever is told of that asks again, for what was wanted last."""
        self._next = None

    def due(self) -> ResponseCreate | None:
        """Return what asks for the reply that is wanted next, if it can be asked for now."""
        if self._next is None or self.active is not None or self.waits:
            return None
        wanted, self._next = self._next, None
        return self._ask(wanted)

    # ---- what the server says --------------------------------------------------------------------------------------

    def began(self, response_id: str) -> None:
        """It makes a reply."""
        self.waits = False
        self.active = response_id

    def done(self, response_id: str) -> None:
        """It is made, in whatever way. See ``due``."""
        if response_id == self.active:
            self.active = None

    def is_ours(self, event_id: str | None) -> bool:
        """If an error that names this event is about the reply that was asked for last."""
        return self._asked_id is not None and event_id == self._asked_id

    def refused(self) -> None:
        """It does not make the one that was asked for last."""
        self._asked_id, self.waits = None, False
        self.failed()

    def crossed(self) -> ResponseCreate | None:
        """Another reply came before ours.

        Ours is due when that is done, which may be already; unless since then something else was wanted.
        """
        self._asked_id, self.waits = None, False
        self._next = self._next or self._asked
        return self.due()

    def server_wanted_to(self) -> ResponseCreate | None:
        """It wanted to answer the caller by itself while a reply was on. It does not try again; we do."""
        if self.active is None and not self.waits:
            return self._ask(_Wanted())
        self._next = self._next or _Wanted()
        return None

    def _ask(self, wanted: _Wanted) -> ResponseCreate:
        self._number += 1
        self._asked, self._asked_id, self.waits = wanted, f"offhook_reply_{self._number}", True
        response: dict[str, Any] = {}
        if wanted.instructions is not None:
            # They stand in place of the session's own for this reply, so those have to be said again.
            response["instructions"] = "\n\n".join(filter(None, (self._instructions, wanted.instructions)))
        if not wanted.tools:
            response["tool_choice"] = "none"
        return ResponseCreate(response or None, event_id=self._asked_id)
