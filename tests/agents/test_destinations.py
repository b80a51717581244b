import pytest
from pydantic import TypeAdapter, ValidationError

from offhook.agents.destinations import Destination

_ADAPTER: TypeAdapter[str] = TypeAdapter(Destination)


@pytest.mark.parametrize(
    "text", ["+4930123456", "+12", "+123456789012345", "sip:desk@example.com", "sips:a.b@10.0.0.1:5061;transport=tls"]
)
def test_numbers_and_addresses_that_can_be_dialled_are_taken(text: str) -> None:
    assert _ADAPTER.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "030123456",
        "+0301234",
        "+1234567890123456",
        "+49 30 123456",
        "+4930123456\n",
        "+٤٩٣٠١٢٣٤",
        "sip:example.com",
        "sip:a@b@c",
        "sip:a@b c",
        'sip:a@b"><Dial>',
        "tel:+4930123456",
        "client:joe",
    ],
)
def test_what_cannot_be_dialled_is_not_taken(text: str) -> None:
    with pytest.raises(ValidationError, match="is neither a number such as"):
        _ADAPTER.validate_python(text)
