"""Frozen values that hold what their annotations promise."""

import re
from dataclasses import fields
from typing import Any, get_type_hints

from pydantic import AfterValidator, TypeAdapter, ValidationError

from offhook.agents.faults import faults, shown
from offhook.errors import AgentError


def spelt(pattern: str, words: str) -> AfterValidator:
    """Part of an annotation: the text must match ``pattern`` as a whole, or is answered with ``words``."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text):
            return text
        raise ValueError(f"{shown(text)} is not right; {words}")

    return AfterValidator(check)


class Checked:
    """Base of frozen dataclasses: each value is checked against its field's annotation when one is made.

    Nothing is converted: ``"5"`` is not a number. Fields that begin with an underscore are left alone. Raises
    AgentError, naming the class, the field and what it should be.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, adapter in _adapters(type(self)).items():
            try:
                adapter.validate_python(getattr(self, name), strict=True)
            except ValidationError as error:
                told = "; ".join(faults(error, within=name))
                raise AgentError(f"{type(self).__name__}: {told}") from error


def _adapters(kind: type[Any]) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: TypeAdapter(hints[field.name]) for field in fields(kind) if not field.name.startswith("_")}
