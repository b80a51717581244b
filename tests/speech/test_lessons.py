import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.dialogue.desks import BISTRO

from offhook.dialogue.domain import read_domain
from offhook.dialogue.hints import Hints
from offhook.dialogue.port import Role, ToolSpec
from offhook.dialogue.state import Phase, State, Task
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
        self.free = 0
        """So many are ready at once, whatever comes of the others."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def prepare(self, vocabulary: Vocabulary) -> None:
        self.prepared.append(vocabulary)
        if len(self.prepared) <= self.free:
            return
        await self.may_go_on.wait()
        if self.failure is not None:
            raise self.failure

    def open(self, vocabulary: Vocabulary, listener: StreamListener, *, loudness_rms: float | None = None) -> Stream:
        raise NotImplementedError


ASKING = State(Phase.ASKING, Task("book_table"), "guests")


async def test_an_agent_is_learnt_once_for_all_its_calls() -> None:
    recogniser = Studious()
    learning = Lessons(recogniser)

    first, second = await asyncio.gather(learning.lesson(BAKE), learning.lesson(BAKE))
    third = await learning.lesson(Role("Be brief.", (ToolSpec("bake_bread", "Bake bread."),)))
    await learning.prepared()

    assert first is second is third
    assert list(first.domain.intents) == ["bake_bread"]
    assert "bread" in first.first.words
    assert recogniser.prepared == list(first.attention.vocabularies)


async def test_a_call_begins_when_its_first_vocabulary_is_ready_and_has_the_others_when_they_are() -> None:
    recogniser = Studious()
    recogniser.free = 1
    recogniser.may_go_on.clear()
    learning = Lessons(recogniser)

    lesson = await learning.lesson(BISTRO)
    assert lesson.vocabulary(State()) is lesson.vocabulary(ASKING) is lesson.attention.start

    recogniser.may_go_on.set()
    await learning.prepared()
    assert lesson.vocabulary(State()) is lesson.attention.start
    assert lesson.vocabulary(ASKING) is lesson.attention.at(ASKING) is not lesson.attention.start


async def test_a_vocabulary_that_cannot_be_made_ready_is_done_without() -> None:
    recogniser = Studious()
    recogniser.free = 1
    recogniser.failure = RecogniserError("sphinx", "broken", code="failed")
    learning = Lessons(recogniser, within_s=0.05)

    lesson = await learning.lesson(BISTRO)
    await learning.prepared()

    assert len(recogniser.prepared) == len(lesson.attention.vocabularies)
    assert lesson.vocabulary(ASKING) is lesson.first


async def test_where_nobody_knows_what_is_waited_for_one_vocabulary_is_enough() -> None:
    recogniser = Studious()
    learning = Lessons(recogniser, by_state=False)

    lesson = await learning.lesson(BISTRO)
    await learning.prepared()

    assert recogniser.prepared == [lesson.attention.whole]
    assert lesson.vocabulary(None) is lesson.attention.whole


async def test_instructions_that_differ_from_call_to_call_are_no_other_lesson() -> None:
    recogniser = Studious()
    learning = Lessons(recogniser)

    lesson = await learning.lesson(replace(BAKE, instructions="Be brief."))
    assert await learning.lesson(replace(BAKE, instructions="Be brief.\n\nThe caller is Ann.")) is lesson
    evening = await learning.lesson(replace(BAKE, instructions="Be brief.\n\nThe restaurant is full tonight."))

    assert (lesson.domain.evening, evening.domain.evening) == (False, True)


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
    leaving, staying = asyncio.ensure_future(learning.lesson(BAKE)), asyncio.ensure_future(learning.lesson(BAKE))
    await asyncio.sleep(0)

    leaving.cancel()
    recogniser.may_go_on.set()

    assert "bread" in (await staying).first.words
    assert leaving.cancelled()


async def test_what_failed_is_tried_again() -> None:
    recogniser = Studious()
    recogniser.failure = RecogniserError("sphinx", "broken", code="failed")
    learning = Lessons(recogniser)
    with pytest.raises(RecogniserError):
        await learning.lesson(BAKE)

    recogniser.failure = None

    assert "bread" in (await learning.lesson(BAKE)).first.words


async def test_a_recogniser_that_does_not_get_ready_is_given_up() -> None:
    recogniser = Studious()
    recogniser.may_go_on.clear()

    with pytest.raises(RecogniserError) as raised:
        await Lessons(recogniser, within_s=0.05).lesson(BAKE)

    assert raised.value.code == "lost"


async def test_only_so_many_agents_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "LESSONS_KEPT", 1)
    recogniser = Studious()
    learning = Lessons(recogniser)

    first = await learning.lesson(BAKE)
    await learning.lesson(Role())

    assert await learning.lesson(BAKE) is not first


async def test_lessons_that_are_under_way_end_with_the_server() -> None:
    recogniser = Studious()
    recogniser.may_go_on.clear()
    learning = Lessons(recogniser)
    waiting = asyncio.ensure_future(learning.lesson(BAKE))
    await asyncio.sleep(0)

    await learning.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
