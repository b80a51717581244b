from offhook.door.lobby import Lobby


class Visit:
    shown_out = False

    def show_out(self) -> None:
        self.shown_out = True


def test_who_has_waited_longest_goes_when_there_are_too_many() -> None:
    lobby, visits = Lobby(limit=3), [Visit() for _ in range(5)]
    for visit in visits:
        lobby.enter(visit)

    assert [visit.shown_out for visit in visits] == [True, True, False, False, False]
    assert (len(lobby), lobby.shown_out) == (3, 2)


def test_who_is_served_is_safe_and_waits_anew_at_the_end() -> None:
    lobby, (served, back, other, late) = Lobby(limit=2), [Visit() for _ in range(4)]
    lobby.enter(served)
    lobby.enter(back)
    lobby.leave(served)
    lobby.leave(served)
    lobby.enter(other)
    lobby.enter(back)
    lobby.enter(late)

    assert [visit.shown_out for visit in (served, back, other, late)] == [False, False, True, False]
