"""What can be wrong with JSON before a word of it is understood."""

from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for a peer's message: no JSON or not of the type, a string that is no UTF-8, nested too deep.

The last two are no ``DecodeError``; uncaught, a few bytes of a peer would end the callback of its socket.
"""
