from pathlib import Path

from benchmarks.results_file import read_results
from tests.benchmarks.some_rows import RESULTS


def test_results_come_back_from_their_file(tmp_path: Path) -> None:
    RESULTS.write(tmp_path / "bench.json")
    assert read_results(tmp_path / "bench.json") == RESULTS
