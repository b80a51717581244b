import resource
from pathlib import Path

import pytest

from offhook.doctor.finding import Verdict
from offhook.doctor.machine import file_limit, open_file_limits, python_version, working_directory


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ((3, 10, 14), Verdict.FAILED),
        ((3, 11, 0), Verdict.OK),
        ((3, 13, 9), Verdict.OK),
        ((3, 14, 0), Verdict.WARNING),
    ],
)
def test_python_is_compared_with_what_is_tested(version: tuple[int, ...], verdict: Verdict) -> None:
    assert python_version(version).verdict is verdict


def test_a_directory_that_can_be_written_to_is_left_as_it_was(tmp_path: Path) -> None:
    assert working_directory(tmp_path).verdict is Verdict.OK
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written_to_fails(tmp_path: Path) -> None:
    finding = working_directory(tmp_path / "nowhere")
    assert finding.verdict is Verdict.FAILED
    assert "No such file or directory" in finding.detail


def test_enough_files_for_all_calls_is_well() -> None:
    assert file_limit(800, 800, max_calls=200).verdict is Verdict.OK
    assert file_limit(None, None, max_calls=10_000).verdict is Verdict.OK


def test_too_few_files_say_how_many_and_how_few_calls_would_fit() -> None:
    finding = file_limit(500, 4096, max_calls=200)
    assert finding.verdict is Verdict.FAILED
    assert finding.detail == "500 may be open, but 200 calls need 800"
    assert finding.remedy == "run `ulimit -n 800` before starting, or set OFFHOOK_MAX_CALLS_PER_WORKER=100"


def test_a_hard_limit_that_is_too_low_is_raised_elsewhere() -> None:
    remedy = file_limit(100, 100, max_calls=200).remedy
    assert remedy == "raise the limit to 800 (systemd: LimitNOFILE=800; Docker: --ulimit nofile=800)"


def test_the_limits_are_those_of_this_process() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    no_limit = resource.RLIM_INFINITY
    assert open_file_limits() == (None if soft == no_limit else soft, None if hard == no_limit else hard)
