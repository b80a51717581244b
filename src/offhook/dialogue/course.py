"""What follows what: from a state and the next entry of the conversation to the next state, with what is owed in it.

Pure, and told the day. The same entries always lead to the same state, so a session that takes a call over only has to
read the conversation again.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from offhook.dialogue import manners, port, questions
from offhook.dialogue.courtesy import MISSES_LIMIT, Courtesy
from offhook.dialogue.domain import Domain, Intent
from offhook.dialogue.filling import Filled, fill
from offhook.dialogue.general import REACHING, General, affirmed
from offhook.dialogue.keys import pressed_keys, read_keys
from offhook.dialogue.outcomes import read_outcome
from offhook.dialogue.slots import Kind, Slot, Surroundings
from offhook.dialogue.state import Call, Phase, Say, State, Task
from offhook.dialogue.understanding import Understanding, Understood
from offhook.dialogue.words import words

EXPLAINED: Final = 0.55
"""So much of an answer must be its value, or words that go with it; the rest of it is about something else."""

CLEAR: Final = 0.9
"""A score from which on a sentence means the intent, even if every caller may say it for something else."""


class Course:
    """The course of dialogues in one domain. Keeps nothing of a call."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.courtesy = Courtesy(domain)
        self._understanding = Understanding(domain)
        self._phases: Mapping[Phase, Callable[[State, Understood, Surroundings], State]] = {
            Phase.IDLE: self._heard_idle,
            Phase.ASKING: self._heard_answer,
            Phase.CONFIRMING: self._heard_confirmation,
            Phase.CORRECTING: self._heard_correction,
            Phase.WORKING: self._heard_working,
            Phase.LEAVING: self._heard_idle,
        }

    def after(self, state: State, entry: port.Entry, around: Surroundings) -> State:
        """The state after one more entry."""
        match entry:
            case port.CallerTurn():
                return _with_results(self._heard(state, entry, around))
            case port.AgentTurn(text=text):
                return replace(state, owed=(), untold=(), said=_whole(state, text.strip()))
            case port.ToolCalled():
                return self._called(state, entry)
            case port.ToolAnswered():
                return self._answered(state, entry)
            case port.Note(text=text) if (keys := pressed_keys(text)) is not None:
                return _with_results(self._pressed(state, keys))
        return state

    # ---- the caller ------------------------------------------------------------------------------------------------

    def _heard(self, state: State, turn: port.CallerTurn, around: Surroundings) -> State:
        told = words(turn.text)
        understood = self._understanding.read(told, around) if turn.in_domain and told else None
        if understood is not None:
            return self._phases[state.phase](state, understood, around)
        return self._working_on(state) if state.phase is Phase.WORKING else self.courtesy.missed(state)

    def _heard_idle(self, state: State, heard: Understood, around: Surroundings) -> State:
        if self._wants_person(heard, around):
            return self._to_person(state, heard, around)
        if not heard.sure and heard.general is None and (again := self._once_more(state, heard, around)) is not None:
            return again
        if heard.intent is not None and (heard.general in (None, General.STOP) or heard.score >= CLEAR):
            return self._begin(state, heard)
        if heard.general is not None:
            return self._heard_general(state, heard)
        return self.courtesy.missed(state)

    def _heard_answer(self, state: State, heard: Understood, around: Surroundings) -> State:
        """While ASKING."""
        task, intent = self._task(state)
        if task is None or intent is None or state.asked is None:
            return self._heard_idle(_idle(state), heard, around)
        slot = intent.slot(state.asked)
        if slot.kind is Kind.YES_NO and (meant := _yes_or_no(heard)) is not None:
            return self._proceed(state, task.having({slot.name: meant}))
        if (left := self._left_task(state, heard, around, slot)) is not None:
            return left
        filled = fill(intent, heard.words, around, slot.name)
        if heard.answer is False:  # "no, for five" puts right what was said before, if it can
            corrected = fill(intent, heard.words, around)
            filled = corrected if corrected.values.keys() & task.values.keys() else filled
        if filled.values and self._explained(intent, heard, filled):
            return self._proceed(state, task.having(filled.values), filled.beyond)
        return self.courtesy.missed(state, questions.limits(slot) if slot.name in filled.beyond else "")

    def _heard_confirmation(self, state: State, heard: Understood, around: Surroundings) -> State:
        """While CONFIRMING."""
        task, intent = self._task(state)
        if task is None or intent is None:
            return self._heard_idle(_idle(state), heard, around)
        filled = fill(intent, heard.words, around)
        if self._means_other(state, heard):
            return self._begin(state, heard)
        changed = any(task.values.get(name) != value for name, value in filled.values.items())
        if changed and heard.general is None and self._explained(intent, heard, filled):
            return self._confirm(state, task.having(filled.values))
        meant = _yes_or_no(heard)
        if meant is True:
            return self._proceed(state, replace(task, sure=True))
        if (left := self._left_task(state, heard, around)) is not None:
            return left
        if meant is None:
            return self.courtesy.missed(state)
        return self._denied(state)

    def _denied(self, state: State) -> State:
        """The caller said no to what was understood."""
        if state.task is not None and state.task.values:
            return self.courtesy.asking(replace(state, phase=Phase.CORRECTING, misses=0))
        return self.courtesy.saying(_idle(state), manners.WHAT_ELSE)

    def _heard_correction(self, state: State, heard: Understood, around: Surroundings) -> State:
        """While CORRECTING."""
        task, intent = self._task(state)
        if task is None or intent is None:
            return self._heard_idle(_idle(state), heard, around)
        filled = fill(intent, heard.words, around)
        if filled.values and self._explained(intent, heard, filled):
            return self._confirm(state, task.having(filled.values))
        if (left := self._left_task(state, heard, around)) is not None:
            return left
        for slot in intent.slots:  # "the day": it names what is wrong, and not what is right
            if slot.name in task.values and slot.spoken and slot.spoken.split()[-1] in heard.words:
                return self._proceed(state, task.without(slot.name))
        return self.courtesy.dropping(state) if _yes_or_no(heard) is False else self.courtesy.missed(state)

    def _heard_working(self, state: State, heard: Understood, around: Surroundings) -> State:
        """While a tool is at work, or is about to be: a reply that was cut off may not have come to the call."""
        if state.calls:
            if heard.general in (General.GOODBYE, General.HUMAN) or (heard.intent is not None and heard.sure):
                return self._heard_idle(state, heard, around)
            return self._working_on(state)
        if _yes_or_no(heard) is False and len(heard.words) <= 1:
            return self._denied(state)
        state = replace(state, phase=Phase.CONFIRMING)
        after = self._heard_confirmation(state, heard, around)
        return self._working_on(state) if after.misses > state.misses else after

    def _working_on(self, state: State) -> State:
        if not state.calls and state.task is not None and state.task.intent in self.domain.intents:
            return self._proceed(state, replace(state.task, sure=True))
        return replace(state, owed=(Say(manners.ONE_MOMENT),))

    def _left_task(
        self, state: State, heard: Understood, around: Surroundings, slot: Slot | None = None
    ) -> State | None:
        """What was said is not about the question, but about the task, the call, or another task."""
        if self._wants_person(heard, around) and not (slot is not None and slot.kind is Kind.CHOICE):
            return self._to_person(state, heard, around)
        is_free = slot is not None and slot.kind in (Kind.TEXT, Kind.NAME)
        if self._means_other(state, heard) and (heard.score >= CLEAR or not is_free):
            return self._begin(state, heard)
        match heard.general:
            case General.STOP:
                return self.courtesy.dropping(state)
            case General.GOODBYE | General.REPEAT | General.HELP:
                return self._heard_general(state, heard)
            case General.DO_NOT_KNOW:
                return self.courtesy.missed(state, manners.NEEDED)
            case General.THANKS | General.HELLO if not is_free:
                return self.courtesy.asking(state)
        return None

    def _means_other(self, state: State, heard: Understood) -> bool:
        """It asks for another task, beyond doubt."""
        return (
            heard.intent is not None
            and heard.sure
            and state.task is not None
            and heard.intent.name != state.task.intent
        )

    def _heard_general(self, state: State, heard: Understood) -> State:
        match heard.general:
            case General.REPEAT:
                return self.courtesy.repeating(state)
            case General.HELP:
                return self.courtesy.helping(state)
            case General.GOODBYE:
                return self.courtesy.leaving(state)
            case General.HELLO:
                return self.courtesy.saying(state, manners.GREETING)
            case General.THANKS:
                return self.courtesy.saying(state, manners.WELCOME)
            case General.NO if state.done is not None and len(heard.words) > 1:
                return self.courtesy.leaving(state)
        return self.courtesy.saying(state, manners.ALL_RIGHT, manners.WHAT_CAN_I_DO)

    def _wants_person(self, heard: Understood, around: Surroundings) -> bool:
        if heard.intent is not None and (heard.sure or heard.filled.values):
            return heard.general is General.HUMAN and not heard.filled.values
        transfer = self.domain.transfer
        wanted = affirmed(heard.words)
        named = transfer is not None and REACHING & set(wanted) and fill(transfer, wanted, around).values
        return heard.general is General.HUMAN or bool(named)

    def _to_person(self, state: State, heard: Understood, around: Surroundings) -> State:
        transfer = self.domain.transfer
        said = fill(transfer, affirmed(heard.words), around).values if transfer is not None else {}
        return self.courtesy.transferring(state, said)

    # ---- tasks -----------------------------------------------------------------------------------------------------

    def _begin(self, state: State, heard: Understood) -> State:
        assert heard.intent is not None
        task = Task(heard.intent.name, heard.filled.values, heard.sure)
        waits = state.task is not None and state.phase is not Phase.WORKING and heard.intent.phrasing.inquires
        state = replace(state, parked=state.task if waits else None)
        return self._proceed(state, task, heard.filled.beyond) if task.sure else self._confirm(state, task)

    def _proceed(self, state: State, task: Task, beyond: Sequence[str] = ()) -> State:
        """Ask for what is missing; then carry it out, after a question if it was not sure.

        ``beyond``: slots for which the caller gave a value that is not possible.
        """
        intent = self.domain.intents[task.intent]
        missing = next((slot for slot in intent.slots if slot.required and slot.name not in task.values), None)
        if missing is not None:
            asking = replace(state, phase=Phase.ASKING, task=task, asked=missing.name, misses=0, offered=())
            return self.courtesy.asking(asking, questions.limits(missing) if missing.name in beyond else "")
        if not task.sure:
            return self._confirm(state, task)
        call = Call(intent.name, intent.parameters.arguments(task.values))
        return replace(state, phase=Phase.WORKING, task=task, asked=None, misses=0, offered=(), owed=(call,))

    def _confirm(self, state: State, task: Task) -> State:
        task = replace(task, sure=False)
        return self.courtesy.asking(replace(state, phase=Phase.CONFIRMING, task=task, asked=None, misses=0))

    def _once_more(self, state: State, heard: Understood, around: Surroundings) -> State | None:
        """ "And on sunday?", "no, for five": the last task with other values. What changes something is confirmed."""
        intent = self.domain.intents.get(state.done.intent) if state.done is not None else None
        if state.done is None or intent is None:
            return None
        filled = fill(intent, heard.words, around)
        if not filled.values or not self._explained(intent, heard, filled):
            return None
        task = state.done.having(filled.values)
        return self._proceed(state, task) if intent.phrasing.inquires else self._confirm(state, task)

    def _explained(self, intent: Intent, heard: Understood, filled: Filled) -> bool:
        return self._understanding.explained(intent, heard.words, filled) >= EXPLAINED

    def _task(self, state: State) -> tuple[Task | None, Intent | None]:
        return state.task, self.domain.intents.get(state.task.intent) if state.task is not None else None

    # ---- keys ------------------------------------------------------------------------------------------------------

    def _pressed(self, state: State, keys: str) -> State:
        task, intent = self._task(state)
        if keys == "*":
            return self.courtesy.repeating(state)
        if task is not None and intent is not None and state.phase is Phase.ASKING and state.asked is not None:
            value = read_keys(intent.slot(state.asked), keys)
            if value is None:
                return self.courtesy.missed(state)
            return self._proceed(state, task.having({state.asked: value}))
        if task is not None and state.phase is Phase.CONFIRMING and keys in ("1", "2"):
            return self._proceed(state, replace(task, sure=True)) if keys == "1" else self._denied(state)
        if keys == "0" and self.domain.transfer is not None:
            return self.courtesy.transferring(state, {})
        if keys.isdigit() and len(keys) == 1 and 0 < int(keys) <= len(state.offered):
            return self._proceed(state, Task(state.offered[int(keys) - 1]))
        return self._working_on(state) if state.phase is Phase.WORKING else self.courtesy.missed(state)

    # ---- tools -----------------------------------------------------------------------------------------------------

    def _called(self, state: State, call: port.ToolCalled) -> State:
        task = state.task
        if task is None or task.intent != call.name:
            task = Task(call.name, _object(call.arguments)) if call.name in self.domain.intents else None
        phase = Phase.LEAVING if state.phase is Phase.LEAVING else Phase.WORKING
        calls = {**state.calls, call.call_id: call.name}
        return replace(state, phase=phase, task=None, asked=None, owed=(), done=task or state.done, calls=calls)

    def _answered(self, state: State, answer: port.ToolAnswered) -> State:
        calls = dict(state.calls)
        name = calls.pop(answer.call_id, None)
        if name is None:
            return state
        outcome = read_outcome(name, answer.output, self.domain.intents.get(name))
        if self._ends(name) and not outcome.failed:
            return replace(state, calls=calls)  # the caller hears nobody any more
        phase = state.phase
        if phase in (Phase.WORKING, Phase.LEAVING):
            phase = Phase.WORKING if calls else Phase.IDLE
        untold = (*state.untold, outcome.text)
        state = replace(state, phase=phase, calls=calls, untold=untold, owed=tuple(Say(text) for text in untold))
        if outcome.wrong_slot is not None and phase is Phase.IDLE and state.done and state.done.intent == name:
            return self._asked_again(state, state.done.without(outcome.wrong_slot))
        state = replace(state, refusals=0)
        if phase is Phase.IDLE and state.parked is not None:
            return _with_results(self._proceed(replace(state, parked=None), state.parked))
        return state

    def _ends(self, name: str) -> bool:
        return name == self.domain.end_call or (self.domain.transfer is not None and name == self.domain.transfer.name)

    def _asked_again(self, state: State, task: Task) -> State:
        """A tool did not take a value, so it is asked for once more; not without end."""
        refusals = state.refusals + 1
        if refusals >= MISSES_LIMIT:
            return self.courtesy.giving_up(replace(state, refusals=0))
        return _with_results(replace(self._proceed(state, task), refusals=refusals))


def _idle(state: State) -> State:
    return replace(state, phase=Phase.IDLE, task=None, asked=None)


def _whole(state: State, heard: str) -> str:
    """The words of a reply of which the caller heard these, perhaps not to the end."""
    owed = " ".join(act.text for act in state.owed if not isinstance(act, Call))
    return next((whole for whole in (owed, state.said) if heard and whole.startswith(heard)), heard or state.said)


def _with_results(state: State) -> State:
    """Results that the caller has not heard come before what is owed."""
    return replace(state, owed=(*(Say(text) for text in state.untold), *state.owed)) if state.untold else state


def _yes_or_no(heard: Understood) -> bool | None:
    if heard.general is General.YES:
        return True
    return False if heard.general is General.NO else heard.answer


def _object(arguments: str) -> dict[str, Any]:
    try:
        told = json.loads(arguments or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
