"""Which agent answers which number."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from offhook.agents.agent import Agent
from offhook.errors import AgentError

_PATTERN = re.compile(r"(\+[1-9][0-9]{0,14}|[0-9]{1,15}|sips?:\S+?)\*?")
_PUNCTUATION = re.compile(r"[\s().\-/]")


class Routes:
    """From what was dialled to the agent that answers. It does not change after it was made.

    A pattern is a number in E.164 (``+4930123456``), an extension (``100``) or a ``sip:`` address, or the beginning of
    one followed by ``*`` (``+4930*``).
    """

    def __init__(
        self, default: Agent, patterns: Mapping[str, Agent] | None = None, *, unrouted: Iterable[Agent] = ()
    ) -> None:
        """``unrouted`` agents answer no number, but calls that are placed may choose them by name.

        Raises AgentError for a pattern that can match nothing, and for two agents of one name.
        """
        patterns = patterns or {}
        for pattern in patterns:
            _check(pattern)
        self.default = default
        self._exact = {pattern: agent for pattern, agent in patterns.items() if not pattern.endswith("*")}
        beginnings = ((pattern[:-1], agent) for pattern, agent in patterns.items() if pattern.endswith("*"))
        self._beginnings = sorted(beginnings, key=lambda each: len(each[0]), reverse=True)
        self._named: dict[str, Agent] = {}
        for agent in (default, *patterns.values(), *unrouted):
            if self._named.setdefault(agent.name, agent) is not agent:
                raise AgentError(f"two agents are named {agent.name!r}; give each a name of its own")

    @property
    def agents(self) -> tuple[Agent, ...]:
        """Every agent once, the default first."""
        return tuple(self._named.values())

    def agent_for(self, dialled: str) -> Agent:
        """The agent for what was dialled: the exact pattern, else the longest beginning, else the default."""
        exact = self._exact.get(dialled)
        if exact is not None:
            return exact
        return next((agent for start, agent in self._beginnings if dialled.startswith(start)), self.default)

    def named(self, name: str) -> Agent:
        """The agent of that name. Raises AgentError if there is none, with the names there are."""
        agent = self._named.get(name)
        if agent is not None:
            return agent
        close = get_close_matches(name, self._named, n=1)
        known = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(self._named)}"
        raise AgentError(f"no agent is named {name!r}; {known}")


def _check(pattern: str) -> None:
    if _PATTERN.fullmatch(pattern):
        return
    if pattern == "*":
        raise AgentError("route '*': every number that no other route takes goes to the default agent already")
    bare = _PUNCTUATION.sub("", pattern)
    hint = f"; write it as {bare}" if _PATTERN.fullmatch(bare) else ""
    raise AgentError(f"route {pattern!r} is not a number such as +4930123456, nor a beginning such as +4930*{hint}")
