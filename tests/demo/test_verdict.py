from dataclasses import replace

import pytest
from tests.demo import evening

from offhook.audio.formats import PCMU_8K
from offhook.calls.conversation import CallerSaid, ToolStatus
from offhook.calls.view import CallDetail
from offhook.demo.database import Table
from offhook.demo.failure import DemoFailed
from offhook.demo.recording import Recording
from offhook.demo.verdict import Cut, check


def judged(
    call: CallDetail | None = None, recording: Recording | None = None, tables: tuple[Table, ...] = evening.TABLES
) -> Cut | None:
    return check(call or evening.call(), recording or evening.recording(), tables, evening.SCENARIO)


def test_a_call_that_went_well_is_accepted_with_its_interruption() -> None:
    cut = judged()

    assert cut is not None
    assert cut.said == evening.cut_reply()
    assert cut.said.heard_text.startswith("From Tuesday")
    assert abs(cut.recorded.heard_ms - evening.HEARD_MS) <= 40


def test_without_a_promise_anything_understood_is_right() -> None:
    free = replace(evening.SCENARIO, promise=None)
    call = evening.call(*evening.entries()[:2], end_reason="caller_hung_up")

    assert check(call, evening.recording(), (), free) is None


@pytest.mark.parametrize("end_reason", ["engine_failed", "line_lost", "silence", None])
def test_no_call_may_end_otherwise_than_by_somebody_who_hangs_up(end_reason: str | None) -> None:
    with pytest.raises(DemoFailed, match=f"ended in order, but it is ended: {end_reason}"):
        check(evening.call(end_reason=end_reason), evening.recording(), (), replace(evening.SCENARIO, promise=None))


def test_an_agent_that_is_never_heard_is_refused() -> None:
    caller = evening.recording().caller
    with pytest.raises(DemoFailed, match="never heard"):
        judged(recording=Recording(caller, PCMU_8K.silence(len(caller) / 8)))


def test_the_agent_has_to_hang_up() -> None:
    with pytest.raises(DemoFailed, match="the agent should have hung up, but the call ended otherwise: caller_hung_up"):
        judged(evening.call(end_reason="caller_hung_up"))


@pytest.mark.parametrize("text", ["", None])
def test_a_line_that_was_not_understood_is_told_with_those_that_were(text: str | None) -> None:
    with pytest.raises(DemoFailed, match="not all of it was understood: “”, “a table for four”"):
        judged(evening.call(*evening.but(CallerSaid("item_2", text, 4000))))


def test_a_caller_who_did_not_say_all_is_noticed() -> None:
    recording = evening.recording()
    half = len(recording.caller) // 2
    muted = Recording(recording.caller[:half].ljust(len(recording.caller), b"\xff"), recording.agent)

    with pytest.raises(DemoFailed, match=r"spoken 2 times; call\.wav has 1"):
        judged(recording=muted)


def test_a_line_that_was_not_answered_is_noticed() -> None:
    recording = evening.recording()
    end = len(recording.agent) - PCMU_8K.size_bytes(evening.QUESTION_MS)
    unanswered = Recording(recording.caller, recording.agent[:end].ljust(len(recording.agent), b"\xff"))

    with pytest.raises(DemoFailed, match=r"answered 2 times; call\.wav has 1"):
        judged(recording=unanswered)


def test_a_call_without_its_tools_is_refused() -> None:
    transcript = [entry for entry in evening.entries() if entry.id != "id_book_table"]
    with pytest.raises(DemoFailed, match="what ran: end_call"):
        judged(evening.call(*transcript))


@pytest.mark.parametrize("status", [ToolStatus.FAILED, ToolStatus.REFUSED])
def test_a_tool_that_did_not_run_to_its_end_is_noticed(status: ToolStatus) -> None:
    with pytest.raises(DemoFailed, match=rf"book_table did not run to its end \({status}\)"):
        judged(evening.call(*evening.but(evening.tool("book_table", status))))


def test_a_tool_of_which_nobody_knows_how_it_ended_is_noticed_on_every_call() -> None:
    call = evening.call(*evening.but(evening.tool("book_table", ToolStatus.INTENDED)))
    with pytest.raises(DemoFailed, match="nobody knows how the tool book_table ended"):
        check(call, evening.recording(), (), replace(evening.SCENARIO, promise=None))


def test_a_tool_that_was_told_something_else_than_the_caller_said_is_noticed() -> None:
    with pytest.raises(DemoFailed, match="called with guests=5; the caller said 4"):
        judged(evening.call(*evening.but(evening.tool("book_table", arguments='{"guests": 5}'))))


def test_a_row_that_is_missing_or_wrong_is_noticed() -> None:
    (bookings,) = evening.TABLES
    with pytest.raises(DemoFailed, match="one row in bookings; it has 0"):
        judged(tables=())
    with pytest.raises(DemoFailed, match="guests should be 4; it is 6"):
        judged(tables=(replace(bookings, rows=({**bookings.rows[0], "guests": 6},)),))


def test_a_call_without_a_cut_is_refused() -> None:
    with pytest.raises(DemoFailed, match="one reply should have been interrupted, not 0"):
        judged(evening.call(*evening.but(evening.cut_reply(cut=False))))


@pytest.mark.parametrize("heard_ms", [0, evening.REPLY_MS])
def test_a_cut_reply_of_which_nothing_or_all_was_heard_is_refused(heard_ms: int) -> None:
    with pytest.raises(DemoFailed, match="heard in part"):
        judged(evening.call(*evening.but(evening.cut_reply(heard_ms=heard_ms))))


def test_an_account_that_the_recording_contradicts_is_refused() -> None:
    with pytest.raises(DemoFailed, match=r"says that 900 ms were heard, call.wav has 2\d{3} ms"):
        judged(evening.call(*evening.but(evening.cut_reply(heard_ms=900))))


def test_a_recording_without_an_interruption_is_refused() -> None:
    with pytest.raises(DemoFailed, match=r"call\.wav should have one interruption; it has 0"):
        judged(recording=evening.recording(overlap_ms=-600))


def test_a_recording_whose_reply_goes_on_under_the_caller_is_refused() -> None:
    with pytest.raises(DemoFailed, match=r"heard for \d{4} ms after the caller had interrupted"):
        judged(recording=evening.recording(heard_ms=3400, overlap_ms=1300))
