"""What an agent can be asked for, and what to listen for on its behalf.

Worked out off the loop, in half a second, and once for all its calls. Instructions may differ from call to call. What
to listen for depends on what the dialogue waits for; calls begin when the vocabulary of the start is ready, and the
others are made ready meanwhile, one after the other.
"""

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from offhook.dialogue.attention import Attention
from offhook.dialogue.domain import Domain, is_evening, read_domain
from offhook.dialogue.port import Role
from offhook.dialogue.state import State
from offhook.errors import RecogniserError
from offhook.recognisers.port import Recogniser
from offhook.recognisers.vocabulary import Vocabulary
from offhook.telemetry.logs import get_logger

LEARN_WITHIN_S: Final = 15.0
"""What takes half a second and is not done after so long will not be done."""

LESSONS_KEPT: Final = 64
"""Agents whose lessons are remembered; the one that was asked for longest ago is forgotten first."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learnt for an agent. Sessions share it."""

    domain: Domain
    attention: Attention
    first: Vocabulary
    """Ready from the start."""
    ready: set[Vocabulary] = field(default_factory=set)
    """What else is ready by now."""

    def vocabulary(self, state: State | None) -> Vocabulary:
        """What to listen for in this state of the dialogue, as far as it is ready."""
        wanted = self.attention.at(state)
        return wanted if wanted in self.ready else self.first


class Lessons:
    """Lessons by role. On the loop."""

    def __init__(self, recogniser: Recogniser, *, by_state: bool = True, within_s: float = LEARN_WITHIN_S) -> None:
        """``by_state``: of the dialogues it will be known what they wait for."""
        self._recogniser = recogniser
        self._by_state = by_state
        self._within_s = within_s
        self._known: OrderedDict[str, asyncio.Task[Lesson]] = OrderedDict()
        self._going_on: set[asyncio.Task[None]] = set()

    async def lesson(self, role: Role) -> Lesson:
        """What there is to know for an agent, with the first vocabulary ready in the recogniser.

        RecogniserError if it has too many words, or, with a code, if the recogniser has failed.
        """
        key = _key(role)
        task = self._known.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._known[key] = asyncio.create_task(self._work_out(role))
            while len(self._known) > LESSONS_KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        # One session that goes away must not take the lesson from the others who wait for it.
        return await asyncio.shield(task)

    async def _work_out(self, role: Role) -> Lesson:
        domain = await asyncio.to_thread(read_domain, role)
        for name, reason in domain.left_out.items():
            _log.warning("a tool cannot be used by voice without a model", tool=name, reason=reason)
        attention = await asyncio.to_thread(Attention, domain)
        lesson = Lesson(domain, attention, attention.start if self._by_state else attention.whole)
        await self._prepare(lesson, lesson.first)
        if self._by_state:
            going_on = asyncio.create_task(self._go_on(lesson))
            self._going_on.add(going_on)
            going_on.add_done_callback(self._going_on.discard)
        return lesson

    async def _go_on(self, lesson: Lesson) -> None:
        """Calls do without what cannot be made ready: they listen for everything as at the start."""
        for vocabulary in lesson.attention.vocabularies:
            if vocabulary in lesson.ready:
                continue
            try:
                await self._prepare(lesson, vocabulary)
            except RecogniserError as error:
                _log.warning("a vocabulary is not ready, and is done without", reason=str(error))

    async def _prepare(self, lesson: Lesson, vocabulary: Vocabulary) -> None:
        try:
            async with asyncio.timeout(self._within_s):
                await self._recogniser.prepare(vocabulary)
        except TimeoutError as error:
            reason = f"a vocabulary was not ready after {self._within_s:g} s"
            raise RecogniserError("lessons", reason, code="lost") from error
        lesson.ready.add(vocabulary)

    async def prepared(self) -> None:
        """Wait until all that was learnt is ready, or has been given up."""
        while self._going_on:
            await asyncio.wait(self._going_on)

    async def close(self) -> None:
        """Learn no more. Whoever waits for a lesson is cancelled."""
        tasks: list[asyncio.Task[Lesson] | asyncio.Task[None]] = [*self._known.values(), *self._going_on]
        self._known.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _key(role: Role) -> str:
    """All that a domain is read from. Keys are not sorted: parameters are asked for in their order."""
    tools = [(tool.name, tool.description, dict(tool.parameters)) for tool in role.tools]
    told = json.dumps([is_evening(role), tools, role.hints.to_json()], default=str)
    return sha256(told.encode()).hexdigest()
