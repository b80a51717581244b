"""The parameters of a tool: the JSON schema that a model is shown, and the check of what it sends.

The schema is the part of JSON Schema (2020-12) that function tools of realtime speech APIs take: an object at the top
with ``additionalProperties: false``, every array with ``items`` (OpenAI refuses the tool without: "array schema missing
items"), definitions written out where they are used unless they contain themselves, choices as ``enum`` and ``anyOf``,
and no titles.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from docstring_parser import Docstring, ParseError, parse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import SchemaError

from offhook.agents.signature import REQUIRED, Parameter, Signature, function_name, read_signature
from offhook.errors import AgentError

_MODE: JsonSchemaMode = "validation"
_REF_PREFIX = "#/$defs/"
_MAPS_OF_SCHEMAS = frozenset({"properties", "patternProperties", "dependentSchemas"})
_LISTS_OF_SCHEMAS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_SCHEMAS = frozenset({"items", "additionalProperties", "propertyNames", "contains", "not"})
_DROPPED = frozenset({"title", "discriminator", "$defs"})


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a function takes, in the form a model is shown and in the form its answer is checked by."""

    schema: dict[str, Any]
    """JSON schema, of type object."""
    call_names: tuple[str, ...]
    """Parameters that receive the call; the model does not know of them."""
    _model: type[BaseModel]
    _names: Mapping[str, str]

    def read(self, arguments_json: str) -> dict[str, Any]:
        """The arguments by name, converted to the types of the function, defaults filled in.

        Raises pydantic's ValidationError.
        """
        checked = self._model.model_validate_json(arguments_json)
        return {name: getattr(checked, field) for field, name in self._names.items()}


def read_function(function: Callable[..., Any]) -> tuple[str, Parameters]:
    """What ``function`` does, from its docstring, and its parameters, from its type hints and docstring.

    Google, NumPy and reST docstrings are understood. Raises AgentError, naming the function and the parameter.
    """
    signature = read_signature(function)
    doc = _docstring(function.__doc__ or "")
    told = {param.arg_name: " ".join((param.description or "").split()) for param in doc.params}
    # Fields get names of our own, because a user's parameter may be called what a model's method is ("copy", "json").
    names = {f"p{number}": parameter.name for number, parameter in enumerate(signature.parameters)}
    try:
        model = _model(names, signature)
        raw = model.model_json_schema(mode=_MODE, schema_generator=_SilentSchema)
    except (PydanticUserError, SchemaError, NameError, TypeError) as error:
        raise AgentError(_blame(function, signature, error)) from error
    properties = raw.get("properties", {})
    for name, text in told.items():
        if text and name in properties:
            properties[name].setdefault("description", text)
    return (doc.description or "").strip(), Parameters(_tidy_root(raw), signature.call_names, model, names)


def _docstring(text: str) -> Docstring:
    try:
        return parse(text)
    except ParseError:
        doc = Docstring()
        doc.short_description = text.strip()
        return doc


def _model(names: Mapping[str, str], signature: Signature) -> type[BaseModel]:
    fields: dict[str, Any] = {
        field: _field(parameter) for field, parameter in zip(names, signature.parameters, strict=True)
    }
    model: type[BaseModel] = create_model("Arguments", __config__=ConfigDict(extra="forbid"), **fields)
    # Dataclasses and models that are local to a function may name one another in text.
    model.model_rebuild(force=True, _types_namespace=signature.namespace)
    return model


def _field(parameter: Parameter) -> Any:
    """What create_model takes for a field: a type, or a type and a default."""
    hint, default = parameter.hint, parameter.default
    if isinstance(default, FieldInfo):  # `day: str = Field(...)`, as FastAPI's users write it
        hint, default = Annotated[hint, default], REQUIRED
    called = Field(alias=parameter.name, validation_alias=parameter.name, serialization_alias=parameter.name)
    hint = Annotated[hint, called]
    return hint if default is REQUIRED else (hint, default)


def _blame(function: Callable[..., Any], signature: Signature, error: Exception) -> str:
    """Say which parameter it was: pydantic is asked again, about each alone."""
    for parameter in signature.parameters:
        try:
            adapter = TypeAdapter[Any](parameter.hint)
            adapter.rebuild(force=True, _types_namespace=signature.namespace)
            adapter.json_schema(mode=_MODE, schema_generator=_SilentSchema)
        except Exception as cause:
            reason = str(cause).partition("\n")[0]
            return f"{function_name(function)}: parameter {parameter.name} has a type that no JSON can fill: {reason}"
    return f"{function_name(function)}: the parameters cannot be described: {str(error).partition(chr(10))[0]}"


class _SilentSchema(GenerateJsonSchema):
    """Leaves a default out of the schema without a warning when JSON cannot hold it."""

    def emit_warning(self, kind: str, detail: str) -> None:
        """Say nothing."""


def _tidy_root(raw: dict[str, Any]) -> dict[str, Any]:
    definitions: dict[str, Any] = raw.get("$defs", {})
    lasting = frozenset(name for name in definitions if name in _reached(name, definitions))
    tidy = _tidy(raw, definitions, lasting)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": tidy.get("properties", {}),
        "required": tidy.get("required", []),
        "additionalProperties": False,
    }
    needed = {name for start in _references(schema) for name in (start, *_reached(start, definitions))} & lasting
    if needed:
        schema["$defs"] = {name: _tidy(definitions[name], definitions, lasting) for name in sorted(needed)}
    return schema


def _tidy(node: Any, definitions: Mapping[str, Any], lasting: frozenset[str]) -> Any:
    """A schema of the same meaning without references, except those to ``lasting`` definitions."""
    if not isinstance(node, dict):
        return node  # `true` and `false` are schemas too
    reference = node.get("$ref", "")
    name = reference.removeprefix(_REF_PREFIX)
    if reference and name in definitions and name not in lasting:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _tidy({**definitions[name], **beside}, definitions, lasting)
    tidy: dict[str, Any] = {}
    for key, value in node.items():
        if key in _DROPPED:
            continue
        if key == "oneOf" and "anyOf" not in node:
            key = "anyOf"  # understood everywhere; the choices of a tagged union exclude each other anyhow
        if key == "const":  # a choice of one; not every vendor knows the word
            tidy["enum"] = [value]
        elif key in _MAPS_OF_SCHEMAS:
            tidy[key] = {each: _tidy(schema, definitions, lasting) for each, schema in value.items()}
        elif key in _LISTS_OF_SCHEMAS:
            tidy[key] = [_tidy(schema, definitions, lasting) for schema in value]
        elif key in _SCHEMAS:
            tidy[key] = _tidy(value, definitions, lasting)
        else:
            tidy[key] = value
    if "properties" in tidy:
        tidy.setdefault("additionalProperties", False)
    if tidy.get("type") == "array" and "items" not in tidy:
        tidy["items"] = {"anyOf": tidy["prefixItems"]} if tidy.get("prefixItems") else {}
    return tidy


def _reached(name: str, definitions: Mapping[str, Any]) -> set[str]:
    """The definitions that ``name`` refers to, directly or through others."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        for found in _references(definitions.get(waiting.pop())):
            if found not in reached:
                reached.add(found)
                waiting.append(found)
    return reached


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_REF_PREFIX):
            yield reference.removeprefix(_REF_PREFIX)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
