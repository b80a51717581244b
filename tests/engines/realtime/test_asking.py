from offhook.engines.realtime.asking import Asking
from offhook.wires.openai_realtime.client_events import ResponseCreate


def test_a_reply_is_asked_for_with_the_instructions_of_the_session_before_its_own() -> None:
    asking = Asking("Be kind.")

    assert asking.respond("Say hello.", tools=False) == ResponseCreate(
        {"instructions": "Be kind.\n\nSay hello.", "tool_choice": "none"}, event_id="offhook_reply_1"
    )
    assert asking.waits


def test_while_one_is_asked_for_or_made_the_last_wish_waits() -> None:
    asking = Asking("")
    asking.respond(None, tools=True)
    assert asking.respond("First.", tools=True) is None
    asking.began("r1")
    assert asking.respond("Second.", tools=True) is None
    assert asking.due() is None

    asking.done("r1")

    assert asking.due() == ResponseCreate({"instructions": "Second."}, event_id="offhook_reply_2")
    assert asking.due() is None


def test_ours_that_crossed_with_another_is_due_when_that_is_done() -> None:
    asking = Asking("")
    asking.respond("Ours.", tools=True)
    asking.began("theirs")
    assert asking.is_ours("offhook_reply_1")
    assert asking.crossed() is None

    asking.done("theirs")

    assert asking.due() == ResponseCreate({"instructions": "Ours."}, event_id="offhook_reply_2")


def test_ours_that_crossed_is_asked_for_at_once_if_the_other_is_done() -> None:
    asking = Asking("")
    asking.respond(None, tools=True)
    asking.began("theirs")
    asking.done("theirs")

    assert asking.crossed() == ResponseCreate(None, event_id="offhook_reply_2")


def test_a_wish_that_was_taken_back_is_not_asked_for_again() -> None:
    asking = Asking("")
    asking.respond(None, tools=True)
    asking.began("r1")
    asking.taken_back()

    assert not asking.is_ours("offhook_reply_1")
    asking.done("r1")
    assert asking.due() is None


def test_an_error_that_names_no_event_is_not_about_ours() -> None:
    assert not Asking("").is_ours(None)


def test_what_the_server_wanted_to_say_by_itself_does_not_replace_a_wish() -> None:
    asking = Asking("")
    asking.respond(None, tools=True)
    asking.began("r1")
    asking.respond("Ours.", tools=True)
    assert asking.server_wanted_to() is None
    asking.done("r1")

    assert asking.due() == ResponseCreate({"instructions": "Ours."}, event_id="offhook_reply_2")
