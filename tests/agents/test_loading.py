import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from offhook.agents.agent import Agent
from offhook.agents.loading import load
from offhook.errors import AgentError

AGENT = "from offhook.agents.agent import Agent\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current directory of someone who writes agents. Forgets what was imported from it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__spec__", "")):
            del sys.modules[name]


def _refusal(reference: str) -> str:
    with pytest.raises(AgentError) as caught:
        load(reference)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_a_module_in_the_current_directory_is_found(desk: Path) -> None:
    (desk / "luigi.py").write_text(AGENT + "front_desk = Agent(name='front-desk')\n")

    assert load("luigi:front_desk").name == "front-desk"


def test_the_attribute_is_agent_unless_named(desk: Path) -> None:
    (desk / "luigi.py").write_text(AGENT + "agent = Agent(name='luigi')\n")

    assert load("luigi").name == load("luigi:").name == load(" luigi:agent ").name == "luigi"


def test_packages_and_attributes_may_be_dotted(desk: Path) -> None:
    (desk / "rome").mkdir()
    (desk / "rome" / "__init__.py").write_text("")
    (desk / "rome" / "luigi.py").write_text(AGENT + "class Desk:\n    day = Agent(name='day')\n")

    assert load("rome.luigi:Desk.day").name == "day"


def test_an_agent_is_loaded_once(desk: Path) -> None:
    (desk / "luigi.py").write_text(AGENT + "agent = Agent()\n")

    assert load("luigi") is load("luigi")
    assert sys.path.count(str(desk)) == 1


@pytest.mark.parametrize(
    "reference", ["", ":", ":agent", "a b", "luigi:front desk", "luigi:agent()", "1luigi", ".luigi", "a..b"]
)
def test_a_reference_of_the_wrong_form_is_answered_with_a_right_one(reference: str, desk: Path) -> None:
    assert _refusal(reference).endswith("does not name an agent; write module:attribute, as in my_agents:front_desk")


@pytest.mark.parametrize(
    ("reference", "right"),
    [
        ("luigi.py", "luigi:agent"),
        ("luigi.py:desk", "luigi:desk"),
        ("rome/luigi.py", "rome.luigi:agent"),
        ("./luigi.py", "luigi:agent"),
        ("rome\\luigi.py", "rome.luigi:agent"),
    ],
)
def test_a_file_is_answered_with_its_module(reference: str, right: str, desk: Path) -> None:
    assert _refusal(reference) == f"{reference!r} is a file; name the module instead, as in {right}"


def test_a_missing_module_is_told_with_where_it_was_looked_for(desk: Path) -> None:
    assert _refusal("quite_unknown:agent") == f"there is no module quite_unknown in {desk}, nor is one installed"


def test_a_missing_module_is_told_with_the_closest_name(desk: Path) -> None:
    (desk / "luigi.py").write_text("")

    assert _refusal("luggi") == "there is no module luggi; did you mean luigi?"


def test_a_missing_module_of_a_package_is_told_with_the_closest_name(desk: Path) -> None:
    (desk / "rome").mkdir()
    (desk / "rome" / "__init__.py").write_text("")
    (desk / "rome" / "luigi.py").write_text("")

    assert _refusal("rome.luggi") == "there is no module rome.luggi; did you mean rome.luigi?"
    assert _refusal("rom.luigi") == "there is no module rom; did you mean rome?"


def test_a_module_is_not_a_package(desk: Path) -> None:
    (desk / "luigi.py").write_text("")

    assert _refusal("luigi.desk") == "there is no module luigi.desk: luigi is a module, not a package"


def test_a_module_that_imports_what_is_missing_is_not_missing_itself(desk: Path) -> None:
    (desk / "luigi.py").write_text("import os\nimport quite_unknown\n")

    assert _refusal("luigi") == (
        f"luigi cannot be imported: ModuleNotFoundError: No module named 'quite_unknown' ({desk / 'luigi.py'}, line 2)"
    )


def test_a_module_that_fails_is_told_with_the_line(desk: Path) -> None:
    (desk / "prices.py").write_text("def load():\n    return {}['soup\\nof the day']\n")
    (desk / "luigi.py").write_text("import prices\n\nprices.load()\n")

    assert _refusal("luigi") == (
        f"luigi cannot be imported: KeyError: 'soup\\nof the day' ({desk / 'prices.py'}, line 2)"
    )


def test_a_failure_in_a_library_is_told_with_the_users_line(desk: Path) -> None:
    (desk / "luigi.py").write_text("import json\n\n\njson.loads('{')\n")

    assert _refusal("luigi").endswith(f"({desk / 'luigi.py'}, line 4)")


def test_a_module_that_cannot_be_parsed_is_told_with_the_line(desk: Path) -> None:
    (desk / "luigi.py").write_text("agent = 1\nagent = (\n")

    assert (
        _refusal("luigi")
        == f"luigi cannot be imported: SyntaxError: '(' was never closed ({desk / 'luigi.py'}, line 2)"
    )


def test_a_wrong_agent_is_told_as_such_with_the_line(desk: Path) -> None:
    (desk / "luigi.py").write_text(AGENT + "\nagent = Agent(voice=3)\n")

    assert _refusal("luigi") == (
        f"luigi cannot be imported: Agent: voice should be a valid string, not 3 ({desk / 'luigi.py'}, line 3)"
    )


def test_a_module_that_calls_exit_does_not_end_the_gateway(desk: Path) -> None:
    (desk / "luigi.py").write_text("raise SystemExit(0)\n")

    assert _refusal("luigi") == f"luigi cannot be imported: SystemExit: 0 ({desk / 'luigi.py'}, line 1)"


def test_a_missing_attribute_is_told_with_the_closest_agent(desk: Path) -> None:
    (desk / "luigi.py").write_text(AGENT + "front_desk = Agent()\n")

    assert _refusal("luigi:frontdesk") == "luigi has no 'frontdesk'; did you mean 'front_desk'?"


def test_a_missing_attribute_is_told_with_the_agents_there_are(desk: Path) -> None:
    (desk / "luigi.py").write_text(AGENT + "day = Agent(name='day')\nnight = Agent(name='night')\n")

    assert _refusal("luigi") == "luigi has no 'agent'; its agents are luigi:day, luigi:night"


def test_a_module_without_agents_is_told_so(desk: Path) -> None:
    (desk / "luigi.py").write_text("")

    assert _refusal("luigi:desk") == "luigi has no 'desk'; the module holds no agent"


def test_what_is_not_an_agent_is_told_by_its_type(desk: Path) -> None:
    (desk / "luigi.py").write_text(AGENT + "app = {}\ndesk = Agent()\n")

    assert _refusal("luigi:app") == "luigi:app is of type dict, not an Agent; its agents are luigi:desk"
    assert _refusal("luigi:desk.name") == "luigi:desk.name is of type str, not an Agent; its agents are luigi:desk"


def test_the_class_itself_is_not_an_agent(desk: Path) -> None:
    (desk / "luigi.py").write_text(AGENT)

    assert _refusal("luigi:Agent").startswith("luigi:Agent is the class Agent itself; make one")


def test_an_installed_module_is_found_too(desk: Path) -> None:
    assert isinstance(load("offhook.agents.builtin:DEFAULT_AGENT"), Agent)
