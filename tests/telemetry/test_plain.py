import json
import math
from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from offhook.telemetry.mask import HIDDEN, Mask
from offhook.telemetry.plain import FIELD_CHARS, LEFT_OUT, plain_field

KEY = "sk-0123456789abcdef"


class Reason(StrEnum):
    BUSY = "busy"


class Code(IntEnum):
    GONE = 1001


class Side(Enum):
    CALLER = "caller"


@dataclass(frozen=True)
class Mark:
    name: str


class Unshowable:
    def __str__(self) -> str:
        raise RuntimeError("no")


def show(value: object, name: str = "field") -> Any:
    shown = plain_field(name, value, Mask([KEY]))
    json.dumps(shown, allow_nan=False)
    return shown


@pytest.mark.parametrize("value", [None, True, 0, -5, 2.5, "words", "+15550001111", [1, "a"], {"a": {"b": [None]}}])
def test_plain_values_stay_as_they_are(value: object) -> None:
    assert show(value) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ((1, 2), [1, 2]),
        ({7: "a"}, {"7": "a"}),
        (OrderedDict(a=1), {"a": 1}),
        (Reason.BUSY, "busy"),
        (Code.GONE, 1001),
        (Side.CALLER, "Side.CALLER"),
        (Mark("m1"), "Mark(name='m1')"),
        (Path("/tmp/call.wav"), "/tmp/call.wav"),
        (ValueError("wrong"), "ValueError: wrong"),
        (TimeoutError(), "TimeoutError: "),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (2**70, str(2**70)),
        (b"\x00\xffab", "4 bytes: \x00\\xffab"),
        (bytearray(b"ab"), "2 bytes: ab"),
        (memoryview(b"ab"), "2 bytes: ab"),
        (SecretStr("not to be seen"), "**********"),
    ],
)
def test_other_values_become_plain(value: object, shown: object) -> None:
    assert show(value) == shown


def test_values_that_cannot_be_looked_at_do_not_raise() -> None:
    assert show(Unshowable()) == "<Unshowable: cannot be shown>"
    assert show(10**5000) == "<int: cannot be shown>"
    assert show([Unshowable()]) == "<list: cannot be shown>"


def test_a_value_that_contains_itself_ends() -> None:
    circle: list[Any] = ["a"]
    circle.append(circle)
    ring: dict[str, Any] = {}
    ring["ring"] = ring
    assert LEFT_OUT in json.dumps(show(circle), ensure_ascii=False)
    assert LEFT_OUT in json.dumps(show(ring), ensure_ascii=False)


@pytest.mark.parametrize(
    "value",
    [
        "a" * 1_000_000,
        b"\xff" * 1_000_000,
        ["a" * 10_000] * 10_000,
        {f"{i}" * 1000: "b" * 1000 for i in range(1000)},
        [[[[["a"] * 100] * 100] * 100] * 100] * 100,
        list(range(100_000)),
        Mark("a" * 1_000_000),
    ],
    ids=["text", "bytes", "list", "dict", "deep list", "numbers", "object"],
)
def test_no_field_is_longer_than_its_limit(value: object) -> None:
    # The punctuation of JSON comes on top of what nested values hold: at most as much again.
    shown = show(value)
    assert len(shown if isinstance(shown, str) else json.dumps(shown)) <= FIELD_CHARS * (
        1 if isinstance(shown, str) else 2
    )


def test_secrets_are_hidden_by_value_at_any_depth() -> None:
    shown = show({"url": f"wss://host/?key={KEY}", "list": [{"deep": f"{KEY}"}], KEY: 1, "raw": KEY.encode()})
    assert KEY not in json.dumps(shown)
    assert shown["list"] == [{"deep": HIDDEN}]


def test_secrets_are_hidden_by_name_at_any_depth() -> None:
    assert show("anything", "api_token") == HIDDEN
    assert show({"headers": {"Authorization": "anything", "Accept": "*/*"}}) == {
        "headers": {"Authorization": HIDDEN, "Accept": "*/*"}
    }
    assert show([("x-api-key", "anything"), (b"authorization", b"anything")]) == [
        ["x-api-key", HIDDEN],
        ["authorization", HIDDEN],
    ]


def test_a_secret_that_is_not_there_is_not_hidden() -> None:
    assert show(None, "api_token") is None
    assert show("", "api_token") == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just(Unshowable()),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    )
)
def test_any_value_becomes_json(value: object) -> None:
    show(value)
