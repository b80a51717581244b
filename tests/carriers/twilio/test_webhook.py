import pytest

from offhook.carriers.twilio.webhook import FIELD_LIMIT_CHARS, METADATA_LIMIT, STATUSES, StatusUpdate, VoiceRequest
from offhook.errors import WireError
from offhook.loadtest.twilio.states import Status

SID = "CA" + "0" * 32
FIELDS = {"CallSid": SID, "From": "+15550001111", "To": "+15550002222", "CallStatus": "ringing"}


def test_a_voice_webhook_is_read() -> None:
    assert VoiceRequest.read(FIELDS | {"New": "field"}) == VoiceRequest(SID, "+15550001111", "+15550002222", "ringing")


def test_a_withheld_number_is_no_fault() -> None:
    assert VoiceRequest.read({"CallSid": SID}) == VoiceRequest(SID, "", "", "")


def test_what_the_carrier_tells_besides_is_kept_within_limits() -> None:
    sip = {f"SipHeader_X-{n}": "x" * 1000 for n in range(100)}
    request = VoiceRequest.read(
        FIELDS | {"CallerName": "ZOE", "StirVerstat": "", "Other": "x", "SipHeader_" + "y" * 100: "z"} | sip
    )

    assert request.metadata["CallerName"] == "ZOE"
    assert request.metadata["SipHeader_X-0"] == "x" * FIELD_LIMIT_CHARS
    assert len(request.metadata) == METADATA_LIMIT
    assert not {"Other", "StirVerstat"} & request.metadata.keys()


@pytest.mark.parametrize("call_sid", [None, "", "CA../../etc", "CA" + "0" * 63, "CA1\n", "CA 1", "CÄ1"])
def test_a_request_without_a_call_is_refused(call_sid: str | None) -> None:
    fields = {name: value for name, value in FIELDS.items() if name != "CallSid"}

    with pytest.raises(WireError, match="CallSid"):
        VoiceRequest.read(fields if call_sid is None else fields | {"CallSid": call_sid})


@pytest.mark.parametrize("name", ["CallSid", "From", "To", "CallStatus"])
def test_no_field_is_longer_than_its_limit_or_a_file(name: str) -> None:
    with pytest.raises(WireError, match=name):
        VoiceRequest.read(FIELDS | {name: "x" * (FIELD_LIMIT_CHARS + 1)})
    with pytest.raises(WireError, match=name):
        VoiceRequest.read({**FIELDS, name: object()})


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_every_status_of_twilio_is_known(status: str) -> None:
    assert StatusUpdate.read({"CallSid": SID, "CallStatus": status, "SequenceNumber": "3"}) == StatusUpdate(
        SID, status, 3
    )


def test_no_status_is_missing() -> None:
    assert {status.value for status in Status} <= STATUSES


@pytest.mark.parametrize("status", ["", "COMPLETED", "sleeping", "completed "])
def test_another_status_is_refused(status: str) -> None:
    with pytest.raises(WireError, match="CallStatus"):
        StatusUpdate.read({"CallSid": SID, "CallStatus": status})


@pytest.mark.parametrize("sequence", ["", "-1", "x", "1.5", "9" * 30, "²"])
def test_a_callback_without_a_number_is_the_last_word(sequence: str) -> None:
    update = StatusUpdate.read({"CallSid": SID, "CallStatus": "completed", "SequenceNumber": sequence})

    assert update.sequence > 1_000_000
