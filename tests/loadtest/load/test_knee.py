import pytest

from offhook.loadtest.load.knee import Knee, KneeSearch, Verdict


def search(server_holds: int, *, first: int = 50, most: int = 2000, own_limit: int = 10_000) -> tuple[Knee, list[int]]:
    """A search on a server that holds so many calls, by a tester who can make so many."""
    tried: list[int] = []
    looking = KneeSearch(first, most)
    while (calls := looking.next) is not None:
        tried.append(calls)
        assert len(tried) < 30
        if calls > own_limit:
            looking.tell(calls, Verdict.OWN_LIMIT)
        else:
            looking.tell(calls, Verdict.HELD if calls <= server_holds else Verdict.BROKE)
    return looking.knee, tried


@pytest.mark.parametrize("holds", [50, 51, 75, 100, 333, 620, 999, 1999])
def test_it_comes_within_a_twentieth(holds: int) -> None:
    knee, tried = search(holds)

    assert knee.broke is not None
    assert knee.held <= holds < knee.broke
    assert knee.broke - knee.held <= max(1, 0.06 * knee.broke)
    assert len(tried) <= 16


def test_it_begins_where_it_is_told_to_and_rises_by_half() -> None:
    _, tried = search(10_000, first=100, most=400)

    assert tried == [100, 150, 225, 338, 400]


def test_a_server_that_holds_all_has_no_knee() -> None:
    knee, _ = search(10_000, most=500)

    assert (knee.held, knee.broke, knee.own_limit) == (500, None, None)


def test_a_tester_that_is_too_busy_says_so() -> None:
    knee, _ = search(10_000, own_limit=300)

    assert knee.broke is None
    assert knee.own_limit is not None
    assert knee.held <= 300 < knee.own_limit


def test_below_the_tester_s_limit_a_knee_is_found_all_the_same() -> None:
    knee, _ = search(320, own_limit=330)

    assert knee.held <= 320
    assert min(knee.broke or 9999, knee.own_limit or 9999) - knee.held <= 20


def test_when_the_first_number_breaks_it_looks_below() -> None:
    knee, tried = search(7, first=50)

    assert knee.held == 7
    assert tried[:3] == [50, 25, 12]


def test_a_server_that_holds_nothing_ends_the_search() -> None:
    knee, _ = search(0)

    assert (knee.held, knee.broke, knee.recommended) == (0, 1, 0)


def test_four_fifths_of_the_knee_are_recommended() -> None:
    assert Knee(500, 525, None).recommended == 400


def test_a_closed_door_is_the_next_to_be_tried_and_then_it_is_known() -> None:
    looking = KneeSearch(50, 2000)
    looking.tell(50, Verdict.HELD)
    looking.tell(75, Verdict.REFUSED, taken=60)
    assert looking.next == 60
    looking.tell(60, Verdict.HELD, taken=60)

    assert looking.next is None
    assert (looking.knee.held, looking.knee.broke, looking.knee.door) == (60, 75, 60)


def test_a_promise_that_broke_below_the_door_is_the_knee() -> None:
    looking = KneeSearch(50, 2000)
    looking.tell(50, Verdict.REFUSED, taken=40)
    looking.tell(40, Verdict.BROKE, taken=40)

    assert looking.next == 20
    assert looking.knee.door is None


def test_a_search_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="finds nothing"):
        KneeSearch(100, 50)
