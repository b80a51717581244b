"""When Python's collector of reference cycles runs in a gateway.

A frame makes no cycles and leaves nothing behind, so sound alone never starts the collector: with 300 calls that talk
both ways it did not run once in twelve seconds. Calls that come do, because each brings a few hundred containers that
stay. Left as it is, Python then looks at every object in the process, modules and all, and every call waits for it.
While 300 calls came, 100 a second (Python 3.11, two shared cores):

===============  ==================  ==================  =================
collections of   the youngest        the middle          all
===============  ==================  ==================  =================
as it is         141, 0.2 to 9 ms    13, 0.9 to 1.3 ms   1, 35 to 104 ms
with ``tame``    10, 2 to 5 ms       none                none
===============  ==================  ==================  =================

A frame is 20 ms. So what was there before the first call is taken out of the collector's sight for good, and it looks
less often at what comes after. It is not switched off: libraries make cycles, above all of exceptions.
"""

import gc
from typing import Final

YOUNG: Final = 10_000
"""So many containers more than were freed since, and the youngest are looked at: a few milliseconds."""

MIDDLE: Final = 20
OLD: Final = 100
"""The next generation is looked at after so many turns of the one before: the oldest, where the calls are, after
20 million containers. Cycles may lie about that long."""


def tame() -> None:
    """Call it when everything is loaded, and before there are calls."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
