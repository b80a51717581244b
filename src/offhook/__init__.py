"""Offhook puts phone calls on the line with speech AI, many on one machine, and does not drop them.

What an agent's author needs is here::

    from offhook import Agent, CallHandle

A tour, along the way of one frame of sound. The caller speaks; Twilio sends 20 ms of µ-law:

1. ``door.slot``             a media upgrade came in here once, and went to picows
2. ``legs.twilio``           the socket's callback: bytes of a WebSocket frame
3. ``wires.twilio_media``    those bytes become ``Media(payload)``
4. ``calls.uplink``          ``spoke``: through a chain of formats that is usually empty, to the engine session
5. ``audio.chain``           what the formats need, if they differ
6. ``engines.realtime``      the session's socket
7. ``wires.openai_realtime`` ``input_audio_buffer.append`` as bytes

The reply comes back the same way, up to ``calls.downlink``, which hands it to the leg in pieces and enters each into
the account of what was sent and heard:

8. ``calls.playout``         positions, marks, and the clock between them
9. ``calls.turns``           who is talking, and when the caller takes the turn

Nothing on this way waits: no task, no queue that is awaited, no thread, no lock for a frame. Around it:

* ``calls.call``             what happens next on a call; ``calls.switchboard`` has all of them
* ``calls.conversation``     what was said and done, as a value that can be carried elsewhere
* ``agents``                 what a user writes
* ``carriers``               the telephone company's side: webhooks, TwiML, REST
* ``door``                   HTTP, who may come in, and the end
* ``wiring``                 the one place where all rooms meet
* ``loadtest``, ``testing``  both ends of the gateway, played
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from offhook.agents.agent import Agent
    from offhook.agents.handle import CallHandle
    from offhook.agents.policies import BargeIn, SilencePolicy, TurnDetection

__all__ = ["Agent", "BargeIn", "CallHandle", "SilencePolicy", "TurnDetection"]

_HOMES = {
    "Agent": "offhook.agents.agent",
    "CallHandle": "offhook.agents.handle",
    "BargeIn": "offhook.agents.policies",
    "SilencePolicy": "offhook.agents.policies",
    "TurnDetection": "offhook.agents.policies",
}


def __getattr__(name: str) -> Any:
    # When they are asked for, so that `offhook --help` need not wait for pydantic.
    if name not in _HOMES:
        raise AttributeError(f"module 'offhook' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
