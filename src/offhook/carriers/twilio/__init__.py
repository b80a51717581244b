"""Twilio: what it asks, what it is told, and how we know that it is Twilio.

* ``signature``  X-Twilio-Signature, on webhooks and on stream upgrades
* ``webhook``    the fields of a voice webhook and of status callbacks
* ``twiml``      the documents it is answered with
* ``addresses``  the URLs of ours that it is told
* ``rest``       the REST API: dial, redirect, hang up
"""
