"""The demo: one call, from ringing to goodbye, with nothing configured and no network.

Gateway and speech server are the real ones, in processes of their own. This process plays Twilio with a caller. In
reading order:

* ``scenario``     who says what and when, and what has to come of it; or a caller's own lines, sound, or agent
* ``agent``        what answers: the restaurant of the examples
* ``program``      a process of ours: started, awaited and ended; ``leash`` ends it if this process is gone
* ``stage``        the two processes, and how they are set up
* ``voice``        the caller's lines as sound
* ``watch``        the gateway's live feed
* ``director``     drives the caller, who goes by what the phone lets them hear
* ``recording``    both sides as the phone has them: turns, waits, interruptions; ``hearing`` does so during the call
* ``database``     what the agent's tools have written down
* ``verdict``      whether the call went as it should have
* ``timeline``     the call along its time, ``svg`` draws it; ``kept`` are the files that stay
* ``screen``       what is printed; ``telling`` makes lines of events, ``picture`` draws sound in characters
* ``performance``  all of it together; ``failure`` is the error that any of it raises
"""
