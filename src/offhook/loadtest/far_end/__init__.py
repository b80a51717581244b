"""The far end: an OpenAI Realtime server that follows a script. For demos, tests and load; needs no key and no model.

It follows the GA protocol message by message, so a gateway cannot tell it from the vendor's, except that it understands
nothing: it hears by level that the caller spoke, and says what the script says next. What any server of the protocol
needs is in ``offhook.realtime_server``. In reading order:

* ``script``         what it says, and how fast
* ``faults``         what goes wrong
* ``tones``          sound that it makes when the script brings none; each reply at its own pitch
* ``ears``           server_vad by level
* ``input_buffer``   the caller's sound: formats, counts, ears
* ``prompter``       which reply comes next
* ``cuts``           replies cut to deltas, once for all sessions
* ``speaking``       which of them is due when
* ``session``        one connection's protocol, without socket or clock
* ``timetable``      one timer for all sessions
* ``connection``     a session's socket; ``appends`` is the short way in, a clock for all sessions the short way out
* ``server``         all sockets
* ``gauges``         what is counted under load, with ``stats_page`` to read it; ``load_script`` is what is said then

>>> async with FarEnd(Script(replies=(Reply("Good morning."),))) as far_end:
...     print(far_end.url)
"""

from offhook.loadtest.far_end.faults import NO_FAULTS, Faults, HangUp, Noise
from offhook.loadtest.far_end.script import Reply, Script, ToolCall
from offhook.loadtest.far_end.server import FarEnd
from offhook.loadtest.far_end.session import Session

__all__ = ["NO_FAULTS", "FarEnd", "Faults", "HangUp", "Noise", "Reply", "Script", "Session", "ToolCall"]
