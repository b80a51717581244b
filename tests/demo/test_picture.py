from offhook.demo.picture import LOUDEST_DBFS, QUIETEST_DBFS, bar, skyline


def test_a_skyline_is_as_high_as_the_sound_is_loud() -> None:
    assert skyline([-96, -47, -30, LOUDEST_DBFS], 4) == "·▁▅█"


def test_a_column_shows_the_loudest_of_what_it_stands_for() -> None:
    assert skyline([-96, -14, -96, -96], 2) == "█·"


def test_a_short_sound_takes_no_more_columns_than_it_has_windows() -> None:
    assert skyline([-96, -14], 68) == "·█"
    assert skyline([], 68) == ""


def test_a_bar_is_as_long_as_the_sound_is_loud() -> None:
    assert bar(-96, 4) == "    "
    assert bar((QUIETEST_DBFS + LOUDEST_DBFS) / 2, 4) == "██  "
    assert bar(0, 4) == "████"
