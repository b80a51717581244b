"""Events as they are told to others: with texts of bounded length, as a thousand of them may wait for one listener."""

from typing import Final

import msgspec

from offhook.calls.conversation import TEXT_LIMIT_CHARS
from offhook.calls.events import CallEvent, ReplyFinished

TOLD_LIMIT_CHARS: Final = 2 * TEXT_LIMIT_CHARS
"""As much as a record keeps of the longest text."""

USAGE_LIMIT_BYTES: Final = 4096
"""The vendors' are about 400."""


def clipped(event: CallEvent) -> CallEvent:
    """The event; what is longer than the limits is cut, and a usage over its limit is left out."""
    long = {
        name: value[:TOLD_LIMIT_CHARS]
        for name in event.__struct_fields__
        if isinstance(value := getattr(event, name), str) and len(value) > TOLD_LIMIT_CHARS
    }
    if isinstance(event, ReplyFinished) and len(msgspec.json.encode(event.usage)) > USAGE_LIMIT_BYTES:
        return msgspec.structs.replace(event, usage=None, **long)
    return msgspec.structs.replace(event, **long) if long else event
