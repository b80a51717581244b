from offhook.agents.builtin import offered_tools
from offhook.demo.agent import agent
from offhook.demo.scenario import AGENT_LINES, CALLER_TURNS, TOOLS_CALLED
from offhook.demo.script import demo_script
from offhook.loadtest.far_end import Reply


def replies() -> list[Reply]:
    script = demo_script()
    assert script.greeting is not None
    chain: list[Reply] = []
    for reply in (script.greeting, *script.replies):
        step: Reply | None = reply
        while step is not None:
            chain.append(step)
            step = step.after_tools
    return chain


def test_every_turn_of_the_caller_has_a_reply_and_a_transcript() -> None:
    script = demo_script()

    assert len(script.replies) == len(CALLER_TURNS)
    assert script.heard == tuple(turn.line.text for turn in CALLER_TURNS)


def test_the_far_end_says_the_agents_lines_in_order_and_with_sound() -> None:
    spoken = [reply for reply in replies() if reply.speaks]

    assert [reply.text for reply in spoken] == [line.text for line in AGENT_LINES]
    assert all(reply.audio for reply in spoken)


def test_the_far_end_calls_the_tools_that_are_promised_and_that_the_agent_has() -> None:
    called = [call.name for reply in replies() for call in reply.tool_calls]

    assert called == list(TOOLS_CALLED)
    assert set(called) <= set(offered_tools(agent))


def test_the_agent_greets_with_what_the_far_end_says() -> None:
    assert agent.greeting == AGENT_LINES[0].text
