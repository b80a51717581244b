"""When somebody speaks, for many callers at once: voice activity, and where an utterance begins and ends.

In reading order:

* ``ear``          one caller's: sound in, events out
* ``endpointing``  from probabilities to the start and the end of speech; told nothing but samples
* ``vad``          how probable it is that a window is speech, for all ears of the process together
* ``silero``       the network that says so
"""
