from math import inf

from offhook.calls.replies import DEAD_KEPT, STALL_S, Replies


def test_nothing_of_a_dead_reply_is_let_through() -> None:
    replies = Replies()
    replies.kill("r1", "i1")

    assert replies.dead("r1", "i9")
    assert replies.dead("r9", "i1")
    assert not replies.dead("r9", "i9")


def test_a_name_that_is_missing_kills_nothing() -> None:
    replies = Replies()
    replies.kill("", None)

    assert not replies.dead("", "i1")


def test_the_oldest_dead_are_forgotten() -> None:
    replies = Replies()
    for number in range(DEAD_KEPT + 1):
        replies.kill(f"r{number}")

    assert not replies.dead("r0")
    assert replies.dead("r1")


def test_a_reply_stalls_when_nothing_comes_of_it() -> None:
    replies = Replies()
    assert replies.stalled_at == inf
    replies.began("r1", now=10.0)
    assert replies.stalled_at == 10.0 + STALL_S
    replies.came(now=12.0)
    assert replies.stalled_at == 12.0 + STALL_S
    replies.over()
    assert replies.stalled_at == inf


def test_sound_of_a_reply_that_was_not_announced_cannot_stall() -> None:
    replies = Replies()
    replies.came(now=10.0)

    assert replies.stalled_at == inf


def test_another_session_has_names_of_its_own() -> None:
    replies = Replies()
    replies.began("r1", now=10.0)
    replies.kill("r0")
    replies.forget()

    assert replies.response_id is None
    assert not replies.dead("r0")
