"""What to listen for now: the sentences of an agent, weighed by what its dialogue waits for.

Whoever was asked for a number mostly says a number; who calls mostly says what for. The sentences that are likely weigh
most, and nothing is shut out: callers change their minds. There is one vocabulary for the start, one for yes and no,
and one for each sort of value that may be asked for: two questions to which the same is answered share it.

With one vocabulary for everything, 67 % of the answers in ``benchmarks/recognition.py`` that are in the grammar were
understood; with these, 79 %.
"""

from collections import Counter
from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import Final

from offhook.dialogue.domain import Domain
from offhook.dialogue.listening import Sayings, Sort, Theme, key_of, sayings_of
from offhook.dialogue.slots import Kind
from offhook.dialogue.state import Phase, State
from offhook.recognisers.vocabulary import Vocabulary

ANSWERS_LIMIT: Final = 8
"""Sorts of values with a vocabulary of their own; further ones share one. A vocabulary takes a second to prepare."""

_AT_START: Final = MappingProxyType(
    {Sort.REQUEST: 0.62, Sort.GENERAL: 0.12, Sort.TALK: 0.1, Sort.ANSWER: 0.1, Sort.YES_OR_NO: 0.06}
)
_ASKED: Final = MappingProxyType(
    {Sort.REQUEST: 0.1, Sort.GENERAL: 0.08, Sort.TALK: 0.02, Sort.ANSWER: 0.05, Sort.YES_OR_NO: 0.05}
)
"""The rest of 1 is for answers to what was asked."""
_CONFIRMING: Final = MappingProxyType(
    {Sort.YES_OR_NO: 0.6, Sort.ANSWER: 0.15, Sort.REQUEST: 0.13, Sort.GENERAL: 0.1, Sort.TALK: 0.02}
)
"""How much of what is said in a state is of each sort."""

_NAMES_COUNT: Final = 0.25
"""A sentence with a person's name in it, where no name was asked for: hundreds of names sound like something else."""

_PATTERNS: Final = 1000.0
"""What all sentences of a vocabulary weigh together."""


class Attention:
    """The vocabularies of one agent. RecogniserError if it has too many words."""

    def __init__(self, domain: Domain) -> None:
        sayings = sayings_of(domain)
        self._domain = domain
        self._slots = sayings.slots
        self.whole = Vocabulary(sayings.themes, sayings.slots)
        """For a dialogue of which nobody knows the state: each sentence is as likely as any."""
        self.start = _weighed(sayings, _AT_START)
        """For whatever a caller may want."""
        self.confirming = _weighed(sayings, _CONFIRMING)
        """For yes, no, and what was wrong."""
        keys = [key_of(sayings.slots[name]) for name in _asked_for(domain) if name in sayings.slots]
        own = list(dict.fromkeys(keys))
        shared = frozenset(own[ANSWERS_LIMIT:])
        self._answers = {key: _weighed(sayings, _ASKED, {key}) for key in own[:ANSWERS_LIMIT]}
        self._answers |= dict.fromkeys(shared, _weighed(sayings, _ASKED, shared)) if shared else {}

    @property
    def vocabularies(self) -> tuple[Vocabulary, ...]:
        """Those of all states, that of the start first."""
        return tuple(dict.fromkeys((self.start, self.confirming, *self._answers.values())))

    def at(self, state: State | None) -> Vocabulary:
        """What to listen for in this state of the dialogue."""
        if state is None:
            return self.whole
        if state.phase in (Phase.CONFIRMING, Phase.CORRECTING):
            return self.confirming
        intent = self._domain.intents.get(state.task.intent) if state.task is not None else None
        if state.phase is not Phase.ASKING or intent is None or state.asked is None:
            return self.start
        if intent.slot(state.asked).kind is Kind.YES_NO:
            return self.confirming
        slot = self._slots.get(f"{intent.name}.{state.asked}")
        return self._answers.get(key_of(slot), self.start) if slot is not None else self.start


def _asked_for(domain: Domain) -> list[str]:
    return [f"{intent.name}.{slot.name}" for intent in domain.intents.values() for slot in intent.slots]


def _weighed(sayings: Sayings, shares: Mapping[Sort, float], asked: Set[str] = frozenset()) -> Vocabulary:
    """``shares`` of what is said; what is left of 1 goes to answers of which the key was ``asked``."""
    about = [(pattern, theme) for pattern, themes in sayings.themes.items() for theme in themes]
    alike = Counter(_group(theme, asked) for _, theme in about)
    # No tool is likelier than another, however many ways to ask for it could be made up.
    tools = len({theme.intent for _, theme in about if theme.sort is Sort.REQUEST})
    is_name = {name for name, slot in sayings.slots.items() if slot.kind == "name" and key_of(slot) not in asked}
    weights: dict[str, float] = {}
    for pattern, theme in about:
        answers = theme.sort is Sort.ANSWER and theme.key in asked
        share = 1 - sum(shares.values()) if answers else shares[theme.sort]
        if theme.sort is Sort.REQUEST:
            share /= tools
        if is_name.intersection(sayings.blanks_of(pattern)):
            share *= _NAMES_COUNT
        weights[pattern] = weights.get(pattern, 0.0) + _PATTERNS * share / alike[_group(theme, asked)]
    return Vocabulary(sayings.themes, sayings.slots, weights=weights)


def _group(theme: Theme, asked: Set[str]) -> tuple[Sort, str, bool]:
    """Sentences that share the weight of what they are about."""
    of_intent = theme.intent if theme.sort is Sort.REQUEST else ""
    return theme.sort, of_intent, theme.sort is Sort.ANSWER and theme.key in asked
