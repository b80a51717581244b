"""The words of English that the dialogue knows by name. Short lists, on purpose: an agent's own words come from it."""

from typing import Final

from offhook.dialogue.calendar import WEEKDAYS
from offhook.recognisers.spoken import cardinal, ordinal


def _parted(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FUNCTION_WORDS: Final = frozenset(
    _parted("""
    a about actually also am an and any are as at be been but by can could did do does for from get give got had has
    have he hello here hey hi how i if in into is it just know like look made make maybe me much my need now of on one
    or our out please she should so some sure tell thank thanks that the their them then there they think this to um uh
    er us want was we well were what when where which who will with would you your okay yes no oh let good morning
    evening afternoon more say said really very kindly quickly possible right go going may might try help something
    anything ask put start back come coming through free available sorry new whether already still yet again because
    since too only even ever until while than somebody someone anybody anyone nobody everything nothing thing things
    moment up out off over down shall must might were being does did having want these those
    """)
)
"""Words that tell little of what a caller wants."""

SMALL_WORDS: Final = frozenset({"a", "an", "the", "my", "your", "our", "this", "that", "some", "please", "about", "of"})
"""Words that may stand between a cue and its value: "at about seven", "for my party of six"."""

ACTIONS: Final = frozenset(
    _parted("""
    activate add adjust apply arrange assign block book buy call cancel change charge claim close collect complain
    confirm connect convert create deactivate decline delete deliver dial disable dispatch drop edit enable enrol
    enroll enter extend file forward hold increase install invite join leave lock log lower mail make modify move note
    open order pause pay pick place play postpone print process purchase raise record redeem refund register reject
    remind remove renew rent repair replace report request reschedule reserve reset resume return reverse schedule sell
    send set ship sign start stop submit subscribe switch take top transfer turn unblock unlock unsubscribe update
    upgrade verify withdraw write
    """)
)
"""Verbs that change something."""

INQUIRIES: Final = frozenset(
    _parted("""
    ask answer calculate check compute count describe display estimate explain fetch find get give inform list locate
    look lookup query quote read retrieve return say search see show tell track view
    """)
)
"""Verbs that only bring something to light."""

PARTICLES: Final = frozenset({"up", "out", "for", "off", "back", "on", "in", "down", "over"})
"""Second halves of verbs: look up, find out, call off."""

ABSTRACT_NOUNS: Final = frozenset(
    _parted("""
    address amount availability balance charges cost count date deadline delivery details directions fee forecast
    history hours id info information level limit list location menu name news number offer offers opening options
    plan policy price prices progress quote rate rates reference result results size state status summary time times
    total tracking type types value weather
    """)
)
"""Nouns that make of a verb before them a noun: an order's status, not to order a status."""

SYNONYMS: Final = (
    ("book", "reserve", "reservation", "booking", "appointment", "schedule", "arrange"),
    ("cancel", "annul", "delete", "remove", "drop"),
    ("change", "modify", "alter", "edit", "amend", "update", "reschedule", "postpone", "move", "shift"),
    ("buy", "purchase", "order"),
    ("price", "cost", "fee", "charge", "expensive"),
    ("order", "parcel", "package", "shipment", "delivery"),
    ("open", "hours", "close", "shut"),
    ("phone", "telephone", "call"),
    ("connect", "transfer", "forward", "talk", "speak", "reach"),
    ("transfer", "send", "wire", "pay"),
    ("begin", "start"),
    ("appointment", "meeting", "visit", "slot"),
    ("guest", "people", "person"),
    ("fix", "repair", "broken"),
    ("location", "address", "place"),
    ("bill", "invoice", "billing"),
    ("car", "vehicle"),
    ("film", "movie"),
    ("doctor", "physician"),
    ("room", "bedroom"),
    ("message", "note", "voicemail"),
)
"""Words that callers use for one another. They are taken for one another only where an agent does not know the word
that was said, so one that has both an order and a parcel keeps them apart."""

SPOKEN_VERBS: Final = {"book": ("reserve",), "cancel": ("call off",), "change": ("move",), "buy": ("purchase",)}
"""Other verbs for which sentences are made; more would only make a recogniser's choice harder."""

SAID_INSTEAD: Final = {
    "order": ("package", "parcel"),
    "booking": ("reservation",),
    "reservation": ("booking",),
    "appointment": ("meeting",),
    "bill": ("invoice",),
    "car": ("vehicle",),
}
"""Other names that callers have for a thing; a recogniser must be told of them."""

FIRST_NAMES: Final = _parted(
    """
    adam alan alex alice amanda amy andrea andrew angela anna anne anthony ashley barbara ben benjamin betty bob brian
    carl carol catherine charles charlotte chris christian christine claire daniel david deborah dennis diana donald
    donna dorothy edward elena elizabeth emily emma eric eva evelyn frank gary george grace greg hannah harry heather
    helen henry ian jack jacob james jane janet jason jennifer jessica jim joan joe john jonathan joseph joshua judith
    julia julie justin karen kate katherine keith kelly kenneth kevin kim larry laura lauren leo linda lisa louis lucy
    luke margaret maria mark martha martin mary matthew megan melissa michael michelle mike mohammed nancy nathan
    nicholas nicole nina noah olivia oliver oscar pamela patricia patrick paul peter philip rachel ralph raymond
    rebecca richard robert roger ronald rose roy russell ruth ryan samantha samuel sandra sara sarah scott sharon simon
    sophia sophie stephanie stephen steven sue susan teresa thomas tim timothy tom tony tyler victoria vincent virginia
    walter wayne wendy william zoe
    """
)

LAST_NAMES: Final = _parted(
    """
    adams allen anderson baker bell brown campbell carter clark collins cook cooper davies davis edwards evans fischer
    garcia gonzalez green hall harris hernandez hill hughes jackson johnson jones kelly khan king klein lee lewis lopez
    martinez meyer miller mitchell moore morgan morris murphy nelson parker patel perez phillips roberts robinson
    rodriguez rogers schmidt schneider scott smith taylor thomas thompson turner walker ward watson weber white williams
    wilson wood wright young
    """
)

NUMBER_WORDS: Final = frozenset(
    {word for value in range(100) for word in cardinal(value).split()}
    | {word for value in range(1, 32) for word in ordinal(value).split()}
    | {"hundred", "thousand", "million", "dozen", "oh", "double", "triple", "point", "half", "quarter", "past"}
)
"""Words of numbers and times. Not part of a name or a text next to them."""

DAY_WORDS: Final = frozenset({*WEEKDAYS, "today", "tomorrow", "tonight", "next"})

EVENING_WORDS: Final = frozenset({"restaurant", "bistro", "dinner", "tonight", "bar", "theatre", "theater", "cinema"})
"""In an agent's own words, they tell that bare hours are those of the evening."""


def stem(word: str) -> str:
    """What forms of one word have in common: "bookings" and "booked" with "book". Rough, for comparing only."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            base = word.removesuffix(ending)
            if ending in ("ies", "ied"):
                return base + "y"
            if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
                base = base[:-1]
            return base.removesuffix("e")
    return word.removesuffix("e") if len(word) > 4 else word
