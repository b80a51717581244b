"""The settings as rows. ``offhook config``, docs/settings.md and the errors all read this table."""

import json
import types
from dataclasses import dataclass
from typing import Any, get_args

import annotated_types
from pydantic import AfterValidator, SecretStr
from pydantic.fields import FieldInfo

from offhook.settings.schema import Settings, variable_of
from offhook.settings.shape import Each, Shape

FILE_ONLY = frozenset({"routes"})
EMPTY_HAS_A_MEANING = frozenset({"openai_transcription_model"})
"""Where an empty value says something; elsewhere it counts as not set."""
NEVER_ECHOED = frozenset({"twilio_account_sid"})
"""Not secret, but people paste a secret here by mistake: errors do not show what was given."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row."""

    name: str
    """As in the file: ``port``."""
    default: Any
    example: Any
    must: str
    """What a right value is, in words that follow "must be"."""
    description: str
    secret: bool

    @property
    def variable(self) -> str | None:
        """The environment variable, or None when the setting stands in the file only."""
        return None if self.name in FILE_ONLY else variable_of(self.name)

    @property
    def echoed(self) -> bool:
        """True when errors may show what was given."""
        return not self.secret and self.name not in NEVER_ECHOED

    @property
    def variable_line(self) -> str:
        """The example as the environment holds it: ``OFFHOOK_PORT=8000``."""
        return f"{variable_of(self.name)}={self.example}"

    @property
    def file_line(self) -> str:
        """The example as the file holds it: ``port = 8000``."""
        return f"{self.name} = {_toml(self.example)}"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    # A JSON string is a TOML basic string (TOML 1.0, "String"), and numbers are written alike.
    return json.dumps(value)


def _must(field: FieldInfo) -> str:
    for part in field.metadata:
        if isinstance(part, AfterValidator) and isinstance(part.func, Shape | Each):
            return part.func.must
    limits: dict[type, Any] = {type(part): part for part in field.metadata}
    kind = "a whole number" if field.annotation is int else "a number"
    if annotated_types.MultipleOf in limits:
        kind = f"a multiple of {limits[annotated_types.MultipleOf].multiple_of}"
    high = limits[annotated_types.Le].le
    if annotated_types.Gt in limits:
        return f"{kind} above {limits[annotated_types.Gt].gt} and at most {high}"
    return f"{kind} between {limits[annotated_types.Ge].ge} and {high}"


def _is_secret(annotation: object) -> bool:
    return annotation is SecretStr or (isinstance(annotation, types.UnionType) and SecretStr in get_args(annotation))


TABLE: tuple[Setting, ...] = tuple(
    Setting(
        name=name,
        default=field.default,
        example=(field.examples or [field.default])[0],
        must=_must(field),
        description=field.description or "",
        secret=_is_secret(field.annotation),
    )
    for name, field in Settings.model_fields.items()
)


def example_of(name: str) -> str:
    """A right line for the environment: ``OFFHOOK_PORT=8000`` for ``port``."""
    return next(row.variable_line for row in TABLE if row.name == name)
