"""The carriers: telephone companies, each behind the port in ``calls/carrier``.

* ``twilio/``  Twilio's webhooks, TwiML and REST API
"""
