from math import inf
from typing import Any, cast

from offhook.agents.handle import CallHandle
from offhook.calls.digits import PAUSE_S
from offhook.calls.keypad import Keypad

NO_CALL = cast(CallHandle, None)


def test_without_a_handler_keys_are_gathered_until_a_pause() -> None:
    complete: list[str] = []
    keypad = Keypad(None, NO_CALL, complete.append)
    keypad.pressed("1", now=10.0)
    keypad.pressed("2", now=10.5)
    keypad.on_time(10.5 + PAUSE_S - 0.1)
    assert complete == []

    keypad.on_time(keypad.deadline())

    assert complete == ["12"]
    assert keypad.deadline() == inf


def test_a_hash_completes_them_at_once() -> None:
    complete: list[str] = []
    keypad = Keypad(None, NO_CALL, complete.append)
    keypad.pressed("7", now=0.0)
    keypad.pressed("#", now=0.1)

    assert complete == ["7#"]


async def test_a_handler_takes_all_keys_and_nothing_is_gathered() -> None:
    async def handler(digit: str, call: Any) -> None:
        raise AssertionError("the call is over before it is asked")

    complete: list[str] = []
    keypad = Keypad(handler, NO_CALL, complete.append)
    keypad.pressed("#", now=0.0)
    keypad.close()

    assert (complete, keypad.deadline()) == ([], inf)
