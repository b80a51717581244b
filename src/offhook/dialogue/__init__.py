"""What the agent says and does next, with a model and without one. English.

``port`` is what both share: the conversation as they are told of it, and what they answer with. ``hints`` is what an
agent's author adds for the dialogue without a model, as it travels in a session.

Without a model, in the order in which it is built: ``parameters`` makes ``slots`` of a tool's JSON schema, ``phrasing``
makes sentences of its name and docstring, ``domain`` is all of it for one agent, and ``listening`` is the domain as a
recogniser's vocabulary. In the order of a caller's sentence: ``words`` makes it plain; ``numbers``, ``clock`` and
``calendar`` read values in it, and ``filling`` gives each slot its own; ``general`` knows what everyone says, and
``understanding`` finds the intent; ``course`` goes from one ``state`` to the next, with ``courtesy`` for what is the
same for all agents, ``keys`` and ``outcomes`` for what is not said but happens; ``questions``, ``telling`` and
``manners`` are the words. ``requests`` reads what the gateway wants said, and ``rules`` makes a port of it all.
``language`` is the English that is known by name.

With a model: ``chat`` is any endpoint that speaks OpenAI's chat completions. ``chat_messages`` tells it the
conversation, ``sse`` and ``chat_stream`` read what comes back.
"""
