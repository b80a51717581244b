"""The demo: one call, from ringing to goodbye, with nothing configured and no network.

The gateway is the real one, in a process of its own. This process plays Twilio with a caller, and the far end. In
reading order:

* ``scenario``     who says what, and when the caller speaks; pure data
* ``agent``        what answers: an agent as a user writes it
* ``sounds``       the lines as recordings
* ``script``       the agent's lines as the far end says them
* ``stage``        starts and stops the gateway's process; ``leash`` ends it if this process is gone
* ``watch``        the gateway's live feed
* ``director``     drives the caller, who goes by what the phone lets them hear
* ``screen``       what is printed; ``telling`` makes lines of events, ``picture`` draws sound in characters
* ``recording``    ``call.wav`` and ``call.json``, and whether they hold what was promised
* ``performance``  all of it together; ``failure`` is the error that any of it raises
"""
