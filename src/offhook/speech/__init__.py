"""The embedded speech engine: a server of the OpenAI Realtime protocol with ears, a recogniser, a dialogue and a voice.

A process of its own (``offhook speech``), so that the gateway has one way to talk to any engine, and so that a fault in
a library written in C costs sessions and no calls. In reading order:

* ``parts``          the libraries it wants
* ``configuration``  the session object, with what we add to it
* ``faculties``      what all sessions share: ears, recogniser, voice, and what to talk about
* ``lessons``        what to listen for on behalf of an agent, worked out once
* ``hearing``        one session's ear: sound in, turns and their words out
* ``history``        its conversation, as a dialogue reads it
* ``mouth``          words in, sound out, and an account of which word stands where
* ``reply``          one reply: a dialogue's acts become a response
* ``turns``          what the caller said: items at once, and their words a little later
* ``answers``        what the agent says: one reply at a time, and what each was
* ``session``        the protocol of one session
* ``connection``     its socket
* ``http``           ``POST /v1/audio/speech``, and whether the server is well
* ``address``        where it listens
* ``server``         all of it on a port
* ``worker``         the process around it
* ``supervisor``     starts the process again when it dies
* ``lifeline``       ends it when nobody is there any more
"""
