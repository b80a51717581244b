import threading

import pytest
from tests.speech.caller import Caller

from offhook.dialogue import rules
from offhook.dialogue.chat import Chat, Endpoint
from offhook.dialogue.domain import Domain, read_domain
from offhook.dialogue.port import Role, ToolSpec
from offhook.dialogue.rules import Rules
from offhook.errors import RecogniserError, VoiceError
from offhook.recognisers.sphinx import recogniser
from offhook.speech import faculties
from offhook.speech.faculties import Faculties


def threads() -> set[str]:
    return {
        thread.name for thread in threading.enumerate() if not thread.name.startswith(("Main", "asyncio", "Thread"))
    }


async def test_all_that_is_started_is_closed() -> None:
    before = threads()

    loaded = await Faculties.start(sessions=2)
    assert threads() > before
    await loaded.lessons.lesson(Role())
    await loaded.close()

    assert threads() == before


async def test_what_was_started_is_closed_if_the_rest_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threads()

    def no_voice() -> None:
        raise VoiceError("there is no voice")

    monkeypatch.setattr(faculties, "EspeakVoice", no_voice)

    with pytest.raises(VoiceError):
        await Faculties.start(sessions=2)
    assert threads() == before


async def test_a_recogniser_without_its_library_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library() -> None:
        raise RecogniserError("sphinx", "pocketsphinx is not installed")

    monkeypatch.setattr(recogniser, "pocketsphinx", no_library)
    before = threads()

    with pytest.raises(RecogniserError, match="not installed"):
        await Faculties.start(sessions=2)
    assert threads() == before


@pytest.mark.parametrize(("endpoint", "kind"), [(None, Rules), (Endpoint("http://127.0.0.1:9/v1"), Chat)])
async def test_the_dialogue_is_a_models_if_there_is_one(endpoint: Endpoint | None, kind: type[Rules | Chat]) -> None:
    loaded = await Faculties.start(sessions=2, endpoint=endpoint)

    assert isinstance(loaded.dialogue(Role()), kind)
    await loaded.close()


async def test_a_session_talks_of_the_domain_of_its_lesson_and_nobody_reads_it_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = await Faculties.start(sessions=2)
    tool = {"type": "function", "name": "bake_bread", "description": "Bake bread.", "parameters": {"type": "object"}}
    read: list[Role] = []

    def reads(role: Role) -> Domain:
        read.append(role)
        return read_domain(role)

    monkeypatch.setattr(rules, "read_domain", reads)
    caller = await Caller(loaded).dial({"type": "realtime", "tools": [tool]})
    dialogue = caller.session._answers.dialogue
    caller.session.close()
    lesson = await loaded.lessons.lesson(Role(tools=(ToolSpec("bake_bread", "Bake bread.", {"type": "object"}),)))
    await loaded.close()

    assert isinstance(dialogue, Rules)
    assert dialogue.domain is lesson.domain
    assert [role.tools for role in read] == [()]
