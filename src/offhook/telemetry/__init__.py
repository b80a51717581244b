"""What operators see.

* ``logs``  one line for each thing that happened; with it ``plain`` (fields cut to a length) and ``mask`` (no secrets)
* ``feed``  the same, live, to whoever listens
"""
