"""The call: one conversation with one caller, and the ports through which the world reaches it.

In reading order:

* ``events``        everything that happens on a call
* ``states``        its life as a table; ``life`` is one call's place in it
* ``leg``, ``engine``, ``carrier``: the ports. The caller's side, the speech side, the telephone company
* ``conversation``  what was said and done, as a value; ``scribe`` writes it
* ``bridge``        joins a leg and an engine session, to whom it listens with its ``ears``, and says who has the turn;
  with it ``uplink`` (the caller's sound) and its ``backlog`` (what waits of it), ``downlink`` (the agent's) with
  ``playout`` (what was sent and heard) and ``replies`` (which are alive), ``turns`` (who is talking), ``unsaid`` (words
  that wait) and ``sampling`` (what conversions take)
* ``call``          what happens next. With it ``facts``, ``line`` (the carrier's side), ``engine_link`` (a session is
  kept), ``initiative`` and ``asked`` (when the agent speaks unasked), ``toolbelt`` and ``tool_rounds``; ``patience``
  and ``alarm`` (its clocks); ``keypad`` with ``digits`` and ``key_presses``; ``errands`` (tasks beside it);
  ``parting``, ``leaving``, ``departure`` and ``letting_go`` (its end)
* ``switchboard``   all calls of a worker; with it ``admission`` (may one more come in?), ``pacing``, ``tokens`` and
  ``clipping`` (what others are told is bounded)
* ``view``          a call as the API shows it; ``record`` is what is left of one that has ended
* ``metering``      counts events for the metrics; ``standing`` reads how things stand now

``turns``, ``playout``, ``replies``, ``backlog``, ``unsaid``, ``patience``, ``digits``, ``tool_rounds``, ``life``,
``tokens``, ``pacing``, ``conversation`` and ``scribe`` are told the time, and know no socket and no loop.
"""
