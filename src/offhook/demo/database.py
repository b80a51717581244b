"""The example's database, looked into after the call."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from offhook.demo.failure import DemoFailed
from offhook.demo.scenario import Promise

DATABASE_NAME: Final = "call.sqlite3"

ROWS_SHOWN: Final = 5
"""Of each table."""

Value = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Table:
    """What a table holds."""

    name: str
    rows: tuple[dict[str, Value], ...]
    """Values by column, at most ROWS_SHOWN rows; the newest come last."""
    row_count: int


def read_tables(path: Path) -> tuple[Table, ...]:
    """The tables of a database; none if there is no file. DemoFailed if it cannot be read."""
    if not path.exists():
        return ()
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return tuple(_table(database, name) for name in sorted(names) if not name.startswith("sqlite_"))
    except sqlite3.Error as error:
        raise DemoFailed(f"{path} cannot be read: {error}") from None


def _table(database: sqlite3.Connection, name: str) -> Table:
    quoted = '"' + name.replace('"', '""') + '"'
    (count,) = database.execute(f"SELECT count(*) FROM {quoted}").fetchone()
    rows = database.execute(f"SELECT * FROM {quoted} LIMIT ? OFFSET ?", (ROWS_SHOWN, max(0, count - ROWS_SHOWN)))
    return Table(name, tuple(dict(row) for row in rows), count)


def check_row(tables: tuple[Table, ...], promise: Promise) -> None:
    """Raises DemoFailed if what should have been written is not what is there."""
    table = next((table for table in tables if table.name == promise.table), None)
    if table is None or table.row_count != 1:
        count = table.row_count if table is not None else 0
        raise DemoFailed(f"the database should have one row in {promise.table}; it has {count}")
    (row,) = table.rows
    for column, expected in promise.row.items():
        if row.get(column) != expected:
            raise DemoFailed(f"in the database {column} should be {expected!r}; it is {row.get(column)!r}")
