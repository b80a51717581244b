"""The README's performance section: between two comments, made of the results.

python -m benchmarks.readme     write it anew
"""

from pathlib import Path
from typing import Final

from benchmarks.report import section
from benchmarks.results_file import read_results
from benchmarks.stage import ROOT
from benchmarks.systems import SYSTEMS

README: Final = ROOT / "README.md"
BEGIN: Final = "<!-- benchmarks: made by python -m benchmarks.readme -->"
END: Final = "<!-- /benchmarks -->"


def titles() -> dict[str, str]:
    """Of the systems, in order."""
    return {system.name: system.title for system in SYSTEMS}


def with_section(page: str, text: str) -> str:
    """The page with that section. ValueError if it has not exactly one pair of comments."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError(f"the page needs one {BEGIN!r}, and after it one {END!r}")
    return page[: page.index(BEGIN) + len(BEGIN)] + "\n\n" + text + "\n\n" + page[page.index(END) :]


def rewrite(readme: Path = README) -> None:
    """Bring the README up to date with the results. OSError, ValueError."""
    readme.write_text(with_section(readme.read_text(), section(read_results(), titles())))


if __name__ == "__main__":
    rewrite()
