"""What every caller may say, whatever the agent is for: yes and no, "say that again", "a human, please", goodbye."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz, process

LIKE_ENOUGH: Final = 86.0
"""Out of 100: how alike a whole sentence must be to one of the phrases."""

SENTENCE_WORDS_LIMIT: Final = 10
"""Longer sentences say something of their own."""


class General(StrEnum):
    """What was meant."""

    YES = "yes"
    NO = "no"
    REPEAT = "repeat"
    HELP = "help"
    HUMAN = "human"
    GOODBYE = "goodbye"
    STOP = "stop"
    """Leave what was begun."""
    DO_NOT_KNOW = "do_not_know"
    THANKS = "thanks"
    HELLO = "hello"


PHRASES: Final = {
    General.YES: (
        "yes", "yes please", "yes that is right", "yes that is correct", "yes it is", "yes i do", "yes i would",
        "yes of course", "sure", "okay", "correct", "right", "that is right", "that is correct", "exactly", "of course",
        "please do", "go ahead", "absolutely", "certainly", "sounds good", "perfect", "fine", "that is fine", "great",
    ),
    General.NO: (
        "no", "no thank you", "no thanks", "not really", "wrong", "that is wrong", "that is not right", "incorrect",
        "that is not correct", "no that is wrong", "no that is not right", "no it is not", "no i do not", "not at all",
        "i do not think so", "that is all", "no that is all", "no that is it", "that is everything", "nothing else",
        "no thank you that is all", "no that is all thank you", "no thanks that is all", "no nothing else",
    ),
    General.REPEAT: (
        "repeat that", "can you repeat that", "could you repeat that", "please repeat that", "say that again", "again",
        "can you say that again", "could you say that again", "what did you say", "pardon", "pardon me", "sorry",
        "i did not hear you", "i did not understand you", "i did not understand that", "what was that", "excuse me",
        "come again", "once more", "one more time", "can you repeat the question", "repeat", "what",
    ),
    General.HELP: (
        "help", "help me", "what can you do", "what can i do", "what can i say", "what can i ask",
        "what are my options",
        "what can you do for me", "how does this work", "what do you do", "how can you help me", "can you help me",
        "i need help", "what is this", "who are you", "who is this", "what are the options", "options", "menu",
    ),
    General.HUMAN: (
        "human", "operator", "agent", "representative", "speak to a human", "talk to a human",
        "i want to speak to a human",
        "i would like to speak to a human", "speak to a person", "talk to a person", "i want to talk to a real person",
        "can i speak to someone", "can i talk to someone", "let me speak to someone", "transfer me to an operator",
        "please transfer me to an operator", "connect me to an agent", "put me through to someone",
        "i want to speak to an operator", "i need to speak to someone", "i need to talk to someone", "transfer me",
        "i want to talk to a representative", "can you transfer me to a human", "is there a human there",
        "can i talk to somebody", "i would like to talk to somebody", "is there someone i can talk to",
        "is there somebody i can speak to", "put me through to somebody please",
    ),
    General.GOODBYE: (
        "goodbye", "bye", "bye bye", "good bye", "thank you goodbye", "thanks bye", "okay goodbye", "see you",
        "hang up",
        "that is all goodbye", "that is all thank you", "that will be all", "no thank you goodbye", "end the call",
        "have a nice day", "have a good day", "good night", "see you later",
    ),
    General.STOP: (
        "never mind", "stop", "cancel", "cancel that", "forget it", "forget that", "start over", "start again",
        "go back",
        "i changed my mind", "not now", "leave it", "drop it", "back to the beginning", "something else",
    ),
    General.DO_NOT_KNOW: (
        "i do not know", "i have no idea", "no idea", "i am not sure", "not sure", "i do not remember", "i forgot",
        "i do not have it", "i do not have one", "i can not remember",
    ),
    General.THANKS: (
        "thank you", "thanks", "thank you very much", "thanks a lot", "okay thank you", "great thank you", "cheers",
    ),
    General.HELLO: (
        "hello", "hi", "hey", "good morning", "good afternoon", "good evening", "hello there", "hi there",
        "hello how are you", "how are you", "are you there", "hello are you there", "is anybody there",
    ),
}  # fmt: skip

_MEANING: Final = {phrase: general for general, phrases in PHRASES.items() for phrase in phrases}
_ALL: Final = tuple(_MEANING)
_FILLERS: Final = frozenset({"um", "uh", "er", "please", "well", "so", "oh", "ah", "hmm", "now", "just", "then"})
_PEOPLE: Final = frozenset(
    {"human", "operator", "agent", "representative", "person", "someone", "somebody", "anybody", "anyone", "colleague"}
)
REACHING: Final = frozenset({"speak", "talk", "transfer", "connect", "put", "through", "real", "live", "get", "reach"})
"""Words with which one asks for a person, or a place with one."""

_DENIALS: Final = frozenset({"not", "never"})
_WISHES: Final = frozenset(
    {"want", "wish", "like", "need", "have", "to", "be", "please", "really", "rather", "a", "the"}
)
"""Between a denial and what is denied: "I do not want to be connected"."""
_ASKED: Final = frozenset({"speak", "talk", "transfer", "transferred", "connect", "connected", "put"})
_NEW_PARTS: Final = frozenset(
    {
        "but",
        "because",
        "and",
        "so",
        "please",
        "i",
        "you",
        "we",
        "it",
        "get",
        "give",
        "let",
        "transfer",
        "connect",
        "put",
    }
)
"""With these another part of a sentence begins, behind what was denied."""

_ANSWERS: Final = {"yes": True, "no": False}


def plain(words: Sequence[str]) -> tuple[str, ...]:
    """The words without those that only fill."""
    return tuple(word for word in words if word not in _FILLERS)


def read_general(words: Sequence[str]) -> General | None:
    """What a sentence means if it is one that every caller may say, as a whole."""
    told = plain(words)
    if len(told) > 1:
        told = told[told[0] == "sorry" : len(told) - (told[-1] == "sorry")]
    if not told or len(told) > SENTENCE_WORDS_LIMIT:
        return None
    sentence = " ".join(told)
    if sentence in _MEANING:
        return _MEANING[sentence]
    if {"goodbye", "bye"} & set(told) and len(told) <= SENTENCE_WORDS_LIMIT // 2:
        return General.GOODBYE
    wanted = set(affirmed(told))
    if _PEOPLE & wanted and REACHING & wanted:
        return General.HUMAN
    if len(told) == 1:
        return None  # one word is soon like another
    near = process.extractOne(sentence, _ALL, scorer=fuzz.ratio, score_cutoff=LIKE_ENOUGH)
    return _MEANING[near[0]] if near is not None and _differ_little(told, near[0].split()) else None


def affirmed(words: Sequence[str]) -> tuple[str, ...]:
    """The words without what the caller does not want: of "do not connect me to sales", "do".

    "You do not understand me, connect me to sales" loses no more than "not understand".
    """
    kept: list[str] = []
    at = 0
    while at < len(words):
        if words[at] not in _DENIALS or {"can", "could"} & set(words[max(0, at - 2) : at]):  # "can I not talk to"
            kept.append(words[at])
            at += 1
            continue
        at += 1
        while at < len(words) and words[at] in _WISHES:
            at += 1
        asks = at < len(words) and words[at] in _ASKED
        at += 1
        while asks and at < len(words) and words[at] not in _NEW_PARTS:
            at += 1
    return tuple(kept)


def _differ_little(told: Sequence[str], phrase: Sequence[str]) -> bool:
    """The same yes, no and not in both: "i know" is not "i do not know"."""
    telling = {"not", "no", "yes", "goodbye", "bye"}
    return telling & set(told) == telling & set(phrase)


def leading_answer(words: Sequence[str]) -> tuple[bool | None, tuple[str, ...]]:
    """Whether the sentence begins with yes or no, and what follows: "no, for five" is False and "for five"."""
    told = plain(words)
    answer = _ANSWERS.get(told[0]) if told else None
    if answer is None:
        return None, tuple(words)
    rest = told[1:]
    for polite in (("thank", "you"), ("thanks",), ("but",), ("actually",), ("sorry",), ("i", "said"), ("it", "is")):
        if rest[: len(polite)] == polite:
            rest = rest[len(polite) :]
    return answer, rest
