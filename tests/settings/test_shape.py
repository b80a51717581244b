import pytest
from pydantic import SecretStr

from offhook.settings.shape import (
    E164,
    HOST,
    PREFIXES,
    ROUTES,
    SECRET,
    WEB_BASE,
    WEB_ORIGIN,
    WEBSOCKET_URL,
    Each,
    Shape,
    ShapeError,
    one_of,
)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (HOST, "127.0.0.1"),
        (HOST, "::1"),
        (HOST, "0.0.0.0"),
        (HOST, "gateway.example.com"),
        (WEB_ORIGIN, "https://voice.example.com"),
        (WEB_ORIGIN, "http://[::1]:8000"),
        (WEB_BASE, "http://127.0.0.1:11434/v1"),
        (WEB_BASE, "https://llm.example.com"),
        (WEBSOCKET_URL, "wss://api.openai.com/v1/realtime"),
        (WEBSOCKET_URL, "ws://127.0.0.1:9000/v1/realtime?api-version=1"),
        (E164, "+15550001111"),
        (PREFIXES, ("+1", "+4420")),
        (PREFIXES, ("*",)),
        (ROUTES, {"+15550001111": "shop:agent", "+1555*": "shop.front:sales"}),
        (ROUTES, {"sip:desk@example.com": "shop:rest", "100": "shop:rest"}),
        (SECRET, SecretStr("sixteen chars ok")),
        (SECRET, None),
    ],
)
def test_a_right_value_passes_unchanged(shape: Shape | Each, value: object) -> None:
    assert shape(value) is value


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (HOST, "http://127.0.0.1"),
        (HOST, "127.0.0.1:8000"),
        (HOST, "two words"),
        (HOST, ""),
        (WEB_ORIGIN, "https://voice.example.com/"),
        (WEB_ORIGIN, "https://voice.example.com/twilio"),
        (WEB_ORIGIN, "https://voice.example.com?a=b"),
        (WEB_ORIGIN, "https://voice.example.com#a"),
        (WEB_ORIGIN, "https://user:password@voice.example.com"),
        (WEB_ORIGIN, "https://voice.example.com:70000"),
        (WEB_ORIGIN, "https://voice.example.com:0"),
        (WEB_ORIGIN, "https://"),
        (WEB_ORIGIN, "https://[::1"),
        (WEB_ORIGIN, "voice.example.com"),
        (WEB_ORIGIN, "ftp://voice.example.com"),
        (WEB_ORIGIN, "https://voice.exa\nmple.com"),
        (WEB_BASE, "https://llm.example.com/v1?api-version=1"),
        (WEB_BASE, "https://key@llm.example.com/v1"),
        (WEB_BASE, "ws://llm.example.com/v1"),
        (WEBSOCKET_URL, "https://api.openai.com/v1/realtime"),
        (WEBSOCKET_URL, "wss://key@api.openai.com/v1/realtime"),
        (E164, "15550001111"),
        (E164, "+0123"),
        (E164, "+1234567890123456"),
        (E164, "+1555000١١١١"),
        (E164, "+15550001111\n"),
        (PREFIXES, ("1",)),
        (PREFIXES, ("+1", "44")),
        (PREFIXES, ("+1*",)),
        (ROUTES, {"+": "shop:agent"}),
        (ROUTES, {"+15550001111": "shop"}),
        (ROUTES, {"+15550001111": "shop:agent()"}),
        (SECRET, SecretStr("too short")),
    ],
)
def test_a_wrong_value_is_refused(shape: Shape | Each, value: object) -> None:
    with pytest.raises(ShapeError, match="must be"):
        shape(value)


def test_only_the_wrong_item_is_the_culprit() -> None:
    with pytest.raises(ShapeError) as wrong:
        PREFIXES(("+1", "44"))
    assert wrong.value.culprit == "44"

    with pytest.raises(ShapeError) as wrong:
        ROUTES({"+1*": "shop:agent", "+44*": "shop"})
    assert wrong.value.culprit == {"+44*": "shop"}


def test_a_choice_names_its_words() -> None:
    assert one_of(("json",)).must == "json"
    assert one_of(("auto", "json", "console")).must == "auto, json or console"
