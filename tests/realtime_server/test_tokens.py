from offhook.realtime_server.tokens import Tokens, caller_tokens, model_tokens, text_tokens, usage


def test_sound_is_counted_by_its_length() -> None:
    assert caller_tokens(1000) == 10
    assert model_tokens(1000) == 20


def test_begun_units_count_whole() -> None:
    assert (caller_tokens(101), model_tokens(51), text_tokens("hello")) == (2, 2, 2)


def test_usage_adds_up() -> None:
    told = usage(context=Tokens(audio=30, text=7), cached=Tokens(audio=10, text=2), output=Tokens(audio=20, text=3))

    assert told["input_tokens"] == 37
    assert told["output_tokens"] == 23
    assert told["total_tokens"] == 60
    assert told["input_token_details"]["cached_tokens"] == 12
    assert told["output_token_details"] == {"text_tokens": 3, "audio_tokens": 20}
