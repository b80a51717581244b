from math import inf

import pytest

from offhook.audio.chain import join
from offhook.audio.formats import PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat
from offhook.loadtest.far_end.rehearsal import Rehearsal, names, only
from offhook.loadtest.far_end.script import Reply, Script
from offhook.loadtest.far_end.session import Said
from offhook.loadtest.far_end.tones import tone
from offhook.wires.openai_realtime import client_events as client
from offhook.wires.openai_realtime import server_events as server
from offhook.wires.openai_realtime.asides import InputCleared, ItemDeleted, ItemRetrieved
from offhook.wires.openai_realtime.items import Item, Part, assistant_text, function_call_output, user_text

SCRIPT = Script(replies=(Reply("One."), Reply("Two.")), heard=("good morning",))
NO_VAD = {"audio": {"input": {"format": {"type": "audio/pcmu"}, "turn_detection": None}}}


@pytest.fixture
def talk() -> Rehearsal:
    talk = Rehearsal(SCRIPT)
    talk.set_up()
    return talk


def refusal(said: list[Said]) -> server.ErrorBody:
    [failure] = said
    assert isinstance(failure, server.Failure)
    return failure.error


def test_session_created_comes_first_with_all_settings() -> None:
    talk = Rehearsal(SCRIPT, number=7, model="gpt-realtime-2.1", expires_at=1800000000)

    assert names(talk.said) == ["session.created", "conversation.created"]
    [created] = talk.all_of(server.SessionCreated)
    assert created.session["id"] == "sess_7"
    assert created.session["model"] == "gpt-realtime-2.1"
    assert created.session["expires_at"] == 1800000000
    assert created.session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}


def test_an_update_is_answered_with_all_that_holds_now() -> None:
    said = Rehearsal(SCRIPT).set_up(instructions="Be brief.")

    [updated] = only(said, server.SessionUpdated)
    assert names(said) == ["session.updated"]
    assert updated.session["instructions"] == "Be brief."
    assert updated.session["audio"]["output"]["format"] == {"type": "audio/pcmu"}
    assert updated.session["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500


def test_a_wrong_update_is_an_error_that_names_our_event_and_changes_nothing(talk: Rehearsal) -> None:
    before = talk.session.config

    said = talk.send(client.SessionUpdate({"instructions": "Be brief."}, event_id="mine-1"))

    error = refusal(said)
    assert (error.type, error.code) == ("invalid_request_error", "missing_required_parameter")
    assert (error.param, error.event_id) == ("session.type", "mine-1")
    assert talk.session.config == before


def test_each_event_has_an_id_of_its_own(talk: Rehearsal) -> None:
    talk.speak(400)
    talk.be_quiet(600)

    ids = [event.event_id for event in talk.all_of(object)]  # type: ignore[attr-defined]

    assert len(set(ids)) == len(ids) > 20
    assert all(ids)


def test_a_turn_of_the_caller_is_heard_committed_written_down_and_answered(talk: Rehearsal) -> None:
    said = talk.be_quiet(1000) + talk.speak(800) + talk.be_quiet(500)

    assert names(said)[:9] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.completed",
        "response.created",
    ]
    [started] = only(said, server.SpeechStarted)
    [stopped] = only(said, server.SpeechStopped)
    [committed] = only(said, server.Committed)
    [transcript] = only(said, server.InputTranscript)
    assert (started.audio_start_ms, stopped.audio_end_ms) == (700, 2300)
    assert started.item_id == stopped.item_id == committed.item_id == transcript.item_id
    assert transcript.transcript == "good morning"
    assert transcript.usage == {"type": "duration", "seconds": 1.6}
    assert "".join(d.delta for d in only(said, server.InputTranscriptDelta)) == "good morning"
    assert talk.session.items[0].item.content == [Part("input_audio", transcript="good morning")]
    assert talk.session.items[0].audio_ms == 1600


def test_committed_items_name_their_predecessor(talk: Rehearsal) -> None:
    for _ in range(2):
        talk.speak(400)
        talk.be_quiet(600)

    first, second = talk.all_of(server.Committed)
    assert first.previous_item_id is None
    assert second.previous_item_id == talk.session.responses[0].item_id


def test_without_transcription_nothing_is_written_down() -> None:
    talk = Rehearsal(SCRIPT)
    talk.send(client.SessionUpdate({"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcmu"}}}}))

    talk.speak(400)
    talk.be_quiet(600)

    assert talk.session.turns == 1
    assert not talk.all_of(server.InputTranscript)


