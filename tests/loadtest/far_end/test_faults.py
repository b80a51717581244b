import json

import msgspec
import pytest

from offhook.errors import WireError
from offhook.loadtest.far_end.faults import (
    BINARY,
    BROKEN_EVENT,
    GARBAGE,
    NOT_AN_OBJECT,
    UNKNOWN_EVENT,
    Faults,
    HangUp,
    Noise,
)
from offhook.loadtest.far_end.rehearsal import Rehearsal, names, only
from offhook.loadtest.far_end.script import Reply, Script
from offhook.wires.openai_realtime import client_events as client
from offhook.wires.openai_realtime import server_events as server

SCRIPT = Script(replies=(Reply("One.", duration_ms=1000),))
SLOW = Script(replies=(Reply("One.", duration_ms=1000),), pace=1)


def test_noise_is_what_it_says_it_is() -> None:
    for noise in (GARBAGE, NOT_AN_OBJECT, BINARY, BROKEN_EVENT):
        with pytest.raises(WireError):
            server.parse(noise.payload)
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(GARBAGE.payload)
    assert server.parse(UNKNOWN_EVENT.payload) is None
    assert json.loads(BROKEN_EVENT.payload)["type"] == "response.output_audio.delta"
    assert BINARY.is_binary


@pytest.mark.parametrize("status", [101, 200, 302, 399])
def test_a_refusal_must_be_one(status: int) -> None:
    with pytest.raises(ValueError, match=str(status)):
        Faults(refuse_status=status)


def test_an_update_may_never_be_confirmed_though_it_holds() -> None:
    talk = Rehearsal(SCRIPT, faults=Faults(withhold_updated=True))

    assert talk.set_up(instructions="Be brief.") == []
    assert talk.session.config.instructions == "Be brief."


def test_it_may_hang_up_at_once() -> None:
    talk = Rehearsal(SCRIPT, faults=Faults(close_after_replies=0, close_code=1013))

    assert talk.said[-1] == HangUp(1013)
    assert talk.set_up() == []


def test_it_may_hang_up_after_some_replies() -> None:
    talk = Rehearsal(SCRIPT, faults=Faults(close_after_replies=2))
    talk.set_up()

    assert not only(talk.send(client.ResponseCreate()), HangUp)
    said = talk.send(client.ResponseCreate())

    assert names(said)[-2:] == ["response.done", "HangUp"]
    assert talk.session.hung_up == HangUp(1011)


def test_a_cut_reply_counts_as_a_reply() -> None:
    talk = Rehearsal(SLOW, faults=Faults(close_after_replies=1))
    talk.set_up()
    talk.send(client.ResponseCreate())

    assert names(talk.speak(60))[-2:] == ["response.done", "HangUp"]


def test_it_may_hang_up_in_the_middle_of_a_reply() -> None:
    talk = Rehearsal(SCRIPT, faults=Faults(close_in_reply=2, close_code=None))
    talk.set_up()
    talk.send(client.ResponseCreate())

    said = talk.send(client.ResponseCreate())

    assert len(only(said, server.AudioDelta)) == 3
    assert said[-1] == HangUp(None)
    assert not only(said, server.AudioDone)
    assert talk.wait(5000) == []
    assert talk.send(client.ResponseCreate()) == []


def test_one_response_may_fail_and_the_next_succeed() -> None:
    talk = Rehearsal(SCRIPT, faults=Faults(fail_response=1, fail_code="rate_limit_exceeded"))
    talk.set_up()

    said = talk.send(client.ResponseCreate())

    assert names(said) == ["response.created", "rate_limits.updated", "error", "response.done"]
    [failure], [done] = only(said, server.Failure), only(said, server.ResponseDone)
    assert failure.error.code == "rate_limit_exceeded"
    assert done.response.status == "failed"
    assert done.response.usage is None
    assert done.response.status_details is not None
    assert done.response.status_details.error is not None
    assert done.response.status_details.error.code == "rate_limit_exceeded"
    assert only(talk.send(client.ResponseCreate()), server.AudioDelta)


def test_noise_comes_between_the_events() -> None:
    noise = (GARBAGE, BINARY, UNKNOWN_EVENT)
    talk = Rehearsal(SCRIPT, faults=Faults(noise=noise))
    talk.set_up()

    said = talk.send(client.ResponseCreate())

    heard = only(said, Noise)
    assert len(heard) == len(said) / 2
    assert set(heard) == set(noise)
    assert [isinstance(event, Noise) for event in said[:4]] == [False, True, False, True]


def test_late_deltas_of_a_cut_reply_follow_its_end() -> None:
    talk = Rehearsal(SLOW, faults=Faults(late_deltas=3))
    talk.set_up()
    talk.send(client.ResponseCreate())
    talk.wait(250)

    said = talk.speak(60)

    assert names(said)[-4:] == ["response.done", *["response.output_audio.delta"] * 3]
    assert {d.item_id for d in only(said, server.AudioDelta)} == {talk.session.responses[0].item_id}
    assert talk.session.responses[0].sent_ms == 400


def test_a_session_may_expire() -> None:
    talk = Rehearsal(SLOW, faults=Faults(expire_after_s=30))
    talk.set_up()
    assert talk.wait(29_990) == []

    said = talk.wait(20)

    assert names(said) == ["error", "HangUp"]
    assert only(said, server.Failure)[0].error.code == "session_expired"
    assert only(said, HangUp)[0].code == 1001
