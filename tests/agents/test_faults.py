import pytest
from pydantic import BaseModel, ValidationError, field_validator

from offhook.agents.faults import MAX_FAULTS, MAX_SHOWN_CHARS, faults


class Guest(BaseModel, extra="forbid"):
    name: str
    age: int = 30

    @field_validator("name")
    @classmethod
    def _told(cls, name: str) -> str:
        if not name:
            raise ValueError("say who it is")
        return name


class Party(BaseModel):
    guests: list[Guest]
    day: str = ""


def _faults(text: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        Party.model_validate_json(text)
    return faults(caught.value)


def test_the_place_of_a_fault_reads_as_one_would_write_it() -> None:
    assert _faults('{"guests": [{"name": "Ann"}, {"age": 3}]}') == ["guests[1].name is missing"]


def test_an_unknown_name_is_said_not_to_exist() -> None:
    assert _faults('{"guests": [{"name": "Ann", "nam": 1}]}') == ["there is no guests[0].nam"]


def test_the_words_of_a_validator_are_used_as_they_are() -> None:
    assert _faults('{"guests": [{"name": ""}]}') == ["guests[0].name: say who it is"]


def test_broken_json_is_told_with_the_place_where_it_breaks() -> None:
    (told,) = _faults('{"guests": [')

    assert told.startswith("they are not valid JSON: ")
    assert "line 1" in told


def test_arguments_that_are_no_object_are_told_as_a_whole() -> None:
    assert _faults("[]") == ["the arguments should be an object, not a list"]


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        ("null", "not null"),
        ("true", "not True"),
        ("1.5", "not 1.5"),
        ("7", "not 7"),
        ("9" * 300, "not a very large number"),
        ('{"a": 1}', "not an object"),
        ("[1]", "not a list"),
    ],
)
def test_the_wrong_value_is_shown_shortly(wrong: str, shown: str) -> None:
    (told,) = _faults(f'{{"guests": [], "day": {wrong}}}')

    assert told == f"day should be a valid string, {shown}"


def test_a_long_text_is_shown_only_at_its_beginning() -> None:
    (told,) = _faults('{"guests": "' + "x" * 5_000 + '"}')

    assert told.endswith(f"not '{'x' * MAX_SHOWN_CHARS}'…")


def test_many_faults_are_counted_and_not_listed() -> None:
    told = _faults('{"guests": [' + ", ".join("{}" for _ in range(MAX_FAULTS + 3)) + "]}")

    assert len(told) == MAX_FAULTS + 1
    assert told[-1] == "and 3 more"
