"""Writes numbers as they are said. Pure.

Telephone numbers, and numbers too long to be a count, are read digit by digit, in groups. That is done in every
language; money, times, dates and the signs around numbers are written out in English only, because other languages
put them in other words and other places.
"""

import re
from typing import Final

from offhook.voices.script import Script

LONG_NUMBER_DIGITS: Final = 7
"""From so many digits on, without a separator, a number is an account or a telephone, not a count."""

PHONE_DIGITS: Final = range(7, 16)
"""Of a telephone number; 15 is the most (ITU-T E.164)."""

_PHONE = re.compile(r"(?<![\w.,/:$€£-])(\+|\()?\d[\d ()\u00a0./-]{5,22}\d(?![\w/:-]|[.,]\d)")
_GROUPED_BY_3 = re.compile(r"\d{1,3}([ .\u00a0]\d{3})+")
_DATE_LIKE = re.compile(r"\d{4}([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2(?:\d{2}|\d{4})")
_NORTH_AMERICAN = re.compile(r"1?[2-9]\d{9}")
_LONG = re.compile(rf"(?<![\w.,:/$€£-])(?:\d{{{LONG_NUMBER_DIGITS},40}}|(?<!\d[ .])0\d{{2,40}})(?![\w:/-]|[.,]\d)")
_DIGITS = re.compile(r"\d+")

_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
}
_MONEY = re.compile(
    r"([$€£])[ ]?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d\d?))?(?![\d,.]*\d)([ ](?:thousand|million|billion))?\b"
)
_TIME = re.compile(r"(?<![\d:.,])([01]?\d|2[0-3]):([0-5]\d)(?![:\d])(?=[ ]?([ap]\.?m\b)?)", re.IGNORECASE)
_DATE = re.compile(r"(?<![\d/-])((?:19|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\d/-])")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_RANGE = re.compile(r"(?<![\w.,/:-])(\d{1,4})[ ]?[-–][ ]?(\d{1,4})(?![\d/:-]|[.,]\d)")
_FRACTIONS = {"1/2": "one half", "1/3": "one third", "1/4": "one quarter", "2/3": "two thirds", "3/4": "three quarters"}
_FRACTION = re.compile(r"(?<![\w.,/-])(?:1/[234]|2/3|3/4)(?![\w/-]|[.,]\d)")
_SLASH = re.compile(r"(?<=\d)/(?=\d)")
_KEY = re.compile(
    r"\b((?:press|dial|push|hit|enter|key|keys|or|then|and|the)[ ]+[\"'“‘(]?)([*#])(?![\w*#])", re.IGNORECASE
)
_TIMES = re.compile(r"(?<=\d)[ ]?[*×][ ]?(?=\d)")
_NUMBER_SIGN = re.compile(r"(?<!\w)(?:#|No\.[ ]?|№[ ]?)(?=\d)")
_CODE = re.compile(
    r"\b((?:number|order|code|pin|reference|ref|confirmation|account|id|ticket|booking|extension)"
    r"(?:[ ](?:number|code|is|no|id)){0,2}:?[ ])(\d{3,})(?![\w:/-]|[.,]\d)",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?<!\S)~[ ]?(?=[\d$€£])")
_TITLE_STOP = re.compile(r"\b(Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr)\.(?=[ ]\w)")
_VERSUS = re.compile(r"\bvs\.?(?=\s)", re.IGNORECASE)


def spell_phones(script: Script) -> None:
    """Write what looks like a telephone number, or is too long for a count, digit by digit: ``5 5 5, 0 1 2 3``."""
    script.replace(_PHONE, _phone)
    script.replace(_LONG, lambda match: _spelled([match.group()]))


def say_english(script: Script) -> None:
    """Write money, times, dates and signs as English says them. After ``spell_phones``, before signs are dropped."""
    script.replace(_KEY, lambda match: match.group(1) + ("star" if match.group(2) == "*" else "pound"))
    script.replace(_TIMES, " times ")
    script.replace(_NUMBER_SIGN, "number ")
    script.replace(_CODE, _spelled_code)
    script.replace(_ABOUT, "about ")
    script.replace(_MONEY, _money)
    script.replace(_TIME, _time)
    script.replace(_DATE, lambda match: f"{_MONTHS[int(match[2]) - 1]} {int(match[3])}, {match[1]}")
    script.replace(_RANGE, lambda match: f"{match[1]} to {match[2]}")
    script.replace(_FRACTION, lambda match: _FRACTIONS[match.group()])
    script.replace(_SLASH, " ")
    script.replace(_TITLE_STOP, lambda match: match.group(1))
    script.replace(_VERSUS, "versus")


def _phone(match: re.Match[str]) -> str:
    text = match.group()
    groups = _DIGITS.findall(text)
    digits = "".join(groups)
    if len(digits) not in PHONE_DIGITS or _DATE_LIKE.fullmatch(text):
        return text
    if len(groups) == 1 and text[0] != "+":
        return text  # unbroken: the other pattern's
    marked = text[0] in "+(" or (digits[0] == "0" and len(digits) > 8)
    if not marked and _GROUPED_BY_3.fullmatch(text):
        return text  # 1 000 000
    if not marked and (" - " in text or (min(map(len, groups)) < 2 and groups[0] != "1")):
        return text
    if not marked and len(groups) == 2 and (len(groups[0]), len(groups[1])) != (3, 4):
        return text  # 1995 - 2005, and other pairs
    return ("plus " if text[0] == "+" else "") + _spelled(groups)


def _spelled(groups: list[str]) -> str:
    return ", ".join(" ".join(part) for group in groups for part in _parts(group))


def _parts(digits: str) -> list[str]:
    """A long run in the groups that people say: 3-3-4 in North America, else by three, the rest with the last."""
    if len(digits) <= 5:
        return [digits]
    if _NORTH_AMERICAN.fullmatch(digits):
        cut = len(digits) - 10
        return [part for part in (digits[:cut], digits[cut:-7], digits[-7:-4], digits[-4:]) if part]
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    if len(parts[-1]) == 1:
        parts[-2:] = [parts[-2] + parts[-1]]
    return parts


def _money(match: re.Match[str]) -> str:
    one, many, small_one, small_many = _CURRENCIES[match[1]]
    whole, cents, scale = match[2].replace(",", ""), match[3] or "", match[4] or ""
    if scale:
        return f"{whole}{'.' + cents if cents else ''}{scale} {many}"
    small = int(cents.ljust(2, "0") or 0)
    if not int(whole) and small:
        return f"{small} {small_one if small == 1 else small_many}"
    return f"{whole} {one if int(whole) == 1 else many}" + (f" {small}" if small else "")


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if minute >= 10:
        return f"{hour} {minute}"
    if minute:
        return f"{hour} oh {minute}"
    if match[3]:
        return str(hour)
    return f"{hour} o'clock" if 1 <= hour <= 12 else f"{hour} hundred"


def _spelled_code(match: re.Match[str]) -> str:
    return match[1] + _spelled([match[2]])
