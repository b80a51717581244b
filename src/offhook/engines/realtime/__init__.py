"""Sessions that speak the OpenAI Realtime protocol.

* ``setup``    what is asked for when a session begins, and how an earlier conversation is told to it
* ``faults``   which failures are fatal, which may pass, and which mean nothing
* ``session``  one open connection
* ``connect``  how one is opened
"""
