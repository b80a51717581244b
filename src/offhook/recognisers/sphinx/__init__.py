"""The recogniser that runs on this machine: pocketsphinx, through its C functions.

In reading order, from the caller's sound to words:

* ``recogniser``    all of it, and the look at its threads
* ``utterance``     one utterance: the loop's end and the thread's
* ``desk``          a thread, and the utterances at it
* ``cabinet``       decoders, leased for an utterance each; ``shelf`` has the vocabularies' files
* ``decoder``       one decoder
* ``front``         what is done to the sound first: ``levelling`` finds its level, ``quieting`` takes noise out
* ``judgement``     was that something of the vocabulary?
* ``library``       the C functions
* ``make_channel``  how ``channel.mllr`` and ``channel.cmn`` were made, from callers of ``rehearsal``
"""
