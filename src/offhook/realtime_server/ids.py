"""Names for events, items, responses and calls: unique on this server, and telling which session they come from."""

from collections import defaultdict


class Ids:
    """Counts up, kind by kind: ``item_3_1``, ``item_3_2``, ``resp_3_1`` in session 3."""

    def __init__(self, session: int) -> None:
        self._session = session
        self._counts: defaultdict[str, int] = defaultdict(int)

    def __call__(self, kind: str) -> str:
        """The next of that kind."""
        self._counts[kind] += 1
        return f"{kind}_{self._session}_{self._counts[kind]}"
