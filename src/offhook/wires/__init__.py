"""The wires: bytes in, values out, and back. No sockets and no clocks.

* ``messages``         WebSocket fragments put together again, within a limit
* ``twilio_media``     Twilio Media Streams, both directions
* ``openai_realtime``  the OpenAI Realtime protocol (GA), both directions
* ``unreadable``       what is wrong with a message that is no JSON

Each can be read against its specification, fed captured bytes, and spoken by either end: the product is one end, the
stand-ins for load and tests are the other.
"""
