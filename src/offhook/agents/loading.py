"""Finding the agent that ``offhook serve module:attribute`` names."""

import importlib
import pkgutil
import re
import sys
import sysconfig
import traceback
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from offhook.agents.agent import Agent
from offhook.errors import AgentError

DEFAULT_ATTRIBUTE = "agent"

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_OWN_CODE = Path(__file__).resolve().parents[1]
_LIBRARIES = tuple({Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "purelib", "platlib")})


def load(reference: str) -> Agent:
    """Import ``module:attribute`` (``module`` alone means ``module:agent``) and return the agent it names.

    The current directory can be imported from, as with uvicorn; it stays on ``sys.path``. Raises AgentError, in one
    line that says what to do, when there is no such module, when it fails by itself, when it has no such attribute,
    and when that is not an agent.
    """
    module_name, _, attribute = reference.strip().partition(":")
    attribute = attribute or DEFAULT_ATTRIBUTE
    _check_form(reference, module_name, attribute)
    _make_importable(Path.cwd())
    return _agent_in(_import(module_name), module_name, attribute)


def _check_form(reference: str, module_name: str, attribute: str) -> None:
    if module_name.endswith(".py") or "/" in module_name or "\\" in module_name:
        dotted = re.sub(r"[/\\]+", ".", module_name.removesuffix(".py").removeprefix("./")).strip(".")
        raise AgentError(f"{reference!r} is a file; name the module instead, as in {dotted}:{attribute}")
    if not _DOTTED.fullmatch(module_name) or not _DOTTED.fullmatch(attribute):
        raise AgentError(f"{reference!r} does not name an agent; write module:attribute, as in my_agents:front_desk")


def _make_importable(directory: Path) -> None:
    if not {"", str(directory)} & set(sys.path):
        sys.path.insert(0, str(directory))
    importlib.invalidate_caches()


def _import(module_name: str) -> ModuleType:
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise AgentError(_failure(module_name, error)) from error
        raise AgentError(_absence(module_name, error.name)) from error
    except (Exception, SystemExit) as error:  # the module is the user's: it may raise anything, and call exit()
        raise AgentError(_failure(module_name, error)) from error


def _absence(module_name: str, missing: str) -> str:
    """``missing`` is the module or a package above it. Suggests names beside it."""
    parent, _, last = missing.rpartition(".")
    if parent:
        path = getattr(sys.modules.get(parent), "__path__", None)
        if path is None:
            return f"there is no module {module_name}: {parent} is a module, not a package"
        places = list(path)
    else:
        places = [str(Path.cwd())]
    close = get_close_matches(last, [module.name for module in pkgutil.iter_modules(places)], n=1)
    if close:
        return f"there is no module {missing}; did you mean {f'{parent}.' if parent else ''}{close[0]}?"
    return f"there is no module {missing} in {places[0] if places else parent}, nor is one installed"


def _failure(module_name: str, error: BaseException) -> str:
    told = " ".join(str(error).split())
    kind = type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        return f"{module_name} cannot be imported: {kind}: {error.msg} ({error.filename}, line {error.lineno})"
    if isinstance(error, AgentError):
        return f"{module_name} cannot be imported: {told}{_where(error)}"
    return f"{module_name} cannot be imported: {kind}{f': {told}' if told else ''}{_where(error)}"


def _where(error: BaseException) -> str:
    """The deepest line of the user's own code that the error came through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_file() and not any(file.resolve().is_relative_to(place) for place in (_OWN_CODE, *_LIBRARIES)):
            return f" ({frame.filename}, line {frame.lineno})"
    return ""


def _agent_in(module: ModuleType, module_name: str, attribute: str) -> Agent:
    found: object = module
    reached = module_name
    for step in attribute.split("."):
        if not hasattr(found, step):
            raise AgentError(f"{reached} has no {step!r}{_advice(module, module_name, found, step)}")
        found = getattr(found, step)
        reached = f"{reached}{':' if reached == module_name else '.'}{step}"
    if isinstance(found, Agent):
        return found
    if found is Agent:
        raise AgentError(f"{reached} is the class Agent itself; make one, as in `agent = Agent(...)`, and name that")
    raise AgentError(f"{reached} is of type {type(found).__name__}, not an Agent{_others(module, module_name)}")


def _advice(module: ModuleType, module_name: str, found: object, step: str) -> str:
    close = get_close_matches(step, _agents_of(found), n=1)
    return f"; did you mean {close[0]!r}?" if close else _others(module, module_name)


def _others(module: ModuleType, module_name: str) -> str:
    names = _agents_of(module)
    if names:
        return f"; its agents are {', '.join(f'{module_name}:{name}' for name in names)}"
    return "; the module holds no agent"


def _agents_of(holder: object) -> list[str]:
    """Names of the agents in a module, a class or an object."""
    return [name for name, value in getattr(holder, "__dict__", {}).items() if isinstance(value, Agent)]
