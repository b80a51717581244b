import asyncio

import pytest

from offhook.telemetry.feed import SUBSCRIBERS_LIMIT, WAITING_LIMIT, Feed, FeedFull, Occurrence


def feed() -> Feed[str]:
    return Feed(clock=lambda: 12.5)


async def test_who_listens_is_told_in_order_and_when() -> None:
    news = feed()
    news.publish("call_1", "before")
    with news.subscribe() as subscription:
        news.publish("call_1", "one")
        news.publish("call_2", "two")

        assert await subscription.next() == Occurrence(12.5, "call_1", "one")
        assert await subscription.next() == Occurrence(12.5, "call_2", "two")


async def test_who_waits_is_woken() -> None:
    news = feed()
    with news.subscribe() as subscription:
        waiting = asyncio.create_task(subscription.next())
        await asyncio.sleep(0)
        assert not waiting.done()
        news.publish("call_1", "at last")

        assert (await asyncio.wait_for(waiting, 2)).event == "at last"


async def test_one_call_can_be_listened_to() -> None:
    news = feed()
    with news.subscribe("call_2") as subscription:
        for call in ("call_1", "call_2", "call_22", ""):
            news.publish(call, call)
        news.publish("call_2", "again")

        assert [(await subscription.next()).event for _ in range(2)] == ["call_2", "again"]


async def test_who_does_not_keep_up_loses_the_oldest_and_is_told_how_many() -> None:
    news = feed()
    with news.subscribe() as slow, news.subscribe() as quick:
        for number in range(WAITING_LIMIT + 3):
            news.publish("call_1", str(number))
            assert (await quick.next()).event == str(number)

        assert (await slow.next()).event == "3"
        assert (slow.take_lost(), slow.take_lost(), quick.take_lost()) == (3, 0, 0)


def test_only_so_many_may_listen_and_who_leaves_makes_room() -> None:
    news = feed()
    listening = [news.subscribe() for _ in range(SUBSCRIBERS_LIMIT)]
    for each in listening:
        each.__enter__()
    with pytest.raises(FeedFull), news.subscribe():
        pass

    listening[0].__exit__(None, None, None)
    assert news.subscribers == SUBSCRIBERS_LIMIT - 1
    with news.subscribe():
        assert news.subscribers == SUBSCRIBERS_LIMIT
    for each in listening[1:]:
        each.__exit__(None, None, None)
    assert news.subscribers == 0


def test_what_nobody_listens_to_is_not_kept() -> None:
    news = feed()
    with news.subscribe() as gone:
        pass
    news.publish("call_1", "too late")

    assert gone.take_lost() == 0
