from offhook.calls.clipping import TOLD_LIMIT_CHARS, USAGE_LIMIT_BYTES, clipped
from offhook.calls.conversation import ToolStatus
from offhook.calls.events import AgentWords, CallerWords, ReplyFinished, ToolAnswered, ToolCalled


def test_an_ordinary_event_is_told_as_it_is() -> None:
    for event in (CallerWords("c1", None), AgentWords("a1", "Hi"), ReplyFinished("completed", {"total_tokens": 7})):
        assert clipped(event) is event


def test_long_texts_are_cut_whatever_they_are_called() -> None:
    long, cut = "x" * 1_000_000, "x" * TOLD_LIMIT_CHARS

    assert clipped(AgentWords(long, long)) == AgentWords(cut, cut)
    assert clipped(ToolCalled("t1", "book", long)) == ToolCalled("t1", "book", cut)
    answered = ToolAnswered("t1", "book", ToolStatus.DONE, long, 5)
    assert clipped(answered) == ToolAnswered("t1", "book", ToolStatus.DONE, cut, 5)


def test_a_usage_beyond_all_sense_is_left_out() -> None:
    usage = {"x" * n: n for n in range(200)}
    assert len(str(usage)) > USAGE_LIMIT_BYTES

    assert clipped(ReplyFinished("completed", usage)) == ReplyFinished("completed", None)
