from math import inf

from offhook.agents.policies import SilencePolicy
from offhook.calls.patience import Impatience, Patience


def patience(after_s: float = 10, checks: int = 2, max_call_s: float = 0) -> Patience:
    return Patience(after_s=after_s, checks=checks, max_call_s=max_call_s, now=100.0)


def test_silence_is_asked_about_and_then_given_up() -> None:
    silence = patience(after_s=10, checks=2)

    assert silence.on_time(now=109.9) is None
    assert silence.deadline() == 110
    assert silence.on_time(now=110.0) is Impatience.ASK
    assert silence.deadline() == 120
    assert silence.on_time(now=120.0) is Impatience.ASK
    assert silence.on_time(now=130.0) is Impatience.GIVE_UP


def test_without_checks_the_first_silence_ends_the_call() -> None:
    assert patience(checks=0).on_time(now=110.0) is Impatience.GIVE_UP


def test_whatever_stirs_puts_it_off() -> None:
    silence = patience(after_s=10)
    silence.stirred(now=105.0)

    assert silence.on_time(now=110.0) is None
    assert silence.deadline() == 115


def test_what_will_be_heard_later_puts_it_off_from_then() -> None:
    silence = patience(after_s=10)
    silence.stirred(now=120.0)  # so long the reply plays
    silence.stirred(now=105.0)

    assert silence.deadline() == 130


def test_an_agent_who_talks_to_itself_is_still_unanswered() -> None:
    silence = patience(after_s=10, checks=1)
    silence.on_time(now=110.0)
    silence.stirred(now=112.0)  # the question was heard

    assert silence.on_time(now=122.0) is Impatience.GIVE_UP


def test_a_sign_of_life_answers_what_was_asked() -> None:
    silence = patience(after_s=10, checks=1)
    silence.on_time(now=110.0)
    silence.caller_stirred(now=112.0)

    assert silence.on_time(now=122.0) is Impatience.ASK


def test_time_is_up_whoever_speaks() -> None:
    length = patience(max_call_s=60)
    length.caller_stirred(now=159.0)

    assert length.deadline() == 160
    assert length.on_time(now=160.0) is Impatience.TIME_UP


def test_what_is_off_is_never_due() -> None:
    nothing = patience(after_s=0, max_call_s=0)

    assert nothing.deadline() == inf
    assert nothing.on_time(now=1e9) is None


def test_it_is_as_the_agent_wants_it() -> None:
    assert Patience.of(SilencePolicy(after_s=7, checks=0), 60, now=100.0).on_time(now=107.0) is Impatience.GIVE_UP
    assert Patience.of(None, 60, now=100.0).deadline() == 160
