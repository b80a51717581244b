"""For tests of what you write: a scripted caller for your agents, and both ends of a call in memory for your adapters.

For agents, in reading order:

* ``caller``          what a test says, hears and asserts; the same in sound and in text
* ``ringing``         ``phone_call``: a call in sound, through a real gateway
* ``spoken_caller``   the caller with a telephone in hand; ``callers_voice`` is their mouth
* ``typed_caller``    ``typed_call``: a call in text, in milliseconds
* ``floor``           whose turn it is
* ``telephone``       the gateway, and the stand-in for Twilio that rings it
* ``speech``          the speech server that all calls of a test run share
* ``transcript``      a call written out, for who reads why a test failed; ``wording`` compares what was said

For adapters:

* ``memory_leg``      a caller's line: plays out sound, answers marks, knows what was really heard
* ``earpiece``        what such a line plays, and when; told the time
* ``memory_engine``   an engine whose sessions say what the test wants, and write down what they were asked
* ``memory_carrier``  a telephone company that writes down what it was ordered
* ``clock``           a clock that is stepped by hand
* ``stepped_loop``    an event loop in which waiting takes no time

Put a ``MemoryLeg`` and a ``MemorySession`` on a ``Bridge``, or bring them to a ``Call``, and both talk through the code
that carries real calls. ``SteppedLoop`` lets a test wait through twenty seconds of silence in a millisecond.

The names below are loaded when they are asked for: a gateway takes a second to import, and a stepped clock needs none.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from offhook.testing.caller import Caller, NotAsScripted, ToolCall
    from offhook.testing.ringing import phone_call
    from offhook.testing.speech import speech_server
    from offhook.testing.spoken_caller import SpokenCaller
    from offhook.testing.typed_caller import TypedCaller, typed_call

__all__ = [
    "Caller",
    "NotAsScripted",
    "SpokenCaller",
    "ToolCall",
    "TypedCaller",
    "phone_call",
    "speech_server",
    "typed_call",
]

_HOMES: Final = {
    "Caller": "caller",
    "NotAsScripted": "caller",
    "SpokenCaller": "spoken_caller",
    "ToolCall": "caller",
    "TypedCaller": "typed_caller",
    "phone_call": "ringing",
    "speech_server": "speech",
    "typed_call": "typed_caller",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
