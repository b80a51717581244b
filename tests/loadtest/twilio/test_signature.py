from twilio.request_validator import RequestValidator

from offhook.loadtest.twilio.signature import sign

TOKEN = "testtoken123"
FORM = {"CallSid": "CA0001", "From": "+15550001111", "To": "+15550002222", "CallStatus": "ringing"}


def test_known_signatures() -> None:
    url = "https://gw.example.test/twilio/voice?tenant=a"

    assert sign(TOKEN, url, FORM) == "f60ugX0dnfgCNOwjipNKtPU0n7Q="
    assert sign(TOKEN, "wss://gw.example.test/media") == "5eoAp8GPdb1APMWAcP/WVgn1yFc="


def test_the_twilio_package_accepts_them() -> None:
    form = FORM | {"FromCity": "", "CallerName": "Zoë & Co"}
    url = "https://gw.example.test:8443/voice"

    assert RequestValidator(TOKEN).validate(url, form, sign(TOKEN, url, form))
    assert not RequestValidator("other").validate(url, form, sign(TOKEN, url, form))
    assert not RequestValidator(TOKEN).validate(url, FORM, sign(TOKEN, url, form))
