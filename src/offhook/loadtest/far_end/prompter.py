"""Knows the script, and how far the play has come."""

import re

from offhook.loadtest.far_end.script import Reply, Script
from offhook.loadtest.far_end.tones import PITCHES, chime_hz
from offhook.realtime_server.conversation import Conversation

_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)")
_LONGEST_SENTENCE = 300
ASIDE_HZ = chime_hz(PITCHES - 1)
"""At this pitch chimes what the client's own instructions make it say."""


class Prompter:
    """Decides which reply comes next, for one session."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._answered = 0
        self._greeted = False
        self._awaited: tuple[str, ...] = ()
        self._after_tools: Reply | None = None

    def for_turn(self) -> Reply:
        """The caller spoke: the n-th turn gets the n-th reply."""
        number = self._answered
        self._answered += 1
        replies = self._script.replies
        if number < len(replies):
            return replies[number]
        if self._script.after_last is not None:
            return self._script.after_last
        return replies[number % len(replies)]

    def for_request(self, instructions: str | None, conversation: Conversation) -> Reply:
        """The client asks for a response.

        That is, in this order: the answer to tool results, if those have come; the greeting, if nobody has spoken; the
        sentence in ``instructions``, if there are any; the reply to a turn that the client took itself.
        """
        if self._awaited and all(conversation.has_output(call_id) for call_id in self._awaited):
            self._awaited = ()
            if self._after_tools is not None:
                return self._after_tools
            return self.for_turn()
        if self._script.greeting is not None and not self._greeted and not conversation.has_begun:
            self._greeted = True
            return self._script.greeting
        if instructions and instructions.strip():
            return Reply(sentence(instructions), tone_hz=ASIDE_HZ)
        return self.for_turn()

    def called(self, call_ids: tuple[str, ...], reply: Reply) -> None:
        """``reply`` made these function calls: their results are answered by its ``after_tools``."""
        self._awaited, self._after_tools = call_ids, reply.after_tools


def sentence(instructions: str) -> str:
    """What instructions want to be said: the longest piece in quotation marks, or else all of it."""
    quoted = [next(filter(None, groups)) for groups in _QUOTED.findall(instructions)]
    return (max(quoted, key=len) if quoted else instructions.strip())[:_LONGEST_SENTENCE]
