"""What Offhook costs, measured beside others in one run.

In reading order:

* ``bench``     ``make bench``: the systems one after another, and what becomes of the figures
* ``systems``   who is measured, how each is started, and at which numbers of calls
* ``ladder``    one system: calls are added rung by rung, and measured on each
* ``callers``, ``talk``   who rings, and what they say
* ``far_end``, ``peers``  whom they reach, and through what
* ``rows``, ``conclusions``   what a rung shows; what all of them show
* ``stage``, ``cores``, ``readings``  processes: started, pinned, read from /proc, ended
* ``report``, ``headlines``, ``readme``, ``chart``   the figures for a terminal, in sentences, the README, the eye
* ``soak``, ``bad_calls``   ``make soak``: hours of calls that come and go, some of them badly
* ``growth``, ``slope``   whether anything grows
"""
