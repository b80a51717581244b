import os

import pytest
from benchmarks.cores import on, plan


def test_on_two_cores_callers_and_far_end_share_one() -> None:
    cores = plan([0, 1])
    assert (cores.server, cores.callers, cores.far_end) == (frozenset({1}), frozenset({0}), frozenset({0}))
    assert cores.shared
    assert str(cores) == "server on core 1, callers and far end on core 0"


def test_on_more_cores_each_has_one_and_the_first_is_the_systems() -> None:
    cores = plan([0, 1, 2, 3])
    assert (cores.server, cores.callers, cores.far_end) == (frozenset({3}), frozenset({2}), frozenset({1}))
    assert not cores.shared


@pytest.mark.parametrize("available", [[], [4]])
def test_one_core_or_none_known_pins_nothing(available: list[int]) -> None:
    assert not plan(available).server
    with on(plan(available).server):
        pass


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system cannot pin processes")
def test_what_is_started_on_a_core_stays_there_and_we_come_back() -> None:
    before = os.sched_getaffinity(0)
    core = min(before)
    with on(frozenset({core})):
        assert os.sched_getaffinity(0) == {core}
    assert os.sched_getaffinity(0) == before
