from offhook.telemetry import metrics
from offhook.telemetry.feed import WAITING_LIMIT, Feed
from offhook.telemetry.measures import Measures
from offhook.telemetry.metric import OTHER
from offhook.telemetry.readings import Counts, Tallies, measured, missed
from offhook.telemetry.tally import Tally


def shown(source: Counts) -> dict[tuple[str, ...], object]:
    return {reading.labels: reading.value for reading in source.readings()}


def test_what_can_be_counted_is_shown_before_it_happens() -> None:
    counts = Counts(metrics.ENGINE_LOST, engine=["openai", "local"])
    counts.add("openai", "true")
    counts.add("openai", "true")

    assert shown(counts) == {
        ("openai", "true"): 2,
        ("openai", "false"): 0,
        ("local", "true"): 0,
        ("local", "false"): 0,
    }


def test_a_counter_without_labels_has_one_value() -> None:
    counts = Counts(metrics.BARGE_INS)
    assert shown(counts) == {(): 0}
    counts.add()
    assert shown(counts) == {(): 1}


def test_labels_that_nobody_knew_of_are_counted_together() -> None:
    counts = Counts(metrics.ENGINE_LOST, engine=["openai"])
    for number in range(1000):
        counts.add(f"engine_{number}", "true")
    counts.add("openai", "perhaps")

    assert shown(counts)[(OTHER, "true")] == 1000
    assert shown(counts)[("openai", OTHER)] == 1
    assert len(shown(counts)) == 4


def test_tallies_are_told_apart_and_bounded_in_the_same_way() -> None:
    tallies = Tallies(metrics.ENGINE_SETUP, engine=["openai"])
    tallies.add(0.25, "openai")
    for number in range(1000):
        tallies.add(0.5, f"engine_{number}")

    seen = {reading.labels: reading.value for reading in tallies.readings()}
    assert seen.keys() == {("openai",), (OTHER,)}
    known, other = seen[("openai",)], seen[(OTHER,)]
    assert isinstance(known, Tally)
    assert isinstance(other, Tally)
    assert (known.count, known.sum, other.count) == (1, 0.25, 1000)
    assert known.bounds == metrics.ENGINE_SETUP.bounds


def test_the_media_paths_tallies_have_the_buckets_that_the_table_promises() -> None:
    measures = Measures(caller_sound_dropped_ms=1500)
    readings = {reading.metric: reading.value for reading in measured(measures)}

    assert readings.pop(metrics.SOUND_DROPPED) == 1.5
    assert set(map(id, readings.values())) == {
        id(value) for name in Measures.__slots__ if isinstance(value := getattr(measures, name), Tally)
    }
    for metric, tally in readings.items():
        assert isinstance(tally, Tally)
        assert tally.bounds == metric.bounds


def test_what_watchers_missed_is_told() -> None:
    feed: Feed[int] = Feed()
    with feed.subscribe(), feed.subscribe("call_2"):
        for number in range(WAITING_LIMIT + 3):
            feed.publish("call_1", number)

    assert {reading.metric: reading.value for reading in missed(feed)}[metrics.FEED_LOST] == 3
