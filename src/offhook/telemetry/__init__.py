"""What operators see.

* ``logs``  one line for each thing that happened; with it ``plain`` (fields cut to a length) and ``mask`` (no secrets)
* ``feed``  the same, live, to whoever listens
* ``pulse``  looks again and again how late the loop is; ``health`` judges by that if it keeps up
"""
