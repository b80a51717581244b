"""``offhook doctor``: what could keep a gateway from working here, each with its remedy.

Read in this order: ``finding`` (what a check returns), then one file per subject, then ``examination``, which runs
them. A check takes what it needs and returns a finding; it does not raise.
"""

from offhook.doctor.examination import examine
from offhook.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]