def test_a_transcript_may_come_after_the_reply() -> None:
    talk = Rehearsal(Script(replies=(Reply("One."),), transcribe_ms=300))
    talk.set_up()

    said = talk.speak(400) + talk.be_quiet(500)
    assert only(said, server.ResponseDone)
    assert not only(said, server.InputTranscript)

    assert only(talk.wait(300), server.InputTranscript)
    assert talk.session.deadline() == inf


def test_the_transcript_of_a_deleted_item_is_not_told() -> None:
    talk = Rehearsal(Script(transcribe_ms=300))
    talk.set_up()
    talk.speak(400)
    talk.be_quiet(500)

    talk.send(client.ItemDelete(talk.session.items[0].item_id))

    assert not talk.wait(1000)


@pytest.mark.parametrize(
    ("form", "declared"),
    [(PCMU_8K, {"type": "audio/pcmu"}), (PCMA_8K, {"type": "audio/pcma"}), (PCM16_24K, {"type": "audio/pcm"})],
)
def test_turns_are_heard_in_every_format(form: AudioFormat, declared: dict[str, str]) -> None:
    talk = Rehearsal(SCRIPT)
    talk.send(client.SessionUpdate({"type": "realtime", "audio": {"input": {"format": declared}}}))
    chain = join(PCMU_8K, form)
    sound = chain.convert(PCMU_8K.silence(1000) + tone(500, 600) + PCMU_8K.silence(1000))

    said = talk.send(client.append(sound))

    [started] = only(said, server.SpeechStarted)
    [stopped] = only(said, server.SpeechStopped)
    assert started.audio_start_ms == pytest.approx(700, abs=20)
    assert stopped.audio_end_ms == pytest.approx(2100, abs=40)


def test_without_create_response_nobody_answers_until_asked() -> None:
    talk = Rehearsal(SCRIPT)
    vad = {"type": "server_vad", "create_response": False}
    talk.set_up(audio={"input": {"format": {"type": "audio/pcmu"}, "turn_detection": vad}})

    talk.speak(400)
    talk.be_quiet(600)
    assert not talk.session.responses

    said = talk.send(client.ResponseCreate())
    assert only(said, server.TranscriptDone)[0].transcript == "One."


def test_without_turn_detection_the_client_takes_the_turns() -> None:
    talk = Rehearsal(SCRIPT)
    talk.set_up(**NO_VAD)
    assert not talk.speak(400) + talk.be_quiet(1000)

    said = talk.send(client.Commit())
    assert names(said) == ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]
    assert talk.session.items[0].audio_ms == 1400

    assert only(talk.send(client.ResponseCreate()), server.TranscriptDone)[0].transcript == "One."


def test_an_empty_commit_is_an_error(talk: Rehearsal) -> None:
    talk.set_up(**NO_VAD)
    talk.speak(80)

    error = refusal(talk.send(client.Commit(event_id="mine-2")))

    assert (error.code, error.event_id) == ("input_audio_buffer_commit_empty", "mine-2")
    assert "only has 80.00ms" in error.message


def test_sound_that_the_ears_took_cannot_be_committed_again(talk: Rehearsal) -> None:
    talk.speak(400)
    talk.be_quiet(500)

    assert refusal(talk.send(client.Commit())).code == "input_audio_buffer_commit_empty"


def test_a_cleared_buffer_is_empty_and_its_turn_forgotten(talk: Rehearsal) -> None:
    talk.speak(400)

    said = talk.send(client.ClearInput())

    assert only(said, InputCleared)
    assert not talk.be_quiet(1000)
    assert talk.session.turns == 0


def test_the_sound_is_counted_and_kept_if_wanted() -> None:
    talk = Rehearsal(SCRIPT, keep_audio=True)
    talk.set_up()
    talk.speak(100)

    appended = talk.session.appended
    assert (appended.chunks, appended.size_bytes, appended.duration_ms) == (5, 800, 100)
    assert appended.sound is not None
    assert bytes(appended.sound) == tone(500, 100)
    assert [type(event) for event in talk.session.received] == [client.SessionUpdate]
    assert Rehearsal(SCRIPT).session.appended.sound is None


