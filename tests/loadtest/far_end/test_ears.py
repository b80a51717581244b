import pytest

from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import audioop, pcm16_to_pcmu, pcmu_to_pcm16
from offhook.loadtest.far_end.ears import Ears, Started, Stopped
from offhook.loadtest.far_end.tones import tone


def voice(duration_ms: int) -> bytes:
    return tone(500, duration_ms)


def silence(duration_ms: int) -> bytes:
    return PCMU_8K.silence(duration_ms)


def hear(ears: Ears, sound: bytes, frame_ms: int = 20) -> list[Started | Stopped]:
    decisions: list[Started | Stopped] = []
    for at in range(0, len(sound), frame_ms * 8):
        decisions += ears.hear(sound[at : at + frame_ms * 8])
    return decisions


def test_a_turn_has_its_prefix_before_and_its_silence_behind() -> None:
    decisions = hear(Ears(), silence(1000) + voice(800) + silence(1000))

    assert decisions == [Started(700), Stopped(700, 1000 + 800 + 500)]


def test_the_settings_of_the_session_hold() -> None:
    ears = Ears(prefix_padding_ms=100, silence_duration_ms=200)

    assert hear(ears, silence(1000) + voice(800) + silence(1000)) == [Started(900), Stopped(900, 2000)]


def test_speech_is_known_after_60_ms_of_it() -> None:
    ears = Ears()

    assert hear(ears, silence(400) + voice(40)) == []
    assert hear(ears, voice(20)) == [Started(100)]


def test_a_click_is_no_speech() -> None:
    assert hear(Ears(), silence(400) + voice(40) + silence(1000)) == []


def test_a_short_pause_does_not_end_a_turn() -> None:
    assert len(hear(Ears(), voice(400) + silence(480) + voice(400))) == 1


def test_the_prefix_does_not_reach_into_the_turn_before() -> None:
    decisions = hear(Ears(), voice(200) + silence(500) + silence(100) + voice(200))

    assert decisions == [Started(0), Stopped(0, 700), Started(700)]


@pytest.mark.parametrize("frame_ms", [1, 7, 20, 333, 5000])
def test_it_does_not_matter_how_the_sound_is_cut(frame_ms: int) -> None:
    sound = silence(600) + voice(500) + silence(900) + voice(300) + silence(900)

    assert hear(Ears(), sound, frame_ms) == hear(Ears(), sound)


def whisper() -> bytes:
    """At about −41 dBFS."""
    return pcm16_to_pcmu(audioop.mul(pcmu_to_pcm16(voice(200)), 2, 0.03))


def test_a_higher_threshold_takes_louder_speech() -> None:
    assert hear(Ears(threshold=0.2), whisper())
    assert not hear(Ears(threshold=0.9), whisper())


def test_a_restart_forgets_the_turn_but_not_the_time() -> None:
    ears = Ears()
    hear(ears, voice(400))

    ears.restart()

    assert hear(ears, silence(1000)) == []
    assert hear(ears, voice(60)) == [Started(1100)]


def test_ears_that_replace_others_go_on_counting() -> None:
    assert hear(Ears(position_ms=5000), voice(60)) == [Started(5000)]
