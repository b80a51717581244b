"""Where a run's figures go, and when there are none."""

from pathlib import Path

import pytest
from benchmarks.results_file import read_results
from benchmarks.rows import Row
from tests.benchmarks.some_rows import HELD

from benchmarks import bench, readme


class Places:
    """In place of the checkout's."""

    def __init__(self, root: Path) -> None:
        self.results, self.workshop, self.readme = root / "results", root / "workshop", root / "README.md"
        for folder in (self.results, self.workshop):
            folder.mkdir()

    @property
    def kept(self) -> bool:
        return (self.results / "bench.json").exists()

    @property
    def readme_made(self) -> bool:
        return self.readme.exists()


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Nothing is started and nothing of the checkout is written; the machine is quiet."""
    places = Places(tmp_path)
    monkeypatch.setattr(bench, "RESULTS", places.results)
    monkeypatch.setattr(bench, "WORKSHOP", places.workshop)
    monkeypatch.setattr(readme, "rewrite", lambda: places.readme.write_text("anew"))
    monkeypatch.setattr(bench, "leave_in_order", lambda: None)
    monkeypatch.setattr(bench, "allow_many_sockets", lambda: None)
    monkeypatch.setattr(bench, "load_average", lambda: (0.2, 0.2, 0.2))

    def run(*_: object) -> tuple[list[Row], dict[str, str]]:
        return [HELD], {}

    monkeypatch.setattr(bench, "run", run)
    return places


def test_a_whole_run_on_a_quiet_machine_is_kept(places: Places) -> None:
    assert bench.main([]) == 0
    assert places.kept
    assert places.readme_made


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--to-the-top"], "--to-the-top climbs above what is held"),
        (["--quick"], "only a part was asked for"),
        (["--only", "offhook"], "only a part was asked for"),
    ],
)
def test_what_is_no_whole_run_is_not_kept(
    words: list[str], why: str, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench.main(words) == 0
    assert not places.kept
    assert not places.readme_made
    assert read_results(places.workshop / "bench.json").rows == [HELD]
    assert f"results and README are as they were: {why}" in capsys.readouterr().out


def test_a_busy_machine_is_refused_politely(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "load_average", lambda: (1.4, 1.0, 1.0))
    assert bench.main([]) == 2
    said = capsys.readouterr().out
    assert "the load average was 1.40 before it, above 1" in said
    assert "--force" in said
    assert not places.kept
    assert not (places.workshop / "bench.json").exists()


def test_what_was_forced_on_a_busy_machine_is_not_kept(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "load_average", lambda: (1.4, 1.0, 1.0))
    assert bench.main(["--force"]) == 0
    assert not places.kept
    assert not places.readme_made
    assert (places.workshop / "bench.json").exists()
    assert "as they were: the load average was 1.40" in capsys.readouterr().out
