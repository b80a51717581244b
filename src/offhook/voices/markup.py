"""Takes out of a text what is not for the ear. Pure.

A voice would read it aloud: the asterisks of Markdown, tags, the address behind a link, emojis by their names. A tag of
SSML is dropped like any other, never obeyed.
"""

import re
import unicodedata
from html import unescape
from typing import Final

from offhook.voices.script import Script

SPOKEN_SYMBOLS: Final = "°№℃℉"
"""Symbols, as Unicode has it, that are read aloud all the same. All others of their kind are emojis and ornaments."""

MAX_WORD_CHARS: Final = 60
"""Longer runs without white space are broken: no word is longer, and one of 200 letters can kill the engine."""

_M = re.MULTILINE
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_LINE_END = re.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    r"\ufff0-\uffff\ud800-\udfff\ue000-\uf8ff\U00010000-\U0010ffff]"
    r"|(?<!\w)[\u200c\u200d]|[\u200c\u200d](?!\w)"  # the joiners belong to some scripts; elsewhere they join emojis
)
_WIDE_SPACE = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_EMPTY_LINES = re.compile(r"\n(?: ?\n){2,}")
_COMBINED = re.compile(r"\w[\u0300-\u036f]+")
_FENCE = re.compile(r"^[ ]?(?:```|~~~)[\w+-]*[ ]?$", _M)
_COMMENT = re.compile(r"<!--.{0,300}?-->", re.DOTALL)
_ADDRESS = re.compile(
    r"\bhttps?://(?:www\.)?([\w-]+(?:\.[\w-]+)*)(?::\d+)?(?:[/?#](?:[^\s<>()]*[^\s<>().,;:!?'\"*])?)?"
)
_WWW = re.compile(r"\bwww\.(?=\w)")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\((?:[^()\n]|\([^()\n]*\))*\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_RULE = re.compile(r"^[ ]?(?:(?:\*[ ]?){3,}|(?:-[ ]?){3,}|(?:_[ ]?){3,}|(?:=[ ]?){3,})$", _M)
_TABLE_RULE = re.compile(r"^[ ]?\|?[ ]?:?-[-:| \t]*$", _M)
_HEADING = re.compile(r"^([ ]?#{1,6}[ ][^\n]*[^\s.!?:;,…])[ ]?$", _M)
_BEFORE_ITEM = re.compile(r"(?<=[^\s.!?:;,…])[ ]?\n(?=[ ]?(?:\n|[-*+•>|#][ ]|\d{1,2}[.)][ ]))")
_BULLET = re.compile(r"^[ ]?(?:[-+*•‣–][ ](?:\[[ xX]\][ ])?|#{1,6}[ ]|(?:>[ ]?)+)", _M)
_FIRST_BAR = re.compile(r"^[ ]?\|[ ]?", _M)
_LAST_BAR = re.compile(r"(?<=\S)[ ]?\|[ ]?$", _M)
_BAR = re.compile(r"[ ]?\|[ ]?")
_EMPHASIS = (
    re.compile(r"(?<![*\w])\*{1,3}(?=[^\s*])([^*\n]{1,200})(?<=\S)\*{1,3}"),
    re.compile(r"(?<!\w)_{1,3}(?=[^\s_])([^\n]{1,200}?)(?<=[^\s_])_{1,3}(?!\w)"),
    re.compile(r"~~([^~\n]{1,200})~~"),
)
_ARROW = re.compile(r"[ ]?(?:[\u2190-\u21ff\u27f0-\u27ff]|[-=]{1,2}>|<[-=]{1,2})[ ]?")
_SYMBOL = re.compile(r"[^\w\s\x00-\x7f\u200c\u200d]")
_KEYCAP = re.compile(r"\u20e3")
_SILENT = re.compile(r"[*`~^|\\{}\[\]_<>•]+|(?<=\s)#+(?=\s|$)|^#+(?=\s|$)|[-=#+]{3,}")
_QUOTES = re.compile(r"[\"“”„‟«»‹›「」『』]|(?<!\w)['‘’]|['‘’](?!\w)")
_ASIDE = re.compile(r"[ ]?[()（）【】][ ]?|[ ]?[—–―][ ]?|(?<=\s)-+(?=\s)")
_LOOSE_HYPHEN = re.compile(r"(?<!\w)[-‐‑]+(?!\d)|[-‐‑]+(?!\w)")
_LAST_BRACKET = re.compile(r"[ ]?[)）】]\s*\Z")
_COMMAS = re.compile(r",(?:[ ]?,)+")
_LOST_COMMA = re.compile(r"[ ]?,(?=[ ]?[.!?;:…])|(?<=[.!?;:…])[ ]?,|\A[ ]?,")
_REPEATED = re.compile(r"([!?]{2})[!?]+|([!?,;:])\2+")
_SPACE = re.compile(r"\s+")
_SPACE_BEFORE_STOP = re.compile(r"[ ](?=[,.!?;:](?!\w))")
_LONG_WORD = re.compile(rf"\S{{{MAX_WORD_CHARS}}}(?=\S)")


def tidy_characters(script: Script) -> None:
    """Take out what no reader sees: control characters, halves of characters; write entities as what they mean.

    Also what no voice here can read: all from U+10000 on, which is emojis, and letters that the engine only stumbles
    over.
    """
    script.replace(_ENTITY, lambda match: unescape(match.group()))
    script.replace(_LINE_END, "\n")
    script.replace(_CONTROL, "")
    script.replace(_WIDE_SPACE, " ")
    script.replace(_EMPTY_LINES, "\n\n")
    script.replace(_COMBINED, lambda match: unicodedata.normalize("NFC", match.group()))


def drop_markup(script: Script) -> None:
    """Take out Markdown, tags and the tails of addresses; the lines of a list become sentences."""
    script.replace(_FENCE, "")
    script.replace(_COMMENT, " ")
    script.keep(_LINK)
    script.keep(_ADDRESS)
    script.replace(_WWW, "")
    script.replace(_TAG, " ")
    script.replace(_RULE, "")
    script.replace(_TABLE_RULE, "")
    script.replace(_HEADING, lambda match: match.group(1) + ".")
    script.replace(_FIRST_BAR, "")
    script.replace(_LAST_BAR, ".")
    script.replace(_BEFORE_ITEM, ".\n")
    script.replace(_BULLET, "")
    script.replace(_BAR, ", ")
    for pattern in _EMPHASIS:
        script.keep(pattern)


def drop_symbols(script: Script) -> None:
    """Take out emojis, ornaments, quotes, and signs that would be read by their names; set white space right.

    Brackets and dashes become commas, which is how they are read. It is also for the engine's safety: in espeak-ng
    1.52, a quote or bracket before a hyphen and a letter kills a process that speaks Vietnamese, and a word of 200
    letters one that speaks Romanian. After this, 35,000 random clauses in all its languages did it no
    harm; that is a trial and no proof, so a process that speaks needs one that watches it.
    """
    script.replace(_KEYCAP, "")
    script.replace(_ARROW, ", ")
    script.replace(_SYMBOL, _spoken)
    script.replace(_SILENT, " ")
    script.replace(_QUOTES, "")
    script.replace(_LAST_BRACKET, "")
    script.replace(_ASIDE, ", ")
    script.replace(_LOOSE_HYPHEN, " ")
    script.replace(_REPEATED, lambda match: match.group(1) or match.group(2))
    script.replace(_SPACE, " ")
    script.replace(_SPACE_BEFORE_STOP, "")
    script.replace(_COMMAS, ",")
    script.replace(_LOST_COMMA, "")
    script.replace(_LONG_WORD, lambda match: match.group() + " ")


def _spoken(match: re.Match[str]) -> str:
    sign = match.group()
    if sign in SPOKEN_SYMBOLS or unicodedata.category(sign) not in ("So", "Sk", "Cn", "Cf"):
        return sign
    return " "
