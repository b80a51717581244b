"""The dialogue without a model, as a port: reads the conversation, and says and calls what is owed."""

import json
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import date

from offhook.dialogue import manners
from offhook.dialogue.course import Course
from offhook.dialogue.domain import Domain, read_domain
from offhook.dialogue.port import ANY_REPLY, Act, CallTool, Done, Entry, Request, Role, Words
from offhook.dialogue.requests import read_request
from offhook.dialogue.slots import Surroundings
from offhook.dialogue.state import Act as Owed
from offhook.dialogue.state import Call, Phase, Say, State


class Rules:
    """A Dialogue. It remembers how far it has read, and reads from the start when an earlier entry has changed."""

    def __init__(self, role: Role, *, domain: Domain | None = None, today: Callable[[], date] = date.today) -> None:
        """``domain``: that of the role, from whoever has read it already; read here if None."""
        self.domain = read_domain(role) if domain is None else domain
        self._course = Course(self.domain)
        self.today = today
        self._read: list[Entry] = []
        self._state = State()

    def state(self, history: Sequence[Entry]) -> State:
        """Where the dialogue stands after ``history``."""
        count = len(self._read)
        if count > len(history) or list(history[:count]) != self._read:
            self._read, self._state, count = [], State(), 0
        around = Surroundings(self.today(), self.domain.evening)
        for entry in history[count:]:
            self._state = self._course.after(self._state, entry, around)
            self._read.append(entry)
        return self._state

    async def reply(self, history: Sequence[Entry], request: Request = ANY_REPLY) -> AsyncGenerator[Act, None]:
        """The next reply to the conversation so far. Never waits."""
        said = ""
        for owed in self.owed(self.state(history), request, fresh=not history):
            if isinstance(owed, Call):
                arguments = json.dumps(dict(owed.arguments), ensure_ascii=False)
                yield CallTool(f"call_{secrets.token_hex(8)}", owed.name, arguments)
            else:
                yield Words(f" {owed.text}" if said else owed.text)
                said += owed.text
        yield Done()

    def awaits(self) -> State:
        """Where it stood when the last reply began."""
        return self._state

    def owed(self, state: State, request: Request = ANY_REPLY, *, fresh: bool = False) -> tuple[Owed, ...]:
        """What to say and call now, for the state and the request. ``fresh``: nothing was said yet."""
        wanted = read_request(request.instructions, self.domain.greeting) if request.instructions else None
        if wanted is not None and not wanted.goes_on:
            return (Say(wanted.text),)
        owed = state.owed or self._unasked(state, fresh=fresh)
        if wanted is not None:
            rest = owed or ((Say(state.said),) if wanted.text == manners.LINE_WAS_LOST and state.said else ())
            owed = (Say(wanted.text), *rest)
        if not request.tools and any(isinstance(act, Call) for act in owed):
            owed = tuple(act for act in owed if not isinstance(act, Call)) or (Say(manners.NOT_NOW),)
        return owed

    def _unasked(self, state: State, *, fresh: bool) -> tuple[Owed, ...]:
        """A reply was asked for, and everything was said already."""
        question = self._course.courtesy.question(state)
        if question is not None:
            return (question,)
        if fresh:
            return (Say(self.domain.greeting or manners.GREETING),)
        return (Say(manners.WHAT_CAN_I_DO),) if state.phase is Phase.IDLE else ()
