"""Words out of sound, for many callers at once. Nothing here makes the event loop wait.

In reading order:

* ``port``        what a recogniser is to the rest
* ``spoken``      text as it is said
* ``slots``       what may stand in a slot of an example sentence, and what it means
* ``vocabulary``  example sentences with slots: all that a recogniser needs to know about an agent
* ``small_talk``  the words that come with any request
* ``trigrams``    which word follows which, from the examples
* ``lexicon``     how words are pronounced; ``letters`` for those that no dictionary has
* ``sphinx``      the recogniser that runs on this machine
* ``synthetic``   one that hears what it was told beforehand, after a stated delay: for tests and load
"""
