"""The store floors: plain sqlite3, the same bytes, WAL and synchronous=FULL. Plain on purpose, and frozen."""

import sqlite3
from pathlib import Path

import orjson


def connect(path: Path) -> sqlite3.Connection:
    """An empty table of lines."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE events (version INTEGER PRIMARY KEY, line BLOB NOT NULL)")
    return connection


def append_one(connection: sqlite3.Connection, rows: tuple[tuple[int, bytes], ...]) -> int:
    """One row per transaction."""
    for row in rows:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO events VALUES (?, ?)", row)
        connection.execute("COMMIT")
    return len(rows)


def append_grouped(connection: sqlite3.Connection, rows: tuple[tuple[int, bytes], ...], group: int) -> int:
    """executemany, `group` rows per transaction."""
    for start in range(0, len(rows), group):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO events VALUES (?, ?)", rows[start : start + group])
        connection.execute("COMMIT")
    return len(rows)


def read(connection: sqlite3.Connection) -> int:
    """Select every line in order and decode it."""
    count = 0
    for (line,) in connection.execute("SELECT line FROM events ORDER BY version"):
        orjson.loads(line)
        count += 1
    return count
