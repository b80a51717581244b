"""Whose turn it is, as a caller has to know it: does the agent still owe an answer? Told the events of one call."""

from typing import Final

from offhook.calls import asked, events
from offhook.calls.events import CallEvent

_KEYS_NOTE: Final = asked.keys_pressed("")
_UNFINISHED: Final = frozenset({"cancelled", "failed", "lost"})
"""Replies after which another comes: to the caller who interrupted, or because it is asked for again."""


class Floor:
    """Of one call. ``greets``: the agent speaks first. ``gathers``: keys go to the model, and are answered."""

    __slots__ = (
        "_gathering",
        "_gathers",
        "_used_tools",
        "began",
        "caller_speaks",
        "interruptions",
        "keys",
        "owes",
        "took",
    )

    def __init__(self, *, greets: bool, gathers: bool) -> None:
        self.owes = greets
        """A reply is due, or being made. What was made may still be on its way to the caller's ear."""
        self.caller_speaks = False
        self.began = 0
        """How often the caller was heard to begin."""
        self.took = 0
        """Turns the caller had."""
        self.interruptions = 0
        """How often the caller took the turn from the agent."""
        self.keys = 0
        """Keys that arrived."""
        self._gathers = gathers
        self._gathering = False
        self._used_tools = False

    @property
    def agent_is_next(self) -> bool:
        """The caller had better wait."""
        return self.owes or self._gathering or self.caller_speaks

    def happened(self, event: CallEvent) -> None:
        """One event of the call."""
        match event:
            case events.CallerBegan():
                self.caller_speaks = True
                self.began += 1
            case events.CallerPaused():
                self.caller_speaks = False
            case events.CallerTook():
                self.owes = True
                self.took += 1
            case events.Interrupted():
                self.interruptions += 1
            case events.DigitPressed():
                self.keys += 1
                self._gathering = self._gathers
            case events.NoteMade(text=text) if text.startswith(_KEYS_NOTE):
                self._gathering = False
                self.owes = True
            case events.ToolCalled():
                self._used_tools = True
            case events.ReplyFinished(status=status):
                # A reply that called tools is followed by one that tells what came of it.
                self.owes = self._used_tools or (self.owes and status in _UNFINISHED)
                self._used_tools = False
