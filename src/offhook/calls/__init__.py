"""The call: one conversation with one caller, and the ports through which the world reaches it.

In reading order:

* ``events``        everything that happens on a call
* ``states``        its life as a table; ``life`` is one call's place in it
* ``leg``, ``engine``, ``carrier``: the ports. The caller's side, the speech side, the telephone company
* ``conversation``  what was said and done, as a value; ``scribe`` writes it
* ``bridge``        moves sound and turns between a leg and an engine session, to whom it listens with its ``ears``;
  with it ``turns`` (who is talking), ``playout`` (what was sent and heard), ``replies`` (which are alive), ``backlog``
  (sound that waits) and ``unsaid`` (words that wait)
* ``call``          what happens next. With it ``facts``, ``line`` (the carrier's side), ``engine_link`` (a session is
  kept), ``initiative`` and ``asked`` (when the agent speaks unasked), ``toolbelt`` and ``tool_rounds``; ``patience``,
  ``digits``, ``key_presses`` and ``alarm`` (its clocks); ``leaving``, ``departure`` and ``letting_go`` (its end)
* ``switchboard``   all calls of a worker; with it ``admission`` (may one more come in?), ``pacing``, ``tokens`` and
  ``clipping`` (what others are told is bounded)
* ``view``          a call as the API shows it; ``record`` is what is left of one that has ended

``turns``, ``playout``, ``replies``, ``backlog``, ``unsaid``, ``patience``, ``digits``, ``tool_rounds``, ``life``,
``tokens``, ``pacing``, ``conversation`` and ``scribe`` are told the time, and know no socket and no loop.
"""
