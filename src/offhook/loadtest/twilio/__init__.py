"""A stand-in for Twilio, for the demo, the tests and the load test. It knows the gateway only by its URLs.

In reading order:

* ``standin``        the account: numbers to ring, the REST API, all lines
* ``line``           one call, as Twilio sees it and as the caller does
* ``script``         runs TwiML: which document and which verb is next; ``stage`` does what the verb says
* ``twiml``          a document as values
* ``streams``        the streams of a call; ``stream`` is one connection, ``replies`` reads what the server sends
* ``playback``       Twilio's queue of sound, its marks and clears; ``track`` is what was heard when
* ``handset``        the caller's phone; ``voice`` is its mouth, ``clock`` calls it every 20 ms
* ``talker``         who speaks in its place under load; ``frames`` makes that cheap
* ``life``           the states of a call (``states``) and its status callbacks (``callbacks``)
* ``webhooks``       HTTP requests to the gateway, signed (``signature``), perhaps through a proxy (``address``)
* ``rest``           the REST API; ``call_request`` reads, ``call_resource`` writes, ``dialler`` keeps the pace
* ``behaviour``      the knobs; ``endings`` and ``debugger`` are what can go wrong and how it is noted
"""

from offhook.loadtest.twilio.behaviour import Behaviour
from offhook.loadtest.twilio.endings import AfterStream, StreamEnd
from offhook.loadtest.twilio.line import Line, LineEndedError
from offhook.loadtest.twilio.standin import TwilioStandIn
from offhook.loadtest.twilio.states import Outcome, Status
from offhook.loadtest.twilio.stream import MediaStream
from offhook.loadtest.twilio.talker import Talker

__all__ = [
    "AfterStream",
    "Behaviour",
    "Line",
    "LineEndedError",
    "MediaStream",
    "Outcome",
    "Status",
    "StreamEnd",
    "Talker",
    "TwilioStandIn",
]
