import pytest

from offhook.voices.markup import MAX_WORD_CHARS
from offhook.voices.reading import read_aloud


def read(text: str, language: str = "en-us") -> str:
    return read_aloud(text, language).text.strip()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**Sure!** That is *very* __nice__ and ~~not~~ `ok`.", "Sure! That is very nice and not ok."),
        ("I like **pizza and *pasta***", "I like pizza and pasta"),
        ("# Menu\n\n- Pizza\n* Pasta\n+ [x] Soup\n\nWhich one?", "Menu. Pizza. Pasta. Soup. Which one?"),
        ("1. Pizza\n2. Pasta", "1. Pizza. 2. Pasta"),
        ("> quoted\n\n---\n\nend", "quoted. end"),
        ("| day | opens |\n|:---|---:|\n| Monday | late |", "day, opens. Monday, late."),
        ("```python\nhello\n```\nbye", "hello. bye"),
        ("See [our site](https://www.example.com/a(b)?x=1).", "See our site."),
        ("![a cat](cat.png) Look.", "a cat Look."),
        ("It is at https://www.example.com/path/x.html, ok?", "It is at example.com, ok?"),
        ("Go to www.example.com.", "Go to example.com."),
    ],
)
def test_markdown_is_not_read_aloud(text: str, said: str) -> None:
    assert read(text) == said


def test_no_tag_is_obeyed_or_read() -> None:
    assert read("<speak>Hello <break time='9s'/>you &amp; <b>me</b>.</speak><!-- hm -->") == "Hello you & me."
    assert read("&lt;voice name='x'&gt;hi") == "hi"
    assert read("[[h@l'oU]] there") == "h@l'oU there"


def test_emojis_and_ornaments_are_left_out() -> None:
    assert read("Great 😀👍🏽 see you ☎️ 👨‍👩‍👧 1️⃣ 🇩🇪 ★ bye") == "Great see you 1 bye"
    assert read("20 °C, €5 ± 1") == "20 °C, 5 euros ± 1"
    assert read("🙂 *** --- ~") == ""


def test_control_characters_and_halves_of_characters_are_left_out() -> None:
    assert read("a\x00b\x07c \ud800d\u200be\ufeff \u202egh\U000e0041") == "abc de gh"
    assert read("one\r\ntwo\u2028three\tfour\u00a0five") == "one two three four five"


def test_joiners_stay_where_a_script_needs_them() -> None:
    assert read("می\u200cخواهم", "fa") == "می\u200cخواهم"


def test_letters_and_their_accents_are_put_together() -> None:
    assert read("cafe\u0301") == "café"


def test_brackets_and_dashes_are_pauses() -> None:
    assert read("The table (by the window) is free (maybe).") == "The table, by the window, is free, maybe."
    assert read("Well - you know — that is - hm") == "Well, you know, that is, hm"
    assert read("a well-known, 5-year-old dog's bone") == "a well-known, 5-year-old dog's bone"


def test_quotes_are_not_read() -> None:
    assert read("She said “hello”, then 'bye'. Don’t!") == "She said hello, then bye. Don’t!"


def test_what_kills_the_engine_does_not_reach_it() -> None:
    for text in ('"-b', "(-b", "(b -b"):
        assert read(text, "vi") in ("b", "b b", "b, b")
    assert max(map(len, read("XVII" * 100, "ro").split())) == MAX_WORD_CHARS


def test_keys_of_the_telephone_are_named() -> None:
    assert read("Press * to go back, or # to end.") == "Press star to go back, or pound to end."
    assert read("Press **now**") == "Press now"
