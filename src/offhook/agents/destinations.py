"""Where a call may be sent: an E.164 number or a SIP address."""

import re
from typing import Annotated

from pydantic import AfterValidator

E164 = re.compile(r"\+[1-9][0-9]{1,14}")
"""A plus, the country code, and no more than 15 digits in all (ITU-T E.164, 6.2.1)."""

SIP_ADDRESS = re.compile(r"sips?:[^\s@<>\"]+@[^\s@<>\"]+")
"""A SIP URI with a user part (RFC 3261, 19.1.1), which is what a carrier can dial."""


def _destination(text: str) -> str:
    if E164.fullmatch(text) or SIP_ADDRESS.fullmatch(text):
        return text
    raise ValueError(f"{text!r} is neither a number such as +4930123456 nor an address such as sip:desk@example.com")


Destination = Annotated[str, AfterValidator(_destination)]
"""Text that is checked to be an E.164 number or a ``sip:user@host`` address."""
