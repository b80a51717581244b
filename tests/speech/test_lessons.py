import asyncio
from dataclasses import replace
from typing import Any

import pytest

from offhook.dialogue.domain import read_domain
from offhook.dialogue.hints import Hints
from offhook.dialogue.port import Role, ToolSpec
from offhook.errors import RecogniserError
from offhook.recognisers.port import Stream, StreamListener
from offhook.recognisers.vocabulary import Vocabulary
from offhook.speech import lessons
from offhook.speech.lessons import Lessons

BAKE = Role("Be brief.", (ToolSpec("bake_bread", "Bake bread."),))


class Studious:
    """A recogniser that only prepares, and may be told to wait or to fail."""

    def __init__(self) -> None:
        self.prepared: list[Vocabulary] = []
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.failure: RecogniserError | None = None

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def prepare(self, vocabulary: Vocabulary) -> None:
        self.prepared.append(vocabulary)
        await self.may_go_on.wait()
        if self.failure is not None:
            raise self.failure

    def open(self, vocabulary: Vocabulary, listener: StreamListener, *, loudness_rms: float | None = None) -> Stream:
        raise NotImplementedError


async def test_an_agent_is_learnt_once_for_all_its_calls() -> None:
    recogniser = Studious()
    learning = Lessons(recogniser)

    first, second = await asyncio.gather(learning.learn(BAKE), learning.learn(BAKE))
    third = await learning.learn(Role("Be brief.", (ToolSpec("bake_bread", "Bake bread."),)))

    assert first is second is third
    assert "bread" in first.words
    assert recogniser.prepared == [first]


async def test_a_lesson_is_the_domain_and_the_vocabulary_and_all_calls_share_both() -> None:
    recogniser = Studious()
    learning = Lessons(recogniser)

    lesson, again = await learning.lesson(BAKE), await learning.lesson(BAKE)

    assert list(lesson.domain.intents) == ["bake_bread"]
    assert [lesson.vocabulary] == recogniser.prepared
    assert again is lesson
    assert await learning.learn(BAKE) is lesson.vocabulary


async def test_instructions_that_differ_from_call_to_call_are_no_other_lesson() -> None:
    recogniser = Studious()
    learning = Lessons(recogniser)

    lesson = await learning.lesson(replace(BAKE, instructions="Be brief."))
    assert await learning.lesson(replace(BAKE, instructions="Be brief.\n\nThe caller is Ann.")) is lesson
    evening = await learning.lesson(replace(BAKE, instructions="Be brief.\n\nThe restaurant is full tonight."))

    assert (lesson.domain.evening, evening.domain.evening) == (False, True)
    assert len(recogniser.prepared) == 2


TWO: dict[str, Any] = {"loaves": {"type": "integer"}, "day": {"type": "string", "format": "date"}}


@pytest.mark.parametrize(
    "other",
    [
        Role(tools=(ToolSpec("bake_cake", "Bake cake.", {"properties": TWO}),)),
        Role(tools=(ToolSpec("bake_bread", "Bake bread.", {"properties": dict(reversed(TWO.items()))}),)),
        Role(tools=(ToolSpec("bake_bread", "Bake bread.", {"properties": TWO}),), hints=Hints(greeting="Hello!")),
    ],
)
async def test_another_tool_another_order_of_parameters_and_other_hints_are_another_lesson(other: Role) -> None:
    learning = Lessons(Studious())
    lesson = await learning.lesson(Role(tools=(ToolSpec("bake_bread", "Bake bread.", {"properties": TWO}),)))

    assert [slot.name for slot in lesson.domain.intents["bake_bread"].slots] == ["loaves", "day"]
    assert (await learning.lesson(other)).domain == read_domain(other) != lesson.domain


async def test_one_who_goes_away_does_not_take_the_lesson_from_others() -> None:
    recogniser = Studious()
    recogniser.may_go_on.clear()
    learning = Lessons(recogniser)
    leaving, staying = asyncio.ensure_future(learning.learn(BAKE)), asyncio.ensure_future(learning.learn(BAKE))
    await asyncio.sleep(0)

    leaving.cancel()
    recogniser.may_go_on.set()

    assert "bread" in (await staying).words
    assert leaving.cancelled()


async def test_what_failed_is_tried_again() -> None:
    recogniser = Studious()
    recogniser.failure = RecogniserError("sphinx", "broken", code="failed")
    learning = Lessons(recogniser)
    with pytest.raises(RecogniserError):
        await learning.learn(BAKE)

    recogniser.failure = None

    assert "bread" in (await learning.learn(BAKE)).words


async def test_a_recogniser_that_does_not_get_ready_is_given_up() -> None:
    recogniser = Studious()
    recogniser.may_go_on.clear()

    with pytest.raises(RecogniserError) as raised:
        await Lessons(recogniser, within_s=0.05).learn(BAKE)

    assert raised.value.code == "lost"


async def test_only_so_many_agents_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "LESSONS_KEPT", 1)
    recogniser = Studious()
    learning = Lessons(recogniser)

    for role in (BAKE, Role(), BAKE):
        await learning.learn(role)

    assert len(recogniser.prepared) == 3


async def test_lessons_that_are_under_way_end_with_the_server() -> None:
    recogniser = Studious()
    recogniser.may_go_on.clear()
    learning = Lessons(recogniser)
    waiting = asyncio.ensure_future(learning.learn(BAKE))
    await asyncio.sleep(0)

    await learning.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
