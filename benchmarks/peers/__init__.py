"""The systems beside which Offhook is measured, and what they need around them.

* ``haproxy``        configurations of HAProxy: the floor, and TLS in front of the far end
* ``answerer``       what stands behind the floor: a server of Media Streams that answers by itself
* ``usual_sample``   the sample that most projects begin with, in our own writing; resampling, or passing µ-law through
* ``pipecat_bot``    Pipecat in its documented Twilio form; runs in an environment of its own
* ``linear_engine``  Offhook, told that the engine knows no µ-law
* ``observed``       Offhook, telling a soak what it holds
"""
