import pytest
from starlette.datastructures import FormData, Headers
from twilio.request_validator import HMAC_SHA256, RequestValidator

from offhook.carriers.twilio.signature import ALGORITHM_HEADER, SIGNATURE_HEADER, Signatures
from offhook.loadtest.twilio.signature import sign

TOKEN = "testtoken123"
SIGNATURES = Signatures(TOKEN)
WEBHOOK = "https://gw.example.test/twilio/voice?tenant=a"
STREAM = "wss://gw.example.test/media"
FIELDS = {"CallSid": "CA0001", "From": "+15550001111", "To": "+15550002222", "CallStatus": "ringing"}
SHA1 = "f60ugX0dnfgCNOwjipNKtPU0n7Q="
SHA256 = "bHiF64t8dP4o6n6rnbezWAsX1IZJLW8ySWxTQFf9kDw="
STREAM_SHA1 = "5eoAp8GPdb1APMWAcP/WVgn1yFc="


def shown(signature: str) -> Headers:
    return Headers({SIGNATURE_HEADER: signature})


def signed_by_twilio(url: str, fields: dict[str, str] | None = None) -> Headers:
    return shown(RequestValidator(TOKEN).compute_signature(url, fields or {}))


# ---- known answers -------------------------------------------------------------------------------------------------


def test_the_known_signature_of_a_webhook_is_accepted() -> None:
    assert SIGNATURES.signed_webhook(WEBHOOK, FIELDS, shown(SHA1))


def test_the_known_signature_with_sha256_is_accepted_where_the_header_says_so() -> None:
    def with_sha256(signature: str) -> Headers:
        return Headers(
            {SIGNATURE_HEADER: signature, ALGORITHM_HEADER: "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
        )

    assert SIGNATURES.signed_webhook(WEBHOOK, FIELDS, with_sha256(SHA256))
    assert not SIGNATURES.signed_webhook(WEBHOOK, FIELDS, with_sha256(SHA1))
    assert not SIGNATURES.signed_webhook(WEBHOOK, FIELDS, shown(SHA256))


def test_an_algorithm_that_nobody_knows_opens_nothing() -> None:
    for algorithm in ("none", "HMAC_MD5", "sha1"):
        headers = Headers({SIGNATURE_HEADER: SHA1, ALGORITHM_HEADER: f"key=k,algorithm={algorithm}"})
        assert not SIGNATURES.signed_webhook(WEBHOOK, FIELDS, headers)


def test_the_known_signature_of_a_stream_is_accepted_over_wss_alone() -> None:
    assert SIGNATURES.signed_stream(STREAM, shown(STREAM_SHA1))
    assert not SIGNATURES.signed_stream(STREAM.replace("wss:", "https:"), shown(STREAM_SHA1))


# ---- what the official package signs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [{}, {"A": ""}, {"Größe": "Zürich ☎", "b": "+&= %"}, {"x" * 200: "y" * 500}, {str(n): str(n) for n in range(100)}],
)
def test_whatever_the_official_package_signs_is_accepted(fields: dict[str, str]) -> None:
    for url in (WEBHOOK, "http://127.0.0.1:8000/twilio/voice", "https://gw.example.test/twilio/resume?call=call_1"):
        assert SIGNATURES.signed_webhook(url, fields, signed_by_twilio(url, fields))


def test_what_we_sign_the_official_package_accepts() -> None:
    validator = RequestValidator(TOKEN)

    assert validator.validate(WEBHOOK, FIELDS, sign(TOKEN, WEBHOOK, FIELDS))
    assert validator.validate(STREAM, {}, sign(TOKEN, STREAM))


def test_a_field_that_comes_twice_is_signed_with_both_values() -> None:
    form = FormData([("Event", "b"), ("Event", "a"), ("CallSid", "CA1")])
    signature = RequestValidator(TOKEN).compute_signature(WEBHOOK, form)

    assert SIGNATURES.signed_webhook(WEBHOOK, form, shown(signature))
    assert not SIGNATURES.signed_webhook(WEBHOOK, FormData([("Event", "a"), ("CallSid", "CA1")]), shown(signature))


def test_sha256_of_the_official_package_is_accepted() -> None:
    signature = RequestValidator(TOKEN).compute_signature(WEBHOOK, FIELDS, HMAC_SHA256)

    assert signature == SHA256


