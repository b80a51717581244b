import pytest

from offhook.loadtest.load.find_knee import settled
from offhook.loadtest.load.knee import Verdict

HELD, BROKE, OWN_LIMIT, DISTURBED = Verdict.HELD, Verdict.BROKE, Verdict.OWN_LIMIT, Verdict.DISTURBED


@pytest.mark.parametrize(
    ("verdicts", "settles"),
    [
        ([], None),
        ([HELD], HELD),
        ([OWN_LIMIT], OWN_LIMIT),
        ([BROKE], None),
        ([BROKE, HELD], HELD),
        ([BROKE, BROKE], BROKE),
        ([DISTURBED], None),
        ([DISTURBED, DISTURBED], None),
        ([DISTURBED, DISTURBED, DISTURBED], DISTURBED),
        ([DISTURBED, DISTURBED, BROKE], BROKE),
        ([DISTURBED, HELD], HELD),
    ],
)
def test_one_bad_moment_does_not_settle_a_number(verdicts: list[Verdict], settles: Verdict | None) -> None:
    assert settled(verdicts) is settles
