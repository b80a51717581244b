import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offhook.calls.conversation import (
    CHARS_LIMIT,
    ENTRY_LIMIT,
    TEXT_LIMIT_CHARS,
    AgentSaid,
    CallerSaid,
    Conversation,
    Entry,
    Noted,
    ToolStatus,
    ToolUsed,
)

_ids = st.text(max_size=8)
_texts = st.text(max_size=30)
_times = st.integers(0, 10**7)
entries: st.SearchStrategy[Entry] = st.one_of(
    st.builds(CallerSaid, _ids, st.none() | _texts, _times),
    st.builds(AgentSaid, _ids, _texts, _times, _times, _times, st.booleans()),
    st.builds(
        ToolUsed, _ids, _texts, _texts, _times, st.sampled_from(ToolStatus), output=st.none() | _texts, took_ms=_times
    ),
    st.builds(Noted, _ids, _texts, _times),
)


@settings(deadline=None)
@given(st.lists(entries, max_size=10), st.integers(0, 5))
def test_a_conversation_is_written_down_and_read_back(said: list[Entry], forgotten: int) -> None:
    conversation = Conversation(said, forgotten)

    assert Conversation.from_json(conversation.to_json()) == conversation


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"entries":[{"type":"singer","id":"a"}]}', b'{"entries":[{}]}'])
def test_what_is_no_conversation_is_not_read(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Conversation.from_json(data)


def test_conversations_share_nothing() -> None:
    one, other = Conversation(), Conversation()
    one.put(Noted("a", "hello", 0))

    assert other.entries == []


def test_a_newer_version_takes_the_place_of_the_older() -> None:
    conversation = Conversation()
    conversation.put(CallerSaid("a", None, 100))
    conversation.put(AgentSaid("b", "Hello", 200))
    conversation.put(CallerSaid("a", "Hi", 100))

    assert conversation.entries == [CallerSaid("a", "Hi", 100), AgentSaid("b", "Hello", 200)]


def test_another_kind_of_the_same_id_is_another_entry() -> None:
    conversation = Conversation()
    conversation.put(CallerSaid("1", "Hi", 100))
    conversation.put(AgentSaid("1", "Hello", 200))
    conversation.put(CallerSaid("1", "Hi there", 100))

    assert conversation.entries == [CallerSaid("1", "Hi there", 100), AgentSaid("1", "Hello", 200)]


def test_the_living_entries_are_found() -> None:
    conversation = Conversation([Noted("a", "x", 0), Noted("b", "y", 0)])

    assert conversation.find("a") == Noted("a", "x", 0)
    assert conversation.find("c") is None


def test_the_oldest_are_let_go_and_counted() -> None:
    conversation = Conversation()
    for n in range(ENTRY_LIMIT + 3):
        conversation.put(Noted(f"note {n}", "x", n))

    assert len(conversation.entries) == ENTRY_LIMIT
    assert conversation.entries[0].id == "note 3"
    assert conversation.forgotten == 3


@pytest.mark.parametrize(
    "entry", [CallerSaid("a", "x" * 9000, 0), AgentSaid("a", "x" * 9000, 0), Noted("a", "x" * 9000, 0)]
)
def test_long_texts_are_cut(entry: CallerSaid | AgentSaid | Noted) -> None:
    conversation = Conversation()
    conversation.put(entry)

    assert conversation.entries == [msgspec.structs.replace(entry, text="x" * TEXT_LIMIT_CHARS)]


def said(text: str, heard_ms: int, sound_ms: int, *, cut: bool) -> AgentSaid:
    return AgentSaid("a", text, 0, sound_ms=sound_ms, heard_ms=heard_ms, cut=cut)


def test_of_a_reply_that_was_not_cut_all_was_heard() -> None:
    assert said("one two three", 1000, 1000, cut=False).heard_text == "one two three"


@pytest.mark.parametrize(
    ("heard_ms", "words"),
    [
        (0, ""),
        (240, ""),
        (250, "one"),
        (499, "one"),
        (500, "one two"),
        (999, "one two three"),
        (5000, "one two three four"),
    ],
)
def test_of_a_cut_reply_whole_words_were_heard(heard_ms: int, words: str) -> None:
    assert said("one two three four", heard_ms, 1000, cut=True).heard_text == words


def test_of_a_cut_reply_without_sound_nothing_was_heard() -> None:
    assert said("one two", 0, 0, cut=True).heard_text == ""


@pytest.mark.parametrize(
    ("entries", "awaits"),
    [
        ([], False),
        ([CallerSaid("a", None, 0)], True),
        ([CallerSaid("a", "Hi", 0), said("Hello", 10, 10, cut=False)], False),
        ([said("Hello", 5, 10, cut=True)], True),
    ],
)
def test_the_caller_waits_for_an_answer_or_its_rest(entries: list[Entry], awaits: bool) -> None:
    assert Conversation(entries).awaits_agent is awaits


def test_all_entries_together_have_a_limit_too() -> None:
    conversation = Conversation()
    for n in range(100):
        conversation.put(CallerSaid(f"c{n}", "x" * TEXT_LIMIT_CHARS, n))

    assert len(conversation.entries) == CHARS_LIMIT // TEXT_LIMIT_CHARS
    assert conversation.forgotten == 100 - len(conversation.entries)
    assert conversation.entries[-1].id == "c99"
    assert conversation.chars == CHARS_LIMIT


def test_an_entry_that_grows_pushes_out_the_oldest() -> None:
    conversation = Conversation()
    for n in range(CHARS_LIMIT // TEXT_LIMIT_CHARS):
        conversation.put(CallerSaid(f"c{n}", "x" * TEXT_LIMIT_CHARS, n))
    conversation.put(AgentSaid("a", "", 1))
    assert conversation.forgotten == 0
    conversation.put(AgentSaid("a", "Hello", 1))

    assert (conversation.forgotten, conversation.find("c0")) == (1, None)
    assert conversation.find("a") == AgentSaid("a", "Hello", 1)


def test_what_a_tool_was_asked_and_answered_is_cut_as_well() -> None:
    conversation = Conversation()
    conversation.put(ToolUsed("t", "book", "a" * 1_000_000, 1, output="o" * 1_000_000))
    [used] = conversation.entries

    assert isinstance(used, ToolUsed)
    assert used.output is not None
    assert (len(used.arguments), len(used.output)) == (2 * TEXT_LIMIT_CHARS, 2 * TEXT_LIMIT_CHARS)


def test_an_id_without_end_is_not_kept() -> None:
    conversation = Conversation()
    conversation.put(CallerSaid("c" * 1_000_000, "Hi", 1))
    assert (conversation.entries, conversation.forgotten) == ([], 1)