def test_items_are_created_where_the_client_wants_them(talk: Rehearsal) -> None:
    said = talk.send(client.ItemCreate(user_text("hello", "u1")))
    assert names(said) == ["conversation.item.added", "conversation.item.done"]
    [done] = only(said, server.ItemDone)
    assert done.item == Item(
        "message", "u1", "user", [Part("input_text", text="hello")], status="completed", object="realtime.item"
    )

    [added] = only(talk.send(client.ItemCreate(assistant_text("hi"), previous_item_id="u1")), server.ItemAdded)
    assert added.previous_item_id == "u1"
    assert added.item.id
    [first] = only(talk.send(client.ItemCreate(user_text("note", "u0"), "root")), server.ItemAdded)
    assert first.previous_item_id is None
    assert [entry.item_id for entry in talk.session.items] == ["u0", "u1", added.item.id]


def test_items_can_be_looked_at_and_deleted(talk: Rehearsal) -> None:
    talk.send(client.ItemCreate(user_text("hello", "u1")))

    [retrieved] = only(talk.send(client.ItemRetrieve("u1")), ItemRetrieved)
    assert retrieved.item.content == [Part("input_text", text="hello")]
    assert only(talk.send(client.ItemDelete("u1")), ItemDeleted)[0].item_id == "u1"
    assert refusal(talk.send(client.ItemDelete("u1"))).code == "item_delete_invalid_item_id"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (client.ItemCreate(user_text("again", "u1"), event_id="e"), "item_create_duplicate_item_id"),
        (client.ItemCreate(user_text("x", "u2"), "nobody", event_id="e"), "item_create_invalid_previous_item_id"),
        (client.ItemCreate(function_call_output("call_9", "42"), event_id="e"), "invalid_tool_call_id"),
        (client.ItemRetrieve("nobody", event_id="e"), "item_retrieve_invalid_item_id"),
        (client.Truncate("nobody", 100, 0, event_id="e"), "item_truncate_invalid_item_id"),
        (client.Truncate("u1", 100, 0, event_id="e"), "invalid_value"),
        (client.ResponseCancel(event_id="e"), "response_cancel_not_active"),
        (client.ResponseCreate({"modalities": ["audio"]}, event_id="e"), "unknown_parameter"),
    ],
)
def test_what_cannot_be_done_is_an_error_and_the_session_goes_on(
    talk: Rehearsal, event: client.ClientEvent, code: str
) -> None:
    talk.send(client.ItemCreate(user_text("hello", "u1")))

    error = refusal(talk.send(event))

    assert (error.code, error.event_id) == (code, "e")
    assert talk.session.errors == [error]
    assert names(talk.set_up()) == ["session.updated"]


@pytest.mark.parametrize(
    ("message", "event_id"),
    [
        (b'{"type":"session.dance","event_id":"e1"}', "e1"),
        (b'{"type":"conversation.item.truncate","event_id":"e2","item_id":"x"}', "e2"),
        (b'{"type":"input_audio_buffer.append","audio":"!not base64!"}', None),
        (b'{"no":"type"}', None),
        (b"not json", None),
        (b"[]", None),
        (b"\xff\xfe", None),
    ],
)
def test_a_message_that_makes_no_sense_is_an_error_and_the_session_goes_on(
    talk: Rehearsal, message: bytes, event_id: str | None
) -> None:
    error = refusal(talk.send(message))

    assert (error.type, error.code, error.event_id) == ("invalid_request_error", "invalid_value", event_id)
    assert names(talk.set_up()) == ["session.updated"]


def test_nothing_is_due_while_nothing_happens(talk: Rehearsal) -> None:
    assert talk.session.deadline() == inf
    assert talk.session.on_time(talk.now + 3600) == ()


def test_a_client_that_takes_the_id_of_a_turn_under_way_is_told_and_the_session_goes_on() -> None:
    talk = Rehearsal(Script())
    talk.set_up()
    [started] = only(talk.speak(400), server.SpeechStarted)
    talk.send(client.ItemCreate(user_text("mine", started.item_id)))

    talk.be_quiet(500)

    assert [error.code for error in talk.session.errors] == ["item_create_duplicate_item_id"]
    talk.speak(400)
    assert only(talk.be_quiet(500), server.ResponseDone)


def test_a_client_that_takes_the_id_of_the_next_item_does_not_stop_the_reply() -> None:
    talk = Rehearsal(Script())
    talk.send(client.ItemCreate(user_text("mine", "item_0_1")))

    [done] = only(talk.send(client.ResponseCreate()), server.ResponseDone)

    assert [item.id for item in done.response.output or ()] == ["item_0_2"]


def test_hints_are_unknown_here() -> None:
    talk = Rehearsal(Script())

    talk.set_up(hints={"greeting": "Hello."})

    [error] = talk.session.errors
    assert (error.code, error.param) == ("unknown_parameter", "session.hints")
