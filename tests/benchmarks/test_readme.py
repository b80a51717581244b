import pytest
from benchmarks.readme import BEGIN, END, README, titles, with_section
from benchmarks.report import section
from benchmarks.results_file import BENCH, read_results


def test_the_readme_says_what_the_results_say() -> None:
    """After a change of the report: python -m benchmarks.readme."""
    page = README.read_text()
    assert page == with_section(page, section(read_results(), titles()))


def test_the_chart_is_there() -> None:
    assert BENCH.with_suffix(".svg").read_text().startswith("<svg")


def test_only_what_lies_between_the_comments_is_replaced() -> None:
    assert with_section(f"a\n{BEGIN}\nold\n{END}\nb", "new") == f"a\n{BEGIN}\n\nnew\n\n{END}\nb"


@pytest.mark.parametrize("page", ["", BEGIN, f"{END} {BEGIN}", f"{BEGIN} {BEGIN} {END}"])
def test_a_page_without_its_comments_is_left_alone(page: str) -> None:
    with pytest.raises(ValueError, match="the page needs one"):
        with_section(page, "new")
