from urllib.parse import parse_qs, urlsplit

import pytest
from tests.engines.vendor import BRIEF, realtime

from offhook.engines.openai import OpenAIEngine
from offhook.errors import EngineError
from offhook.loadtest.far_end import FarEnd, Script


async def test_the_key_and_the_model_go_with_the_upgrade() -> None:
    async with FarEnd(Script(), api_key="sk-right") as far_end:
        session = await realtime(far_end.url, api_key="sk-right").open(BRIEF)
        session.close()

        assert far_end.sessions[0].config.model == "gpt-realtime-2"


async def test_a_wrong_key_is_fatal() -> None:
    async with FarEnd(Script(), api_key="sk-right") as far_end:
        with pytest.raises(EngineError, match="key was refused") as refused:
            await realtime(far_end.url, api_key="sk-wrong").open(BRIEF)

    assert not refused.value.retryable
    assert refused.value.code == "401"


async def test_the_sentence_about_a_failure_holds_neither_key_nor_query() -> None:
    async with FarEnd(Script(), api_key="sk-right") as far_end:
        with pytest.raises(EngineError) as refused:
            await realtime(far_end.url + "?token=hidden", api_key="sk-wrong").open(BRIEF)

    assert "sk-wrong" not in str(refused.value)
    assert "hidden" not in str(refused.value)


async def test_a_model_that_stands_in_the_url_goes_before_the_setting() -> None:
    async with FarEnd(Script()) as far_end:
        session = await realtime(far_end.url + "?model=gpt-realtime-mini&intent=x").open(BRIEF)
        session.close()

        assert far_end.sessions[0].config.model == "gpt-realtime-mini"


def test_other_parts_of_the_url_stay() -> None:
    engine = OpenAIEngine("wss://h.example:8443/openai/v1/realtime?api-version=1", "k", "m o", "", 1)

    parts = urlsplit(engine._address)

    assert (parts.scheme, parts.netloc, parts.path) == ("wss", "h.example:8443", "/openai/v1/realtime")
    assert parse_qs(parts.query) == {"api-version": ["1"], "model": ["m o"]}


def test_a_printed_engine_does_not_show_its_key() -> None:
    assert "sk-secret" not in repr(realtime("ws://h", api_key="sk-secret"))


async def test_a_server_without_keys_is_sent_none() -> None:
    async with FarEnd(Script()) as far_end:
        session = await realtime(far_end.url, api_key="").open(BRIEF)
        session.close()

        assert len(far_end.sessions) == 1
