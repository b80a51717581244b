"""How a load test counts.

* ``distribution``  how often which value came, in little memory
* ``lateness``      how late sound comes, by its own clock
* ``process``       what another process uses of the machine
* ``listener``      which process listens on a port
"""

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.figures.lateness import Lateness

__all__ = ["Distribution", "Lateness"]
