"""The call: one conversation with one caller, and the ports through which the world reaches it.

In reading order:

* ``events``       everything that happens on a call
* ``states``       its life as a table; ``life`` is one call's place in it
* ``leg``, ``engine``, ``carrier``   the ports: the caller's side, the speech side, the telephone company
* ``conversation`` what was said and done, as a value
* ``bridge``       moves sound and turns between a leg and an engine session; with it ``turns`` (who is talking),
  ``playout`` (what was sent and heard) and ``backlog`` (sound that waits)
* ``call``         what happens next; with it ``engine_link``, ``toolbelt`` and ``tool_rounds``, ``scribe``, ``line``,
  ``departure``, ``asked``, and its clocks: ``patience``, ``digits``, ``leaving``, ``alarm``
* ``switchboard``  all calls of a worker; with it ``pacing`` and ``tokens``
* ``view``         a call as the API shows it

``turns``, ``playout``, ``backlog``, ``patience``, ``digits``, ``tool_rounds``, ``tokens``, ``pacing``, ``conversation``
and ``scribe`` are told the time, and know no socket and no loop.
"""
