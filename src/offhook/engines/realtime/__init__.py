"""Sessions that speak the OpenAI Realtime protocol.

* ``address``  where a server is, and the key it is shown
* ``setup``    what is asked for when a session begins, and how an earlier conversation is told to it
* ``faults``   which failures are fatal, which may pass, and which mean nothing
* ``session``  one open connection; with it ``asking`` (which reply was asked for), ``tool_calls`` and ``connection``
  (the socket's limits, and its end)
* ``connect``  how one is opened
"""
