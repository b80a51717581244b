"""The dialogue of a model, against a small endpoint that is really there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from tests.dialogue.desks import SHOP, shop
from tests.dialogue.phone import Phone
from tests.dialogue.stand_in import StandIn, call, event, serve, streamed, words

from offhook.dialogue.chat import APOLOGY, BROKEN_EVENTS_LIMIT, BUSY, Chat, Endpoint, new_client
from offhook.dialogue.chat_messages import NOT_UNDERSTOOD
from offhook.dialogue.port import (
    ANY_REPLY,
    Act,
    AgentTurn,
    CallerTurn,
    Dialogue,
    Done,
    Entry,
    Request,
    Words,
)
from offhook.errors import EngineError

HELLO: list[Entry] = [CallerTurn("hello")]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def endpoint() -> AsyncIterator[StandIn]:
    async with serve() as server:
        yield server


@pytest.fixture
def stand_in(endpoint: StandIn) -> StandIn:
    endpoint.forget()
    return endpoint


@asynccontextmanager
async def _chat(endpoint: Endpoint) -> AsyncIterator[Chat]:
    async with new_client(endpoint) as client:
        yield Chat(SHOP, endpoint, client)


async def _acts(
    endpoint: Endpoint | StandIn, history: list[Entry] | None = None, request: Request = ANY_REPLY
) -> list[Act]:
    if isinstance(endpoint, StandIn):
        endpoint = Endpoint(endpoint.url, "tiny")
    async with _chat(endpoint) as chat:
        dialogue: Dialogue = chat
        return [act async for act in dialogue.reply(HELLO if history is None else history, request)]


def _text(acts: list[Act]) -> str:
    return "".join(act.text for act in acts if isinstance(act, Words))


def _failure(acts: list[Act]) -> EngineError:
    done = acts[-1]
    assert isinstance(done, Done)
    assert isinstance(done.error, EngineError)
    return done.error


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_a_model_on_this_machine_is_not_asked_through_a_proxy(
    name: str, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    for exempt in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(exempt, raising=False)
    stand_in.answers = [streamed(words("Hello."))]

    assert _text(await _acts(stand_in)) == "Hello."


@pytest.mark.parametrize(
    ("url", "through_a_proxy"),
    [
        ("http://localhost:8080/v1", False),
        ("http://[::1]:8080/v1", False),
        ("http://127.0.0.2/v1/chat/completions", False),
        ("https://models.example/v1", True),
        ("http://[", True),
    ],
)
async def test_a_proxy_is_for_models_elsewhere(url: str, through_a_proxy: bool) -> None:
    async with new_client(Endpoint(url)) as client:
        assert client.trust_env is through_a_proxy


async def test_words_come_as_they_are_written(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(words("Hello", " there", "."))]

    assert await _acts(stand_in) == [
        Words("Hello"),
        Words(" there"),
        Words("."),
        Done({"prompt_tokens": 9, "completion_tokens": 3}),
    ]


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_pieces_may_be_cut_anywhere(stand_in: StandIn, size: int) -> None:
    stand_in.answers = [streamed([*words("Grüße", " aus", " Köln 🎉.")], size=size)]

    assert _text(await _acts(stand_in)) == "Grüße aus Köln 🎉."


async def test_the_endpoint_is_asked_for_a_stream_with_tools(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(words("Hi."))]
    await _acts(Endpoint(f"{stand_in.url}/chat/completions", "tiny", "secret"))

    (body,) = stand_in.asked
    assert body["model"] == "tiny"
    assert body["stream"] is True
    assert body["messages"][0]["content"].startswith("You help the customers of a shop")
    assert body["messages"][1] == {"role": "user", "content": "hello"}
    assert body["tools"][0]["function"]["name"] == "order_status"
    assert body["tool_choice"] == "auto"
    assert stand_in.keys == ["Bearer secret"]


async def test_without_tools_none_is_called_even_if_the_model_wants_to(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(call("order_status", "{}"))]
    acts = await _acts(stand_in, request=Request(tools=False))

    assert stand_in.asked[0]["tool_choice"] == "none"
    assert [type(act) for act in acts] == [Done]


async def test_a_tool_call_is_put_together_and_its_answer_told(stand_in: StandIn) -> None:
    stand_in.answers = [
        streamed(call("order_status", '{"order_', 'number": "42', '719"}'), size=5),
        streamed(words("It is on", " its way.")),
    ]
    endpoint = Endpoint(stand_in.url)
    async with _chat(endpoint) as chat:
        phone = Phone(shop, chat)
        answer = await phone.says("where is order 42719")

    assert answer == "It is on its way."
    assert phone.calls == [("order_status", {"order_number": "42719"})]
    second = stand_in.asked[1]["messages"]
    assert second[-2]["tool_calls"][0]["id"] == second[-1]["tool_call_id"] == "call_7"
    assert "on its way" in second[-1]["content"]


async def test_only_what_was_heard_is_told_back(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(words("Hi."))]
    await _acts(stand_in, [CallerTurn("hours"), AgentTurn("We are open from"), CallerTurn("x", in_domain=False)])

    assert [message["content"] for message in stand_in.asked[0]["messages"][1:]] == [
        "hours",
        "We are open from",
        NOT_UNDERSTOOD,
    ]


async def test_a_request_is_passed_on(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(words("Are you there?"))]
    await _acts(stand_in, [], Request("Ask if they are still there.", tools=False))

    assert "Ask if they are still there." in stand_in.asked[0]["messages"][-1]["content"]


async def test_an_interrupted_reply_hangs_up_on_the_endpoint(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(words("One,", " two,", finish=None), stall=True)]
    async with _chat(Endpoint(stand_in.url)) as chat:
        async with aclosing(chat.reply(HELLO)) as reply:
            assert await anext(reply) == Words("One,")
        async with asyncio.timeout(5):
            await stand_in.left.wait()


async def test_a_cancelled_listener_hangs_up_on_the_endpoint(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(words("One,", finish=None), stall=True)]
    heard = asyncio.Event()

    async def listen(chat: Chat) -> None:
        async with aclosing(chat.reply(HELLO)) as reply:
            async for _ in reply:
                heard.set()

    async with _chat(Endpoint(stand_in.url)) as chat:
        listening = asyncio.create_task(listen(chat))
        await heard.wait()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        async with asyncio.timeout(5):
            await stand_in.left.wait()


async def test_replies_share_connections_and_not_words(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(words(f"{n}", f" {n}"), size=3) for n in range(8)]
    async with _chat(Endpoint(stand_in.url)) as chat:

        async def reply() -> str:
            return _text([act async for act in chat.reply(HELLO)])

        heard = await asyncio.gather(*(reply() for _ in range(8)))

    assert sorted(heard) == [f"{n} {n}" for n in range(8)]


# ---- what goes wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "retryable", "spoken"),
    [(401, False, APOLOGY), (429, True, BUSY), (500, True, APOLOGY), (404, False, APOLOGY)],
)
async def test_a_refusal_is_spoken_of(stand_in: StandIn, status: int, retryable: bool, spoken: str) -> None:
    stand_in.answers = [lambda: JSONResponse({"error": {"message": "no"}}, status)]
    acts = await _acts(stand_in)

    assert _text(acts) == spoken
    assert _failure(acts).code == str(status)
    assert _failure(acts).retryable is retryable
    assert '"no"' in _failure(acts).reason
    assert len(stand_in.asked) == 1


async def test_an_address_where_nobody_is_is_tried_twice(stand_in: StandIn) -> None:
    acts = await _acts(Endpoint("http://127.0.0.1:9/v1"))

    assert _text(acts) == APOLOGY
    assert _failure(acts).code == "unreachable"


async def test_a_server_that_is_late_by_one_try_is_reached() -> None:
    tries = 0

    async def flaky(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        if tries > 1:
            await reader.readuntil(b"\r\n\r\n")
            body = b"".join(words("Here I am."))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n" + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(flaky, "127.0.0.1", 0)
    async with server:
        acts = await _acts(Endpoint(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))

    assert _text(acts) == "Here I am."
    assert tries == 2


async def test_an_endpoint_that_falls_silent_is_not_waited_for(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(words("I think", finish=None), stall=True)]
    acts = await _acts(Endpoint(stand_in.url, silence_timeout_s=0.2))

    assert _text(acts) == f"I think {APOLOGY}"
    assert _failure(acts).code == "timeout"


async def test_an_endpoint_that_never_begins_is_not_waited_for(stand_in: StandIn) -> None:
    stand_in.answers = [streamed([], stall=True)]

    assert _failure(await _acts(Endpoint(stand_in.url, silence_timeout_s=0.2))).code == "timeout"


async def test_an_endless_reply_has_an_end(stand_in: StandIn) -> None:
    stand_in.answers = [streamed(words(*["and so on "] * 2_000, finish=None), stall=True)]
    acts = await _acts(stand_in)

    assert acts[-1] == Done(cut=True)
    assert len(_text(acts)) <= 8_000


async def test_a_reply_that_takes_for_ever_in_all_is_given_up(stand_in: StandIn) -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield event({"choices": [{"delta": {"content": "."}}]})
            await asyncio.sleep(0.02)

    stand_in.answers = [lambda: StreamingResponse(drip(), media_type="text/event-stream")]

    assert _failure(await _acts(Endpoint(stand_in.url, reply_timeout_s=0.3))).code == "timeout"


async def test_a_few_broken_events_are_skipped(stand_in: StandIn) -> None:
    stand_in.answers = [streamed([event(b"{broken"), event(b"null"), event(b"[[]]"), *words("Hello.")])]

    assert _text(await _acts(stand_in)) == "Hello."


async def test_nothing_but_garbage_is_given_up(stand_in: StandIn) -> None:
    stand_in.answers = [streamed([event(b"\xff\xfe garbage")] * (BROKEN_EVENTS_LIMIT + 1))]

    assert _failure(await _acts(stand_in)).code == "garbage"


async def test_an_event_too_large_to_keep_is_given_up(stand_in: StandIn) -> None:
    stand_in.answers = [streamed([b"data: " + b"x" * 100_000] * 5)]

    assert _failure(await _acts(stand_in)).code == "broken"


async def test_a_reply_that_breaks_off_is_spoken_of_and_calls_nothing(stand_in: StandIn) -> None:
    stand_in.answers = [streamed([*words("I will", finish=None), *call("cancel_order", '{"order_number"')[:2]])]
    acts = await _acts(stand_in)

    assert [type(act) for act in acts] == [Words, Words, Done]
    assert _text(acts) == f"I will {APOLOGY}"
    assert _failure(acts).code == "broken"


async def test_an_error_within_the_stream_is_spoken_of(stand_in: StandIn) -> None:
    error = event({"error": {"message": "out of memory", "code": 507}})
    stand_in.answers = [streamed([*words("Well,", finish=None), error])]
    failure = _failure(await _acts(stand_in))

    assert failure.reason == "it failed: out of memory"
    assert failure.code == "507"


@pytest.mark.parametrize("url", ["", "localhost", "http://127.0.0.1:1:1/v1", "gopher://127.0.0.1"])
async def test_a_wrong_address_is_spoken_of(url: str) -> None:
    acts = await _acts(Endpoint(url))

    assert _text(acts) == APOLOGY
    assert not _failure(acts).retryable


async def test_an_endpoint_that_does_not_stream_is_understood(stand_in: StandIn) -> None:
    message = {"role": "assistant", "content": "Hello."}
    stand_in.answers = [lambda: JSONResponse({"choices": [{"message": message, "finish_reason": "stop"}]})]

    assert await _acts(stand_in) == [Words("Hello."), Done()]


@pytest.mark.parametrize(
    "response",
    [
        Response(b"{", media_type="application/json"),
        Response(b"[" * 100_000, media_type="application/json"),
        Response(b'{"x": "' + b"x" * 2_000_000 + b'"}', media_type="application/json"),
        PlainTextResponse("<html>a proxy says hello</html>"),
        Response(b""),
    ],
)
async def test_an_answer_of_another_kind_is_spoken_of(stand_in: StandIn, response: Response) -> None:
    stand_in.answers = [lambda: response]
    acts = await _acts(stand_in)

    assert _text(acts) == APOLOGY
    assert _failure(acts).code in ("garbage", "broken")


async def test_a_server_that_cannot_count_tokens_is_not_asked_to(stand_in: StandIn) -> None:
    stand_in.answers = [
        lambda: JSONResponse({"error": "Unknown field: stream_options"}, 422),
        streamed(words("Hello.")),
        streamed(words("Again.")),
    ]
    async with _chat(Endpoint(stand_in.url)) as chat:
        for said in ("Hello.", "Again."):
            assert _text([act async for act in chat.reply(HELLO)]) == said

    assert ["stream_options" in body for body in stand_in.asked] == [True, False, False]


async def test_the_key_is_in_no_error(stand_in: StandIn) -> None:
    stand_in.answers = [lambda: JSONResponse({"error": "wrong key"}, 401)]
    endpoint = Endpoint(stand_in.url, api_key="sk-secret")

    assert "sk-secret" not in str(_failure(await _acts(endpoint)))
    assert "sk-secret" not in repr(replace(endpoint, model="x"))
