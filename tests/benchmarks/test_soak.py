from benchmarks.results_file import RESULTS
from benchmarks.soak import KEPT_CALLS, KEPT_S, folder
from benchmarks.systems import WORKSHOP


def test_a_soak_is_kept_if_it_was_long_and_large_enough() -> None:
    assert (KEPT_S, KEPT_CALLS) == (600.0, 200)
    assert folder(600.0, 200) == RESULTS
    assert folder(3600.0, 400) == RESULTS
    assert folder(599.0, 200) == WORKSHOP
    assert folder(3600.0, 100) == WORKSHOP
