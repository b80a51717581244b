import re

from hypothesis import given
from hypothesis import strategies as st

from offhook.voices.script import Script


def test_what_is_left_remembers_where_it_was() -> None:
    script = Script("say **bold** now")

    script.keep(re.compile(r"\*\*(\w+)\*\*"))

    assert script.text == "say bold now"
    assert [script.origin(script.text.index(word)) for word in ("say", "bold", "now")] == [0, 6, 13]


def test_what_is_put_in_comes_from_what_it_replaces() -> None:
    script = Script("at 7:30 then")

    script.replace(re.compile(r"7:30"), "seven thirty")

    assert script.text == "at seven thirty then"
    assert script.origin(script.text.index("seven")) == 3
    assert 3 < script.origin(script.text.index("thirty")) < 7
    assert script.origin(script.text.index("then")) == 8


def test_behind_the_end_is_the_end() -> None:
    script = Script("ab!")
    script.replace(re.compile("!"), "")

    assert script.origin(2) == 2
    assert Script("").origin(0) == 0


@given(st.text(alphabet="ab*1 ", max_size=40), st.text(alphabet="xy", max_size=3))
def test_origins_never_fall_and_stay_inside(text: str, by: str) -> None:
    script = Script(text)

    script.replace(re.compile(r"\*+"), by)
    script.keep(re.compile(r"1(a*)1"))
    script.replace(re.compile(r"b+"), lambda match: match.group() * 2)

    origins = [script.origin(at) for at in range(len(script.text))]
    assert origins == sorted(origins)
    assert all(0 <= origin < len(text) for origin in origins)
    assert all(script.text[at] == text[origin] for at, origin in enumerate(origins) if script.text[at] in "a1 ")
