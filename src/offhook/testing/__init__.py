"""Both ends of a call in memory, for tests: real ones of ours, and of whoever writes an agent or an adapter.

* ``memory_leg``      a caller's line: plays out sound, answers marks, knows what was really heard
* ``earpiece``        what such a line plays, and when; told the time
* ``memory_engine``   an engine whose sessions say what the test wants, and write down what they were asked
* ``memory_carrier``  a telephone company that writes down what it was ordered
* ``clock``           a clock that is stepped by hand
* ``stepped_loop``    an event loop in which waiting takes no time

Put a ``MemoryLeg`` and a ``MemorySession`` on a ``Bridge``, or bring them to a ``Call``, and both talk through the code
that carries real calls. ``SteppedLoop`` lets a test wait through twenty seconds of silence in a millisecond.
"""
