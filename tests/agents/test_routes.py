import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.agents.agent import Agent
from offhook.agents.routes import Routes
from offhook.errors import AgentError

DESK = Agent(name="desk")
BERLIN = Agent(name="berlin")
GERMANY = Agent(name="germany")
LUIGI = Agent(name="luigi")

ROUTES = Routes(
    DESK, {"+49*": GERMANY, "+4930*": BERLIN, "+4930123456": LUIGI, "sip:kitchen@example.com": LUIGI, "1*": BERLIN}
)


@pytest.mark.parametrize(
    ("dialled", "agent"),
    [
        ("+4930123456", LUIGI),
        ("+49301234567", BERLIN),
        ("+493012345", BERLIN),
        ("+4930", BERLIN),
        ("+4989123456", GERMANY),
        ("+14155550100", DESK),
        ("sip:kitchen@example.com", LUIGI),
        ("sip:bar@example.com", DESK),
        ("101", BERLIN),
        ("", DESK),
        ("+4930*", BERLIN),
    ],
)
def test_the_exact_number_comes_before_the_longest_beginning_before_the_default(dialled: str, agent: Agent) -> None:
    assert ROUTES.agent_for(dialled) is agent


def test_the_order_of_the_patterns_does_not_matter() -> None:
    assert Routes(DESK, {"+4930*": BERLIN, "+49*": GERMANY}).agent_for("+4930") is BERLIN
    assert Routes(DESK, {"+49*": GERMANY, "+4930*": BERLIN}).agent_for("+4930") is BERLIN


def test_without_patterns_the_default_answers_everything() -> None:
    assert Routes(DESK).agent_for("+4930123456") is DESK


@given(st.text())
def test_whatever_is_dialled_somebody_answers(dialled: str) -> None:
    assert ROUTES.agent_for(dialled) in ROUTES.agents


def test_agents_are_found_by_name() -> None:
    outbound = Agent(name="outbound")
    routes = Routes(DESK, {"+49*": GERMANY}, unrouted=[outbound])

    assert [routes.named(name) for name in ("desk", "germany", "outbound")] == [DESK, GERMANY, outbound]


def test_an_unknown_name_is_answered_with_the_closest() -> None:
    with pytest.raises(AgentError, match="no agent is named 'belin'; did you mean 'berlin'"):
        ROUTES.named("belin")


def test_an_unknown_name_like_no_other_is_answered_with_all() -> None:
    with pytest.raises(AgentError, match="no agent is named 'x'; there are: desk, germany, berlin, luigi"):
        ROUTES.named("x")


def test_each_agent_is_listed_once_the_default_first() -> None:
    assert ROUTES.agents == (DESK, GERMANY, BERLIN, LUIGI)


def test_two_agents_of_one_name_are_refused() -> None:
    with pytest.raises(AgentError, match="two agents are named 'desk'; give each a name of its own"):
        Routes(DESK, {"+49*": Agent(name="desk")})


@pytest.mark.parametrize(
    "pattern", ["", "**", "+", "+*", "+0*", "+49*30", "+49301234567890123", "abc", "tel:+49", "+49?"]
)
def test_a_pattern_that_can_match_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(AgentError, match="is not a number such as") as caught:
        Routes(DESK, {pattern: BERLIN})

    assert repr(pattern) in str(caught.value)


def test_a_number_written_for_people_is_answered_with_how_to_write_it() -> None:
    with pytest.raises(AgentError, match=r"; write it as \+4930123456$"):
        Routes(DESK, {"+49 (30) 123-456": BERLIN})


def test_a_star_alone_is_what_the_default_is_for() -> None:
    with pytest.raises(AgentError, match="goes to the default agent already"):
        Routes(DESK, {"*": BERLIN})
