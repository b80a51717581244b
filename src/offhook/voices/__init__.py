"""The voice: text in, sound out, piece by piece.

In reading order:

* ``port``             what every voice can do, and what is asked of it
* ``words``            where in the sound each word stands, and how much of a cut reply was heard
* ``sentences``        a stream of words, cut into sentences as soon as each can be spoken
* ``script``           text on its way to being read aloud: it remembers where each character came from
* ``markup``           takes out what is not for the ear: Markdown, tags, emojis, control characters
* ``numbers``          writes telephone numbers, money and times as they are said
* ``names``            which voices there are, and what a name such as "marin" stands for
* ``leveling``         how loud speech is, and what brings it to the level of a telephone line
* ``output_stage``     from the engine's sound to the caller's rate and level
* ``rota``             whose turn it is, when many speak and one engine serves them
* ``utterance``        one text being spoken, between the engine's thread and the loop
* ``espeak_library``   libespeak-ng through ctypes
* ``espeak``           the voice in the box
* ``encodings``        the ``response_format`` of OpenAI's ``/v1/audio/speech``

libespeak-ng is GPL-3: it comes with the extra ``local`` only, and is loaded only by a process that makes an
``EspeakVoice``. Nothing else in this room needs it.
"""
