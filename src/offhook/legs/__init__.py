"""The legs: media connections of callers, each behind the port in ``calls/leg``.

* ``twilio``       a Twilio media stream
* ``stream_pace``  how late its sound comes, and how far ahead of real time
"""
