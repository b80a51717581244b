"""The OpenAI Realtime protocol (GA), both directions: JSON text, one event a frame.

* ``items``          what a conversation consists of
* ``server_events``  what the engine says, as far as a bridge acts on it
* ``asides``         what it says besides; only ever written, by stand-ins
* ``client_events``  what is said to it

Names follow https://platform.openai.com/docs/api-reference/realtime. Beta spellings of server events are understood
too, because Azure's services still speak them. Unknown events and fields are skipped: vendors add them at will.
"""
