"""What a tool's function asks for, read from its signature."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import CodeType, FrameType, SimpleNamespace
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from offhook.agents.handle import CallHandle
from offhook.errors import AgentError

REQUIRED = inspect.Parameter.empty
"""Stands for the default of a parameter that has none."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter that the model fills in. ``hint`` is a type, never text; ``default`` may be REQUIRED."""

    name: str
    hint: Any
    default: Any


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of a tool's function, parted by who fills them in."""

    parameters: tuple[Parameter, ...]
    """Filled in by the model, in the order of the function."""
    call_names: tuple[str, ...]
    """Filled in with the call: those annotated CallHandle."""
    namespace: dict[str, Any]
    """The names that the function's annotations may use."""


def read_signature(function: Callable[..., Any]) -> Signature:
    """Read what ``function`` asks for.

    Annotations may be text (``from __future__ import annotations``) and may name what is local to the functions around
    this one, as long as these are still running, which they are while a decorator does its work.

    Raises AgentError, naming the function and the parameter, for a parameter that no model could fill in.
    """
    namespace = _namespace(function)
    parameters: list[Parameter] = []
    call_names: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        where = f"{function_name(function)}: parameter {parameter.name}"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise AgentError(f"{where} takes any number of values; name each parameter, or take a list")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise AgentError(f"{where} is positional-only, but a model gives arguments by name; remove the / after it")
        if parameter.annotation is REQUIRED:
            raise AgentError(f"{where} has no type; write one, such as {parameter.name}: str")
        hint = _resolve(parameter.annotation, namespace, where)
        if _wants_call(hint):
            call_names.append(parameter.name)
        else:
            parameters.append(Parameter(parameter.name, hint, parameter.default))
    return Signature(tuple(parameters), tuple(call_names), namespace)


def function_name(function: Callable[..., Any]) -> str:
    """The name it was defined with, or what it is when it has none."""
    return getattr(function, "__name__", "") or type(function).__name__


def _resolve(annotation: Any, namespace: dict[str, Any], where: str) -> Any:
    try:
        return get_type_hints(SimpleNamespace(__annotations__={"it": annotation}), namespace, include_extras=True)["it"]
    except Exception as error:  # the text of an annotation is evaluated, so anything may happen
        text = annotation if isinstance(annotation, str) else repr(annotation)
        raise AgentError(f"{where} has a type that cannot be read, {text!r}: {error}") from error


def _wants_call(hint: Any) -> bool:
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    choices = get_args(hint) or (hint,)  # CallHandle | None is as good
    return any(CallHandle in getattr(choice, "__mro__", ()) for choice in choices)


def _namespace(function: Callable[..., Any]) -> dict[str, Any]:
    """Names for the annotations: those of the module, then of each function around this one, innermost last.

    CallHandle is known even where it was imported for the type checker alone.
    """
    plain = _plain(function)
    module: dict[str, Any] = getattr(plain, "__globals__", {})
    names: dict[str, Any] = {CallHandle.__name__: CallHandle, **module}
    for frame in reversed(_frames_around(getattr(plain, "__qualname__", ""), module)):
        names.update(frame.f_locals)
    code, cells = getattr(plain, "__code__", None), getattr(plain, "__closure__", None)
    if isinstance(code, CodeType) and cells:
        for name, cell in zip(code.co_freevars, cells, strict=True):
            try:
                names[name] = cell.cell_contents
            except ValueError:  # not yet assigned
                continue
    return names


def _frames_around(qualified_name: str, module: dict[str, Any]) -> list[FrameType]:
    """The running functions and class bodies in which the text of this function stands, innermost first."""
    frames = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals is module and qualified_name.startswith(frame.f_code.co_qualname + "."):
            frames.append(frame)
        frame = frame.f_back
    return frames


def _plain(function: Any) -> Any:
    """The function below bound methods, partials and well-behaved decorators."""
    while True:
        if isinstance(function, partial):
            function = function.func
        elif inspect.ismethod(function):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            return function
