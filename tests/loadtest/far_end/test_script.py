import pytest

from offhook.loadtest.far_end.script import Reply, Script
from offhook.loadtest.far_end.tones import chime_hz, dominant_hz, tone


def test_each_reply_without_sound_gets_a_chime_of_its_own() -> None:
    script = Script(
        greeting=Reply("Hello."),
        replies=(Reply("One."), Reply("Two.", after_tools=Reply("Two and a half."))),
        after_last=Reply("That is all."),
    )
    assert script.greeting is not None
    then = script.replies[1].after_tools
    assert then is not None
    assert script.after_last is not None

    tones = [r.tone_hz for r in (script.greeting, *script.replies, then, script.after_last)]

    assert tones == [chime_hz(number) for number in range(5)]
    assert dominant_hz(script.replies[0].sound) == pytest.approx(chime_hz(1), rel=0.01)


def test_a_reply_with_sound_keeps_it() -> None:
    sound = tone(440, 300)

    reply = Script(replies=(Reply("One.", sound),)).replies[0]

    assert reply.sound == sound
    assert reply.sound_ms == 300


def test_a_reply_with_nothing_in_it_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a text"):
        Reply()


def test_a_script_without_replies_is_refused() -> None:
    with pytest.raises(ValueError, match="needs replies"):
        Script(replies=())


@pytest.mark.parametrize("wrong", [{"delta_ms": 0}, {"pace": -1}, {"think_ms": -1}, {"transcribe_ms": -1}])
def test_impossible_timing_is_refused_by_name(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Script(**wrong)  # type: ignore[arg-type]


def test_transcripts_begin_again_after_the_last() -> None:
    script = Script(heard=("a", "b"))

    assert [script.transcript(turn) for turn in (1, 2, 3)] == ["a", "b", "a"]
    assert Script().transcript(4) == "caller turn 4"
