from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, Noted, ToolStatus, ToolUsed
from offhook.testing.transcript import OUTPUT_SHOWN_CHARS, Deed, arguments_of, written_out

BOOKED = ToolUsed("t", "book", '{"guests": 4, "day": "friday"}', 2500, ToolStatus.DONE, "booked", 12)


def line_of(entry: Entry) -> str:
    return written_out("The call:", [entry]).splitlines()[1]


def test_all_stands_in_the_order_in_which_it_happened() -> None:
    entries: list[Entry] = [AgentSaid("a", "Hello!", 100), CallerSaid("b", "a table for four", 2400), BOOKED]
    told = written_out("The call:", entries, [Deed(1200, "caller", 'says "a table for four"')], latencies_ms={"a": 612})
    assert told.splitlines() == [
        "The call:",
        '   0.1 s  agent       "Hello!"  [612 ms after the caller stopped]',
        '   1.2 s  caller      says "a table for four"',
        '   2.4 s  understood  "a table for four"',
        "   2.5 s  tool        book(guests=4, day='friday') → done in 12 ms: booked",
    ]


def test_a_cut_turn_tells_what_was_heard_of_it() -> None:
    said = AgentSaid("a", "We are open all day.", 0, sound_ms=2000, heard_ms=800, cut=True)
    assert line_of(said).endswith('"We are open all day.", cut after 0.8 of 2.0 s: "We are"')


def test_what_was_not_understood_is_told_as_nothing() -> None:
    assert line_of(CallerSaid("b", "", 0)).endswith("understood  nothing")
    assert line_of(CallerSaid("b", None, 0)).endswith("understood  nothing")


def test_a_tool_that_has_not_answered_is_still_running() -> None:
    assert line_of(ToolUsed("t", "book", "{}", 0)).endswith("book(), still running")


def test_a_long_output_is_shown_in_part() -> None:
    told = line_of(ToolUsed("t", "read", "{}", 0, ToolStatus.DONE, "x" * 1000))
    assert told.count("x") == OUTPUT_SHOWN_CHARS
    assert told.endswith("…")


def test_a_call_in_text_has_no_times() -> None:
    told = written_out("The call:", [CallerSaid("b", "hello", 1), Noted("n", "paid", 2)], timed=False)
    assert told.splitlines() == ["The call:", '  caller      "hello"', "  note        paid"]


def test_a_call_without_a_word_says_so() -> None:
    assert "nothing was said" in written_out("The call:", [])


def test_arguments_that_are_no_object_are_none() -> None:
    assert arguments_of(BOOKED) == {"guests": 4, "day": "friday"}
    assert arguments_of(ToolUsed("t", "book", "{broken", 0)) == {}
    assert arguments_of(ToolUsed("t", "book", "[4]", 0)) == {}
