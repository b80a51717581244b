from offhook.voices.rota import Rota

INF = float("inf")


def test_who_has_no_sound_yet_goes_first() -> None:
    rota: Rota[str] = Rota()
    rota.add("long", covered_until_s=14.0, ahead_s=INF)
    rota.add("new", covered_until_s=10.0, ahead_s=3.0)

    assert rota.take(now=10.0) == "new"
    assert rota.take(now=10.0) == "long"
    assert rota.take(now=10.0) is None


def test_those_who_came_together_go_as_they_came() -> None:
    rota: Rota[str] = Rota()
    for name in "abc":
        rota.add(name, covered_until_s=1.0, ahead_s=1.0)

    assert [rota.take(now=1.0) for _ in range(3)] == ["a", "b", "c"]


def test_who_is_far_enough_ahead_waits() -> None:
    rota: Rota[str] = Rota()
    rota.add("paced", covered_until_s=14.0, ahead_s=3.0)

    assert rota.take(now=10.0) is None
    assert rota.wait_s(now=10.0) == 1.0
    assert rota.take(now=11.0) == "paced"


def test_nobody_waits_for_ever_behind_newcomers() -> None:
    rota: Rota[str] = Rota()
    rota.add("going on", covered_until_s=12.0, ahead_s=INF)
    served = []
    for now in range(10, 16):
        rota.add(f"new at {now}", covered_until_s=now, ahead_s=INF)
        served.append(rota.take(now=now))

    assert "going on" in served


def test_one_that_was_dropped_has_no_turn() -> None:
    rota: Rota[str] = Rota()
    rota.add("a", covered_until_s=1.0, ahead_s=1.0)
    rota.drop("a")
    rota.drop("a")

    assert len(rota) == 0
    assert rota.take(now=1.0) is None
    assert rota.wait_s(now=1.0) is None


def test_all_can_be_taken_at_once() -> None:
    rota: Rota[str] = Rota()
    rota.add("a", covered_until_s=9.0, ahead_s=1.0)
    rota.add("b", covered_until_s=1.0, ahead_s=1.0)

    assert rota.take_all() == ["a", "b"]
    assert len(rota) == 0
