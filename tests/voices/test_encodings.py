import io
import wave

import pytest

from offhook.audio.formats import AudioFormat, Encoding
from offhook.audio.g711 import pcm16_to_pcmu
from offhook.audio.wav import parse_wav
from offhook.errors import VoiceError
from offhook.voices.encodings import speech_encoding

SOUND = bytes(range(256)) * 20


def test_wav_comes_whole_with_its_length() -> None:
    wav = speech_encoding("wav")

    with wave.open(io.BytesIO(wav.whole(SOUND))) as read:
        assert (read.getframerate(), read.getnchannels(), read.getsampwidth()) == (24000, 1, 2)
        assert read.readframes(read.getnframes()) == SOUND
    assert wav.content_type == "audio/wav"


def test_wav_can_be_streamed_before_its_length_is_known() -> None:
    wav = speech_encoding("wav")

    streamed = wav.head() + wav.encode(SOUND[:1000]) + wav.encode(SOUND[1000:])

    assert parse_wav(streamed) == (AudioFormat(Encoding.PCM16, 24000), SOUND)


def test_pcm_is_the_sound_itself() -> None:
    pcm = speech_encoding("pcm")

    assert (pcm.head(), pcm.encode(SOUND), pcm.whole(SOUND)) == (b"", SOUND, SOUND)
    assert pcm.format.rate_hz == 24000


def test_telephones_get_mu_law() -> None:
    pcmu = speech_encoding("pcmu")

    assert pcmu.head() + pcmu.encode(SOUND) == pcmu.whole(SOUND) == pcm16_to_pcmu(SOUND)
    assert (pcmu.format.rate_hz, pcmu.content_type) == (8000, "audio/basic")


def test_a_client_that_asks_for_nothing_is_given_wav() -> None:
    assert speech_encoding(None).name == "wav"


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "ogg", "WAV", "x" * 999])
def test_what_is_not_made_here_is_refused_with_what_is(name: str) -> None:
    with pytest.raises(VoiceError, match="give wav, pcm, pcmu") as raised:
        speech_encoding(name)

    assert raised.value.field == "response_format"
    assert len(str(raised.value)) < 120
