import json
import wave
from pathlib import Path

import msgspec
import pytest
from tests.demo import evening

from offhook.audio.formats import PCMU_8K
from offhook.calls.conversation import AgentSaid, ToolStatus
from offhook.calls.view import CallDetail
from offhook.demo.failure import DemoFailed
from offhook.demo.recording import Cut, Recording, caller_turns, check, overlap, write_recording


def judged(
    call: CallDetail | None = None, recording: Recording | None = None, truncated_at_ms: tuple[int, ...] | None = None
) -> Cut:
    return check(
        call or evening.call(),
        recording or evening.recording(),
        tools=evening.TOOLS,
        turns=evening.TURNS,
        truncated_at_ms=(evening.HEARD_MS,) if truncated_at_ms is None else truncated_at_ms,
    )


def test_a_call_that_went_well_is_accepted_with_its_interruption() -> None:
    cut = judged()

    assert cut.said == evening.cut_reply()
    assert cut.said.heard_text.startswith("On Saturday the kitchen is open")
    assert abs(cut.recorded.heard_ms - evening.HEARD_MS) <= 150
    assert abs(cut.recorded.yielded_ms - evening.YIELDED_MS) <= 150


def test_a_recording_whose_reply_goes_on_under_the_caller_is_refused() -> None:
    with pytest.raises(DemoFailed, match=r"heard for \d{4} ms after the caller had interrupted"):
        overlap(evening.recording(heard_ms=9000, overlap_ms=3000))


def test_a_recording_without_an_interruption_is_refused() -> None:
    with pytest.raises(DemoFailed, match="no interruption"):
        overlap(evening.recording(overlap_ms=-800))


def test_a_recording_in_which_nobody_speaks_is_refused() -> None:
    silence = PCMU_8K.silence(3000)
    with pytest.raises(DemoFailed, match="no interruption"):
        overlap(Recording(silence, silence))


def test_a_caller_who_did_not_say_all_is_noticed() -> None:
    recording = evening.recording()
    half = len(recording.caller) // 2
    muted = Recording(recording.caller[:half].ljust(len(recording.caller), b"\xff"), recording.agent)

    assert len(caller_turns(recording)) == 2
    with pytest.raises(DemoFailed, match=r"spoken 2 times; call\.wav has 1"):
        judged(recording=muted)


def test_a_call_without_a_cut_is_refused() -> None:
    uncut = [
        msgspec.structs.replace(entry, cut=False) if isinstance(entry, AgentSaid) else entry
        for entry in evening.call().transcript
    ]
    with pytest.raises(DemoFailed, match="one reply should have been interrupted, not 0"):
        judged(evening.call(*uncut))


@pytest.mark.parametrize("heard_ms", [0, evening.SOUND_MS])
def test_a_cut_reply_of_which_nothing_or_all_was_heard_is_refused(heard_ms: int) -> None:
    changed = [
        evening.cut_reply(heard_ms=heard_ms) if entry == evening.cut_reply() else entry
        for entry in evening.call().transcript
    ]
    with pytest.raises(DemoFailed, match="heard in part"):
        judged(evening.call(*changed), truncated_at_ms=(heard_ms,))


def test_an_account_that_the_recording_contradicts_is_refused() -> None:
    changed = [
        evening.cut_reply(heard_ms=2000) if entry == evening.cut_reply() else entry
        for entry in evening.call().transcript
    ]
    with pytest.raises(DemoFailed, match=r"says that 2000 ms were heard, call.wav has 4\d{3} ms"):
        judged(evening.call(*changed), truncated_at_ms=(2000,))


@pytest.mark.parametrize("truncated_at_ms", [(), (4000,), (4400, 4400)])
def test_an_engine_that_was_told_otherwise_is_noticed(truncated_at_ms: tuple[int, ...]) -> None:
    with pytest.raises(DemoFailed, match="but the engine was told"):
        judged(truncated_at_ms=truncated_at_ms)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"state": "talking", "end_reason": None}, "it is talking: None"),
        ({"end_reason": "caller_hung_up"}, "it is ended: caller_hung_up"),
        ({"end_reason": "engine_failed"}, "it is ended: engine_failed"),
    ],
)
def test_a_call_that_did_not_end_in_order_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(DemoFailed, match=told):
        judged(evening.call(**changes))


def test_a_call_without_its_tools_is_refused() -> None:
    transcript = [e for e in evening.call().transcript if getattr(e, "name", "") != "find_table"]
    with pytest.raises(DemoFailed, match="what ran: book_table, end_call"):
        judged(evening.call(*transcript))


@pytest.mark.parametrize("status", [ToolStatus.FAILED, ToolStatus.REFUSED, ToolStatus.INTENDED])
def test_a_tool_that_did_not_run_to_its_end_is_noticed(status: ToolStatus) -> None:
    transcript = [
        evening.tool("book_table", status) if getattr(entry, "name", "") == "book_table" else entry
        for entry in evening.call().transcript
    ]
    with pytest.raises(DemoFailed, match=rf"book_table did not run to its end \({status}\)"):
        judged(evening.call(*transcript))


def test_the_files_hold_the_call(tmp_path: Path) -> None:
    recording = evening.recording()
    wav_path, json_path = write_recording(tmp_path, recording, msgspec.json.encode(evening.call()))

    with wave.open(str(wav_path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        assert file.getnframes() == len(recording.caller)
    assert json.loads(json_path.read_text())["transcript"][2]["heard_ms"] == evening.HEARD_MS
    assert len(json_path.read_text().splitlines()) > 20
