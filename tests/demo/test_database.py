import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from offhook.demo.database import ROWS_SHOWN, Table, Value, check_row, read_tables
from offhook.demo.failure import DemoFailed
from offhook.demo.scenario import Promise

PROMISE = Promise((), "bookings", {"name": "Robinson", "guests": 4})


def written(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)
    return path


def test_every_table_is_read_with_its_newest_rows(tmp_path: Path) -> None:
    rows = [f'INSERT INTO [odd "name] VALUES ({number})' for number in range(ROWS_SHOWN + 2)]
    path = written(tmp_path / "it's #1.sqlite3", 'CREATE TABLE "odd ""name" (number INTEGER)', *rows)

    (table,) = read_tables(path)
    assert (table.name, table.row_count) == ('odd "name', ROWS_SHOWN + 2)
    assert [row["number"] for row in table.rows] == list(range(2, ROWS_SHOWN + 2))


def test_an_agent_without_a_database_has_no_tables(tmp_path: Path) -> None:
    assert read_tables(tmp_path / "none.sqlite3") == ()
    assert not (tmp_path / "none.sqlite3").exists()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "call.sqlite3"
    path.write_text("this is no database, and long enough to be seen as none " * 20)
    with pytest.raises(DemoFailed, match="cannot be read: file is not a database"):
        read_tables(path)


def test_the_promised_row_may_hold_more_than_was_promised() -> None:
    check_row((Table("bookings", ({"id": 7, "name": "Robinson", "guests": 4},), 1),), PROMISE)


def test_two_rows_are_one_too_many() -> None:
    row: dict[str, Value] = {"name": "Robinson", "guests": 4}
    with pytest.raises(DemoFailed, match="should have one row in bookings; it has 2"):
        check_row((Table("bookings", (row, row), 2),), PROMISE)


def test_a_wrong_value_is_named() -> None:
    with pytest.raises(DemoFailed, match="name should be 'Robinson'; it is 'Robson'"):
        check_row((Table("bookings", ({"name": "Robson", "guests": 4},), 1),), PROMISE)
