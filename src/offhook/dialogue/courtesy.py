"""What the agent does whatever it is for: ask again, explain itself, give up, say goodbye, fetch a person.

Each function takes a state and returns the next one, with what is owed in it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from offhook.dialogue import manners, questions
from offhook.dialogue.domain import Domain
from offhook.dialogue.state import Act, Ask, Call, Phase, Say, State

MISSES_LIMIT: Final = 3
"""The third time in a row that it does not understand, it gives up."""

KEYS_LIMIT: Final = 9
"""Things that are offered on the keys 1 to 9."""

KEYS_SAID: Final = 4
"""So many keys are told; nobody remembers more."""


class Courtesy:
    """The manners of one agent."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain

    def question(self, state: State) -> Ask | None:
        """What is still to be answered by the caller."""
        intent = self.domain.intents.get(state.task.intent) if state.task is not None else None
        if state.task is None or intent is None:
            return None
        if state.phase is Phase.ASKING and state.asked is not None:
            return Ask(questions.ask(intent.slot(state.asked)), state.asked)
        if state.phase is Phase.CONFIRMING:
            return Ask(questions.confirm(intent, state.task.values))
        return Ask(manners.WHAT_TO_CHANGE) if state.phase is Phase.CORRECTING else None

    def asking(self, state: State, *before: str) -> State:
        """The open question, with a few words before it."""
        question = self.question(state)
        if question is None:
            return replace(state, owed=(Say(_joined((*before, manners.WHAT_CAN_I_DO))),))
        return replace(state, owed=(replace(question, text=_joined((*before, question.text))),))

    def saying(self, state: State, *parts: str) -> State:
        """These sentences; then the open question, in place of an offer to do something."""
        if self.question(state) is not None:
            return self.asking(state, *(part for part in parts if part not in _OFFERS))
        return replace(state, misses=0, owed=(Say(_joined(parts)),))

    def repeating(self, state: State) -> State:
        """What was said last, once more."""
        said = state.said or manners.WHAT_CAN_I_DO
        return replace(state, misses=0, owed=(Say(said) if self.question(state) is None else Ask(said, state.asked),))

    def helping(self, state: State) -> State:
        """How to answer the open question, or what the agent can do."""
        if state.task is not None and self.question(state) is not None:
            return self.asking(replace(state, misses=0), self._hint(state))
        offered = tuple(self.domain.intents)[:KEYS_LIMIT]
        return self.saying(replace(state, offered=offered), questions.abilities(self.domain))

    def dropping(self, state: State) -> State:
        """Leave the task."""
        return self.saying(
            replace(state, phase=Phase.IDLE, task=None, parked=None, asked=None), manners.ALL_RIGHT, manners.WHAT_ELSE
        )

    def leaving(self, state: State, text: str = manners.GOODBYE) -> State:
        """Say goodbye, and hang up if the agent may."""
        acts: tuple[Act, ...] = (Say(text),)
        if self.domain.end_call is not None:
            acts = (*acts, Call(self.domain.end_call, {}))
        return replace(state, phase=Phase.LEAVING, task=None, parked=None, asked=None, misses=0, owed=acts)

    def transferring(self, state: State, said: Mapping[str, Any], text: str = manners.CONNECTING) -> State:
        """Fetch a person: of several places the one that was ``said``, else the first."""
        transfer = self.domain.transfer
        if transfer is None:
            return self.saying(replace(state, misses=0), manners.NOBODY_HERE, questions.abilities(self.domain))
        values = {slot.name: slot.choices[0].value for slot in transfer.slots if slot.choices and slot.required}
        call = Call(transfer.name, transfer.parameters.arguments({**values, **said}))
        return replace(state, phase=Phase.LEAVING, task=None, parked=None, asked=None, misses=0, owed=(Say(text), call))

    def missed(self, state: State, why: str = "") -> State:
        """It was not understood: say so; the second time with a hint; the third time give up."""
        misses = state.misses + 1
        if misses >= MISSES_LIMIT:
            return self.giving_up(state)
        told = why or (manners.NOT_UNDERSTOOD if misses == 1 else manners.STILL_NOT_UNDERSTOOD)
        state = replace(state, misses=misses)
        if self.question(state) is not None:
            return self.asking(state, told, self._hint(state) if misses > 1 else "")
        if misses == 1:
            return replace(state, owed=(Say(f"{told} {manners.SAY_IT_AGAIN}"),))
        offered = tuple(self.domain.intents)[:KEYS_LIMIT]
        things = [f"to {self.domain.intents[name].phrasing.wants}" for name in offered]
        few = 0 < len(things) <= KEYS_SAID
        what = questions.menu(things) if few else questions.abilities(self.domain)
        parts = (told, questions.examples(self.domain), what)
        return replace(state, offered=offered, owed=(Say(_joined(parts)),))

    def giving_up(self, state: State) -> State:
        """Fetch a person if there is one, else say goodbye; an agent that can do neither starts afresh."""
        if self.domain.transfer is not None:
            return self.transferring(state, {}, manners.GIVE_UP_TO_PERSON)
        if self.domain.end_call is not None:
            return self.leaving(state, manners.GIVE_UP)
        idle = replace(state, phase=Phase.IDLE, task=None, parked=None, asked=None)
        return self.saying(idle, manners.CAN_NOT_HELP, questions.abilities(self.domain))

    def _hint(self, state: State) -> str:
        if state.task is None or state.asked is None:
            return ""
        return questions.hint(self.domain.intents[state.task.intent].slot(state.asked))


_OFFERS: Final = frozenset({manners.WHAT_CAN_I_DO, manners.WHAT_ELSE, manners.GREETING})


def _joined(parts: tuple[str, ...]) -> str:
    return " ".join(part for part in parts if part)