# ---- one character -------------------------------------------------------------------------------------------------


def changes_of(text: str) -> list[str]:
    """The text with each of its characters changed, and without it, and with its case turned."""
    changed = [f"{text[:n]}{'x' if text[n] != 'x' else 'y'}{text[n + 1 :]}" for n in range(len(text))]
    shortened = [text[:n] + text[n + 1 :] for n in range(len(text))]
    return [other for other in {*changed, *shortened, text.swapcase(), text + "x", ""} if other != text]


def test_no_other_signature_will_do() -> None:
    assert not any(SIGNATURES.signed_webhook(WEBHOOK, FIELDS, shown(other)) for other in changes_of(SHA1))
    assert not any(SIGNATURES.signed_stream(STREAM, shown(other)) for other in changes_of(STREAM_SHA1))


def test_no_other_url_will_do() -> None:
    assert not [url for url in changes_of(WEBHOOK) if SIGNATURES.signed_webhook(url, FIELDS, shown(SHA1))]
    assert not [url for url in changes_of(STREAM) if SIGNATURES.signed_stream(url, shown(STREAM_SHA1))]


def test_no_other_fields_will_do() -> None:
    for name, value in FIELDS.items():
        for other in changes_of(value):
            assert not SIGNATURES.signed_webhook(WEBHOOK, FIELDS | {name: other}, shown(SHA1))
        for other in changes_of(name):
            without = {n: v for n, v in FIELDS.items() if n != name}
            assert not SIGNATURES.signed_webhook(WEBHOOK, without | {other: value}, shown(SHA1))
    assert not SIGNATURES.signed_webhook(WEBHOOK, FIELDS | {"Extra": "1"}, shown(SHA1))
    assert not SIGNATURES.signed_webhook(WEBHOOK, {}, shown(SHA1))


def test_no_other_token_will_do() -> None:
    assert not Signatures("testtoken124").signed_webhook(WEBHOOK, FIELDS, shown(SHA1))


@pytest.mark.parametrize("headers", [Headers({}), Headers({SIGNATURE_HEADER: ""}), Headers({SIGNATURE_HEADER: "é"})])
def test_a_missing_or_strange_signature_is_refused(headers: Headers) -> None:
    assert not SIGNATURES.signed_webhook(WEBHOOK, FIELDS, headers)
    assert not SIGNATURES.signed_stream(STREAM, headers)


@pytest.mark.parametrize("host", ["", "[::1", "[", "h:99999", "h:port", "h:-1", "a b", "h\udce9", "@:", "h:443:443"])
def test_a_url_made_of_a_strange_host_is_refused_and_breaks_nothing(host: str) -> None:
    assert not SIGNATURES.signed_webhook(f"https://{host}/twilio/voice", FIELDS, shown(SHA1))
    assert not SIGNATURES.signed_stream(f"wss://{host}/ws/media/w0/a/b", shown(SHA1))


# ---- ports and slashes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "signed"),
    [
        ("https://h.example/twilio/voice", "https://h.example:443/twilio/voice"),
        ("https://h.example:443/twilio/voice", "https://h.example/twilio/voice"),
        ("https://h.example:8443/twilio/voice", "https://h.example:8443/twilio/voice"),
        ("https://h.example:8443/twilio/voice", "https://h.example/twilio/voice"),
    ],
)
def test_twilio_may_sign_a_webhook_with_the_port_or_without(ours: str, signed: str) -> None:
    assert SIGNATURES.signed_webhook(ours, FIELDS, signed_by_twilio(signed, FIELDS))


@pytest.mark.parametrize("ours", ["wss://h.example/ws/media/w0/c/t", "wss://h.example:443/ws/media/w0/c/t"])
@pytest.mark.parametrize("port", ["", ":443"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_twilio_may_sign_a_stream_with_port_or_slash_or_without(ours: str, port: str, slash: str) -> None:
    assert SIGNATURES.signed_stream(ours, signed_by_twilio(f"wss://h.example{port}/ws/media/w0/c/t{slash}"))


def test_a_plain_stream_on_a_port_of_its_own_is_signed_as_it_is() -> None:
    url = "ws://127.0.0.1:8000/ws/media/w0/c/t"

    assert SIGNATURES.signed_stream(url, signed_by_twilio(url))
    assert not SIGNATURES.signed_stream(url, signed_by_twilio(url.replace("8000", "8001")))
