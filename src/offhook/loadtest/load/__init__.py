"""The load test: many callers at once, and what a gateway makes of them. ``docs/load.md`` is for its users.

In reading order:

* ``plan``       how many calls, when they ring, how long they last
* ``recording``  what callers say
* ``talkers``    who speaks when, and what callers notice; ``tally`` is where all of them count
* ``callers``    rings, holds, hangs up
* ``target``     what is rung; ``rig`` starts a gateway and a far end of our own
* ``reading``    what the far end tells; ``sampler`` looks every second, ``window`` keeps what is measured
* ``run``        one load test; ``timeline`` are its seconds
* ``report``     what was found; ``promises`` judges it; ``tables``, ``page`` and ``plots`` show it
* ``knee``       the search for the number to allow; ``find_knee`` runs it
"""
