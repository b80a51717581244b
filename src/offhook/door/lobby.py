"""Connections from which a request is awaited: how many there may be, and who has to go when there are more.

Whoever has waited longest goes. So many connections that say nothing do not keep out who comes to say something: a
request of Twilio takes well below a second, and is safe as long as fewer than CONNECTIONS_LIMIT others come meanwhile.
"""

from typing import Final, Protocol

CONNECTIONS_LIMIT: Final = 1000
"""Each is a file descriptor and about 7 kB. Calls, and requests that are being answered, are not among them."""


class Guest(Protocol):
    """A connection."""

    def show_out(self) -> None:
        """Close it, without waiting for anything."""


class Lobby:
    """Who waits, longest first."""

    def __init__(self, limit: int = CONNECTIONS_LIMIT) -> None:
        self.limit = limit
        self._guests: dict[Guest, None] = {}
        self.shown_out = 0
        """So many had to go."""

    def __len__(self) -> int:
        return len(self._guests)

    def enter(self, guest: Guest) -> None:
        """Somebody waits, or waits anew. Shows out whoever has waited longest if they are too many."""
        self.leave(guest)
        self._guests[guest] = None
        if len(self._guests) > self.limit:
            longest = next(iter(self._guests))
            self.leave(longest)
            self.shown_out += 1
            longest.show_out()

    def leave(self, guest: Guest) -> None:
        """They wait no more."""
        self._guests.pop(guest, None)
