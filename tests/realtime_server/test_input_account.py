import pytest

from offhook.audio.formats import PCM16_24K, PCMU_8K
from offhook.realtime_server.input_account import LEAST_COMMIT_MS, InputAccount
from offhook.realtime_server.refusal import EventError

A_SECOND = PCMU_8K.bytes_per_second


def test_sound_counts_in_the_format_it_came_in() -> None:
    account = InputAccount(PCMU_8K)
    account.append(A_SECOND)

    account.configure(PCM16_24K)
    account.append(PCM16_24K.bytes_per_second)

    assert (account.chunks, account.size_bytes) == (2, 8_000 + 48_000)
    assert account.duration_ms == account.uncommitted_ms == 2000


def test_a_committed_turn_is_as_long_as_what_was_appended_since_the_last() -> None:
    account = InputAccount(PCMU_8K)
    for _ in range(10):
        account.append(160)
    assert account.commit() == 200

    for _ in range(6):
        account.append(160)
    assert account.commit() == 120
    assert account.duration_ms == 320


def test_too_short_a_turn_is_refused_and_stays_to_be_added_to() -> None:
    account = InputAccount(PCMU_8K)
    account.append(799)

    with pytest.raises(EventError) as caught:
        account.commit()

    assert caught.value.code == "input_audio_buffer_commit_empty"
    assert f"Expected at least {LEAST_COMMIT_MS}ms of audio, but buffer only has 99.88ms" in caught.value.message
    account.append(1)
    assert account.commit() == LEAST_COMMIT_MS


@pytest.mark.parametrize("spend", [InputAccount.turn_ended, InputAccount.clear, InputAccount.commit])
def test_what_is_spent_cannot_be_committed_again(spend: object) -> None:
    account = InputAccount(PCMU_8K)
    account.append(A_SECOND)

    assert callable(spend)
    spend(account)

    with pytest.raises(EventError, match=r"only has 0\.00ms"):
        account.commit()
    assert account.duration_ms == 1000


def test_empty_appends_and_half_samples_are_counted_and_harmless() -> None:
    account = InputAccount(PCM16_24K)

    account.append(0)
    account.append(1)

    assert (account.chunks, account.size_bytes) == (2, 1)
    with pytest.raises(EventError):
        account.commit()
