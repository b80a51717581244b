"""Messages that no protocol allows, and some that differ from a good one by little."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

DEEP = b"[" * 50_000
"""Deeper than any parser follows, and within every limit on size."""

_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
_values = st.recursive(
    _scalars, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(max_size=8), v, max_size=4)
)


def rubbish(good: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Anything: noise, JSON of any shape, and the good messages cut, patched, or with another value somewhere."""
    return st.one_of(
        st.binary(max_size=200),
        _values.map(_json),
        st.sampled_from(good).flatmap(_cut),
        st.sampled_from(good).flatmap(_patched),
        st.sampled_from(good).flatmap(_altered),
    )


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _cut(message: str) -> st.SearchStrategy[bytes]:
    whole = message.encode()
    return st.integers(0, len(whole)).map(lambda length: whole[:length])


def _patched(message: str) -> st.SearchStrategy[bytes]:
    whole = message.encode()
    return st.tuples(st.integers(0, len(whole)), st.binary(min_size=1, max_size=6)).map(
        lambda patch: whole[: patch[0]] + patch[1] + whole[patch[0] + len(patch[1]) :]
    )


def _altered(message: str) -> st.SearchStrategy[bytes]:
    places = list(_places(json.loads(message)))

    def alter(change: tuple[tuple[str, ...], Any]) -> bytes:
        place, value = change
        whole = json.loads(message)
        inner = whole
        for name in place[:-1]:
            inner = inner[name]
        inner[place[-1]] = value
        return _json(whole)

    return st.tuples(st.sampled_from(places), _values).map(alter)


def _places(value: Any, place: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return []
    return [inner for name in value for inner in [(*place, name), *_places(value[name], (*place, name))]]
