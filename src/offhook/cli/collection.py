"""When Python's collector of reference cycles runs in a gateway.

A frame makes no cycles and leaves nothing behind, so sound alone hardly ever starts the collector. Calls that come do,
because each brings a few hundred containers that stay. Left as it is, Python then looks at every object in the process,
modules and all, and every call waits for it. While 300 calls came, 100 a second (Python 3.11, two shared cores):

===============  ==================  ==================  =================
collections of   the youngest        the middle          all
===============  ==================  ==================  =================
as it is         141, 0.2 to 9 ms    13, 0.9 to 1.3 ms   1, 35 to 104 ms
youngest 10,000  10, 2 to 9 ms       none                none
===============  ==================  ==================  =================

A frame is 20 ms. So what was there before the first call is taken out of the collector's sight for good, and it looks
less often at what comes after. It is not switched off: a call that has ended leaves its parts, about 55 containers and
10 kB, in a ring that only the collector can open. To look at all takes 9 ms with 200 calls under way, and is done about
every 900 calls.
"""

import gc
from typing import Final

YOUNG: Final = 5_000
"""So many containers more than were freed since, and the youngest are looked at: a millisecond or two."""

MIDDLE: Final = 4
OLD: Final = 1
"""The next generation is looked at after more than so many turns of the one before; the oldest, where the calls are,
after 50,000 containers. That is how much of ended calls lies about at most."""


def tame() -> None:
    """Call it when everything is loaded, and before there are calls."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
