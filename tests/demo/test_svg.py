from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

from tests.demo import evening

from offhook.audio.formats import PCMU_8K
from offhook.demo.recording import Recording, Span
from offhook.demo.svg import LINE_PX, LONGEST_S, PX_PER_S, TOP, draw
from offhook.demo.timeline import Timeline, Turn, timeline

SVG = "{http://www.w3.org/2000/svg}"


def told() -> Timeline:
    return timeline(evening.call(), evening.recording(), opened_ms=evening.OPENED_MS)


def drawn(shown: Timeline | None = None, recording: Recording | None = None) -> ET.Element:
    root = ET.fromstring(draw(shown or told(), recording or evening.recording()))
    assert root.tag == f"{SVG}svg"
    return root


def texts(root: ET.Element, css: str) -> list[str]:
    return [e.text or "" for e in root.iter(f"{SVG}text") if css in e.attrib.get("class", "").split()]


def test_it_shows_who_said_what_and_what_was_not_heard() -> None:
    root = drawn()

    assert texts(root, "caller") == ["caller", "when are you open", "a table for four"]
    assert " ".join(texts(root, "agent")).startswith("agent Hello! From Tuesday to")
    assert " ".join(texts(root, "unheard")).endswith("noon to eleven.")


def test_it_shows_tools_waits_and_the_interruption() -> None:
    root = drawn()

    assert texts(root, "tool") == ["book_table(guests=4)", "done: so it is", "end_call()", "done: so it is"]
    assert texts(root, "wait") == [f"{evening.WAIT_MS} ms"] * 2
    assert len(texts(root, "cut")) == 1


def test_both_sounds_are_drawn_as_long_as_they_last() -> None:
    shapes = {e.attrib["class"]: e.attrib["points"].split() for e in drawn().iter(f"{SVG}polygon")}
    lowest = max(float(point.split(",")[1]) for point in shapes["agent"])

    assert set(shapes) == {"caller", "agent"}
    assert abs(lowest - (TOP + evening.recording().duration_ms / 1000 * PX_PER_S)) < 2


def test_labels_of_one_side_never_lie_over_each_other() -> None:
    crowd = tuple(Turn(Span(100 * number, 100 * number + 50), f"words {number} " * 9) for number in range(30))
    root = drawn(replace(told(), agent=crowd))
    heights = sorted(
        float(e.attrib["y"]) for e in root.iter(f"{SVG}text") if float(e.attrib["x"]) > 600 and e.text != "agent"
    )

    assert all(below - above >= LINE_PX - 0.01 for above, below in pairwise(heights))
    assert heights[-1] < float(root.attrib["height"])


def test_what_was_said_is_text_whatever_it_holds() -> None:
    odd = "<script>alert('&')</script> \x00\x1f\ufffeü 你好"
    root = drawn(replace(told(), caller=(Turn(Span(0, 900), odd),)))

    assert not list(root.iter(f"{SVG}script"))
    assert "<script>alert('&')</script> ü 你好" in " ".join(texts(root, "caller"))


def test_it_has_colours_for_light_and_for_dark() -> None:
    style = next(drawn().iter(f"{SVG}style")).text or ""

    assert "@media (prefers-color-scheme: dark)" in style


def test_a_call_without_a_sound_and_one_without_end_can_be_drawn() -> None:
    nothing = Timeline("nothing", 0, (), (), (), (), ())
    silence = PCMU_8K.silence(1000)

    drawn(nothing, Recording(b"", b""))
    endless = drawn(replace(nothing, duration_ms=10 * LONGEST_S * 1000), Recording(silence, silence))
    assert float(endless.attrib["height"]) < TOP + LONGEST_S * PX_PER_S + 100
