"""Text on its way to being read aloud. Pure.

A script is changed by patterns, and remembers for each of its characters where in the first text it came from: so a
word that is heard can be found in what the language model wrote, whatever was taken out or written out in between.
"""

import re
from array import array
from collections.abc import Callable


class Script:
    """A text and its origins. Starts as the text itself."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._origins = array("L", range(len(text)))

    def origin(self, at: int) -> int:
        """Where in the first text the character ``at`` of this one came from; its end, for what lies behind the last.

        Origins never fall.
        """
        if at < len(self._origins):
            return self._origins[at]
        return self._origins[-1] + 1 if self._origins else 0

    def replace(self, pattern: re.Pattern[str], by: str | Callable[[re.Match[str]], str]) -> None:
        """Put ``by`` in the place of each match. Its characters come, in even steps, from those of the match."""
        self._edit(pattern, by, keep=0)

    def keep(self, pattern: re.Pattern[str], group: int = 1) -> None:
        """Of each match, leave only what ``group`` matched."""
        self._edit(pattern, "", keep=group)

    def _edit(self, pattern: re.Pattern[str], by: str | Callable[[re.Match[str]], str], keep: int) -> None:
        pieces: list[str] = []
        origins = array("L")
        done = 0
        for match in pattern.finditer(self.text):
            start, end = match.span()
            if keep:
                kept_start, kept_end = match.span(keep)
                text = self.text[kept_start:kept_end]
                came_from = self._origins[kept_start:kept_end]
            else:
                text = by if isinstance(by, str) else by(match)
                if text == match.group():
                    continue
                width = end - start
                came_from = array("L", (self.origin(start + i * width // len(text)) for i in range(len(text))))
            pieces += self.text[done:start], text
            origins += self._origins[done:start]
            origins += came_from
            done = end
        if done or pieces:
            self.text = "".join(pieces) + self.text[done:]
            self._origins = origins + self._origins[done:]
