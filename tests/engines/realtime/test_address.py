import ssl

from offhook.engines.realtime.address import bearer, tls_for, with_model


def test_the_model_is_named_in_the_address_unless_one_is_there() -> None:
    assert with_model("wss://host/v1/realtime", "m 1") == "wss://host/v1/realtime?model=m+1"
    assert with_model("wss://host/v1/realtime?a=b", "m") == "wss://host/v1/realtime?a=b&model=m"
    assert with_model("wss://host/v1/realtime?model=other", "m") == "wss://host/v1/realtime?model=other"


def test_a_key_is_shown_as_a_bearer_token_and_none_is_not_shown() -> None:
    assert bearer("sk-key") == {"Authorization": "Bearer sk-key"}
    assert bearer("") == {}


def test_only_wss_is_spoken_over_tls_and_with_a_certificate_that_is_checked() -> None:
    context = tls_for("wss://host/v1/realtime")

    assert context is not None
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert tls_for("ws://host/v1/realtime") is None
