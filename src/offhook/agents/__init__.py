"""What a user of Offhook writes: an agent, its tools, and which number reaches it.

In reading order: ``agent`` (the front door) with ``policies``; ``tool`` and how its parameters are read from a
function (``signature``, ``schema``); ``handle``, the call as a tool sees it; ``builtin``, the tools every agent has;
``loading`` and ``routes``, how the gateway finds the agent of a call. ``phrases`` are example sentences of callers.
``checked``, ``faults`` and ``destinations`` are how wrong values become clear sentences.
"""
