"""Both ends of the gateway, played: for the demo, the tests, and load.

* ``twilio``   the carrier: rings, executes TwiML, streams sound at real pace, serves the REST API
* ``far_end``  the engine: a scripted realtime server
* ``figures``  how both count
* ``load``     the load test: many callers, and a report

They speak the same ``wires`` as the product, and nothing in the product knows that it is talking to them.
"""
