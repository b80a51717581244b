from offhook.agents.agent import END_CALL, RESERVED_TOOL_NAMES, TRANSFER_CALL, Agent
from offhook.agents.builtin import DEFAULT_AGENT, builtin_tools, offered_tools
from offhook.agents.handle import CallHandle
from offhook.errors import CarrierError


def test_an_agent_can_hang_up_unless_told_otherwise() -> None:
    assert list(builtin_tools(Agent())) == [END_CALL]
    assert builtin_tools(Agent(can_hang_up=False)) == {}


def test_only_an_agent_with_destinations_can_transfer() -> None:
    assert TRANSFER_CALL not in builtin_tools(Agent())
    assert TRANSFER_CALL in builtin_tools(Agent(transfer_to=["+4930123456"]))


def test_the_reserved_names_are_those_of_the_built_in_tools() -> None:
    tools = builtin_tools(Agent(transfer_to=["+4930123456"]))

    assert tools.keys() == RESERVED_TOOL_NAMES
    assert [tool.name for tool in tools.values()] == list(tools)


async def test_end_call_takes_nothing_and_hangs_up(call: CallHandle, deeds: list[str]) -> None:
    tool = builtin_tools(Agent())[END_CALL]
    outcome = await tool.run("{}", call)

    assert tool.parameters["properties"] == {}
    assert "Say goodbye first" in tool.description
    assert outcome.status == "done"
    assert deeds == ["hung up"]


async def test_transfer_call_reaches_the_destinations_on_the_list(call: CallHandle, deeds: list[str]) -> None:
    tool = builtin_tools(Agent(transfer_to=["+4930123456", "sip:kitchen@example.com"]))[TRANSFER_CALL]
    outcome = await tool.run('{"to": "sip:kitchen@example.com"}', call)

    assert tool.parameters["properties"]["to"]["enum"] == ["+4930123456", "sip:kitchen@example.com"]
    assert outcome.output == "The caller has been connected to sip:kitchen@example.com."
    assert deeds == ["transferred to sip:kitchen@example.com"]


async def test_transfer_call_reaches_no_other_destination(call: CallHandle, deeds: list[str]) -> None:
    tool = builtin_tools(Agent(transfer_to=["+4930123456"]))[TRANSFER_CALL]
    outcome = await tool.run('{"to": "+19005550000"}', call)

    assert outcome.status == "refused"
    assert "to should be '+4930123456', not '+19005550000'" in outcome.output
    assert deeds == []


async def test_the_destinations_of_one_agent_are_not_those_of_another(call: CallHandle, deeds: list[str]) -> None:
    first = builtin_tools(Agent(transfer_to=["+4930111111"]))[TRANSFER_CALL]
    second = builtin_tools(Agent(transfer_to=["+4930222222"]))[TRANSFER_CALL]

    assert (await first.run('{"to": "+4930222222"}', call)).status == "refused"
    assert (await second.run('{"to": "+4930222222"}', call)).status == "done"


def test_a_list_of_one_destination_is_a_list_all_the_same() -> None:
    tool = builtin_tools(Agent(transfer_to=["+4930123456"]))[TRANSFER_CALL]

    assert tool.parameters["properties"]["to"]["enum"] == ["+4930123456"]


def test_hanging_up_may_be_repeated_and_transferring_may_not() -> None:
    tools = builtin_tools(Agent(transfer_to=["+4930123456"]))

    assert tools[END_CALL].idempotent
    assert not tools[TRANSFER_CALL].idempotent


async def test_a_carrier_that_does_not_transfer_is_spoken_of(call: CallHandle) -> None:
    class Refusing:
        call_id = caller = dialled = direction = ""
        metadata: dict[str, str] = {}  # noqa: RUF012

        async def hang_up(self) -> None: ...

        async def transfer(self, to: str) -> None:
            raise CarrierError("twilio", "no such number", retryable=False, status=400)

        def tell(self, text: str) -> None: ...

    outcome = await builtin_tools(Agent(transfer_to=["+4930123456"]))[TRANSFER_CALL].run(
        '{"to": "+4930123456"}', Refusing()
    )

    assert outcome.status == "failed"
    assert isinstance(outcome.error, CarrierError)


def test_the_model_is_offered_the_authors_tools_and_the_built_in_ones() -> None:
    agent = Agent()

    @agent.tool
    async def menu() -> None: ...

    assert list(offered_tools(agent)) == ["menu", END_CALL]


def test_the_default_agent_greets_and_can_hang_up() -> None:
    assert DEFAULT_AGENT.greeting
    assert DEFAULT_AGENT.instructions.startswith("You are a friendly assistant")
    assert list(offered_tools(DEFAULT_AGENT)) == [END_CALL]


def test_calls_share_their_built_in_tools() -> None:
    agents = [Agent(name=name, instructions="Be brief.", transfer_to=["+4930123456"]) for name in ("one", "another")]
    first, second = (builtin_tools(agent) for agent in agents)
    assert {name: id(tool) for name, tool in first.items()} == {name: id(tool) for name, tool in second.items()}
