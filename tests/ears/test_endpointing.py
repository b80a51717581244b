import pytest

from offhook.ears.endpointing import (
    LEAST_SILENCE_MS,
    LONGEST_SPEECH_MS,
    MOST_MIN_SPEECH_MS,
    MOST_PREFIX_MS,
    MOST_SILENCE_MS,
    Endpointer,
    Endpointing,
    SpeechStarted,
    SpeechStopped,
)
from offhook.errors import RecogniserError

WINDOW_MS = 32
CHANCES = {"#": 0.9, "+": 0.4, ".": 0.1}
"""Speech; what is speech if it goes on; none."""

Event = SpeechStarted | SpeechStopped
BRISK = Endpointing(prefix_padding_ms=64, silence_duration_ms=128, min_speech_ms=96)


def told(ear: Endpointer, windows: str) -> list[Event]:
    """What it says of windows of 32 ms."""
    return [event for window in windows if (event := ear.hear(256, CHANCES[window])) is not None]


@pytest.mark.parametrize(
    ("windows", "events"),
    [
        ("..........", []),
        ("...##.....", []),  # a click
        ("...#.#.#.#", []),
        ("...###", [SpeechStarted(32, 96)]),
        ("...#####...", [SpeechStarted(32, 96)]),
        ("...#####....", [SpeechStarted(32, 96), SpeechStopped(384, 256)]),
        ("...##...###....", [SpeechStarted(192, 256), SpeechStopped(480, 352)]),  # the click is forgotten
        ("...###...###....", [SpeechStarted(32, 96), SpeechStopped(512, 384)]),  # a pause for breath
        ("###....", [SpeechStarted(0, 0), SpeechStopped(224, 96)]),
        (
            "###....###....",
            [SpeechStarted(0, 0), SpeechStopped(224, 96), SpeechStarted(224, 224), SpeechStopped(448, 320)],
        ),
        (
            "###.....###",
            [SpeechStarted(0, 0), SpeechStopped(224, 96), SpeechStarted(224, 256)],
        ),  # what was told is not again
        ("###.......###", [SpeechStarted(0, 0), SpeechStopped(224, 96), SpeechStarted(256, 320)]),
        ("...###++....", [SpeechStarted(32, 96), SpeechStopped(384, 256)]),  # a word fades
        ("...###.+++", [SpeechStarted(32, 96), SpeechStopped(320, 192)]),  # noise in a pause is none
        ("...#++", [SpeechStarted(32, 96)]),
        ("+++++++", []),
    ],
)
def test_speech_begins_and_ends(windows: str, events: list[Event]) -> None:
    assert told(Endpointer(BRISK), windows) == events


def test_the_default_is_that_of_the_realtime_api() -> None:
    ear = Endpointer()

    assert told(ear, "." * 20 + "#" * 10 + "." * 15) == [SpeechStarted(640 - 300, 640)]
    assert told(ear, ".") == [SpeechStopped(46 * 32, 960)]


def test_windows_may_be_of_any_length() -> None:
    ear = Endpointer(BRISK)
    for _ in range(95):
        assert ear.hear(8, 0.9) is None

    assert ear.hear(8, 0.9) == SpeechStarted(0, 0)
    assert ear.hear(8 * 127, 0.0) is None
    assert ear.hear(8, 0.0) == SpeechStopped(224, 96)


def test_how_long_the_pause_is_and_whether_somebody_speaks_can_be_asked() -> None:
    ear = Endpointer(BRISK)
    seen = []
    for window in "..#.####...#....":
        told(ear, window)
        seen.append((ear.is_alert, ear.speaks, ear.pause_ms if ear.speaks else None))

    quiet, begun = (False, False, None), (True, False, None)
    speaking = [(True, True, pause_ms) for pause_ms in (0, 0, 32, 64, 96, 0, 32, 64, 96)]
    assert seen == [quiet, quiet, begun, quiet, begun, begun, *speaking, quiet]
    assert ear.heard_ms == 16 * WINDOW_MS


def test_settings_may_change_in_the_middle_of_speech() -> None:
    ear = Endpointer(BRISK)
    told(ear, "#####...")
    ear.settings = Endpointing(silence_duration_ms=256)

    assert told(ear, "....") == []
    assert told(ear, ".") == [SpeechStopped(416, 160)]
    ear.settings = Endpointing(threshold=0.95)
    assert told(ear, "#" * 20) == []


def test_after_a_reset_no_stop_follows_and_nothing_from_before_is_taken_in() -> None:
    ear = Endpointer(BRISK)
    told(ear, "######")
    ear.reset()

    assert not ear.speaks
    assert told(ear, "......") == []
    assert told(ear, "###") == [SpeechStarted(12 * 32 - 64, 12 * 32)]
    ear.reset()
    assert told(ear, "###") == [SpeechStarted(15 * 32, 15 * 32)]


def test_sound_that_nobody_could_judge_counts() -> None:
    ear = Endpointer(BRISK)
    told(ear, "####")
    ear.skip(800)

    assert ear.heard_ms == 228
    assert told(ear, "...###") == [SpeechStarted(228 + 32, 228 + 96)]


@pytest.mark.parametrize(
    "settings",
    [
        {"threshold": 0.0},
        {"threshold": 1.01},
        {"threshold": float("nan")},
        {"prefix_padding_ms": -1},
        {"prefix_padding_ms": MOST_PREFIX_MS + 1},
        {"silence_duration_ms": LEAST_SILENCE_MS - 1},
        {"silence_duration_ms": MOST_SILENCE_MS + 1},
        {"min_speech_ms": -1},
        {"min_speech_ms": MOST_MIN_SPEECH_MS + 1},
    ],
)
def test_settings_beyond_their_limits_are_refused_and_the_limits_named(settings: dict[str, float]) -> None:
    (name,) = settings
    with pytest.raises(RecogniserError, match=rf"{name} is .*; .*\d to \d+ are allowed"):
        Endpointing(**settings)  # type: ignore[arg-type]  # that is the test


def test_settings_at_their_limits_are_taken() -> None:
    Endpointing(1.0, MOST_PREFIX_MS, MOST_SILENCE_MS, MOST_MIN_SPEECH_MS)
    Endpointing(threshold=0.001)
    quick = Endpointer(Endpointing(prefix_padding_ms=0, silence_duration_ms=LEAST_SILENCE_MS, min_speech_ms=0))

    assert told(quick, "#....") == [SpeechStarted(0, 0), SpeechStopped(160, 32)]


def test_speech_without_a_pause_ends_and_what_goes_on_is_a_new_utterance() -> None:
    started, stopped, again = told(Endpointer(), "#" * (LONGEST_SPEECH_MS // WINDOW_MS + 10))

    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    assert isinstance(again, SpeechStarted)
    assert stopped.end_ms == pytest.approx(LONGEST_SPEECH_MS, abs=WINDOW_MS)
