"""The legs: media connections of callers, each behind the port in ``calls/leg``.

* ``twilio``  a Twilio media stream
"""
