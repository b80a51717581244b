from xml.etree import ElementTree

from benchmarks.chart import draw
from tests.benchmarks.some_rows import RESULTS, TITLES

SVG = "{http://www.w3.org/2000/svg}"


def test_the_chart_is_a_picture_with_a_bar_for_each_system_and_pattern() -> None:
    picture = ElementTree.fromstring(draw(RESULTS, TITLES))
    classes = [bar.get("class") for bar in picture.iter(f"{SVG}rect")]
    assert classes == ["bar", "ours", "ours", "bar"]


def test_the_longest_bar_is_the_largest_value() -> None:
    picture = ElementTree.fromstring(draw(RESULTS, TITLES))
    lengths = [float(bar.get("width", "")) for bar in picture.iter(f"{SVG}rect")]
    assert lengths[1] > lengths[0]
    assert lengths[3] < lengths[2] / 10


def test_it_can_be_read_in_the_dark_and_holds_no_raw_signs() -> None:
    text = draw(RESULTS, TITLES)
    assert "prefers-color-scheme: dark" in text
    assert "Pipecat &lt;1.14&gt;" in text
