from offhook.calls import asked, events
from offhook.calls.events import CallEvent
from offhook.testing.floor import Floor

TURN = (events.CallerBegan("a"), events.CallerPaused("a"), events.CallerTook("a"))
DONE = events.ReplyFinished("completed", None)
TOOL = events.ToolCalled("t", "book", "{}")


def floor_after(*happened: CallEvent, greets: bool = False, gathers: bool = True) -> Floor:
    floor = Floor(greets=greets, gathers=gathers)
    for event in happened:
        floor.happened(event)
    return floor


def test_an_agent_that_greets_is_next_when_the_call_begins() -> None:
    assert floor_after(greets=True).agent_is_next
    assert not floor_after(DONE, greets=True).agent_is_next
    assert not floor_after().agent_is_next


def test_an_answer_is_owed_from_the_callers_turn_until_the_reply_is_made() -> None:
    assert floor_after(*TURN).agent_is_next
    assert not floor_after(*TURN, DONE).agent_is_next


def test_nobody_else_is_next_while_the_caller_speaks() -> None:
    floor = floor_after(TURN[0])
    assert floor.agent_is_next
    assert floor.caller_speaks
    assert floor.began == 1
    assert floor.took == 0


def test_a_reply_that_called_a_tool_is_followed_by_another() -> None:
    assert floor_after(*TURN, TOOL, DONE).agent_is_next
    assert not floor_after(*TURN, TOOL, DONE, DONE).agent_is_next


def test_a_reply_that_was_cut_leaves_the_answer_to_the_interruption_owed() -> None:
    floor = floor_after(*TURN, events.Interrupted("a"), events.ReplyFinished("cancelled", None), events.CallerTook("b"))
    assert floor.owes
    assert floor.interruptions == 1


def test_a_reply_that_failed_is_asked_for_again() -> None:
    assert floor_after(*TURN, events.ReplyFinished("failed", None)).agent_is_next


def test_keys_are_answered_when_they_are_complete() -> None:
    pressed = events.DigitPressed("1")
    assert floor_after(pressed).agent_is_next
    told = floor_after(pressed, DONE, events.NoteMade("n", asked.keys_pressed("1")))
    assert told.agent_is_next
    told.happened(DONE)
    assert not told.agent_is_next


def test_keys_that_go_to_a_handler_are_not_waited_for() -> None:
    floor = floor_after(events.DigitPressed("1"), gathers=False)
    assert not floor.agent_is_next
    assert floor.keys == 1


def test_a_note_of_a_tool_is_not_answered() -> None:
    assert not floor_after(events.NoteMade("n", "the payment has arrived")).agent_is_next
