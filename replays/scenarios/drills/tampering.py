"""Tampering with a SQLite store behind its back: what a drill does that no part of perptape can."""

import sqlite3
from contextlib import closing
from pathlib import Path


def tamper(path: Path, script: str) -> None:
    """Run a script with the store's guards taken away before it and put back after it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        before = "".join(f"DROP TRIGGER {name};" for name, _ in guards)
        connection.executescript(f"{before} {script}; {';'.join(sql for _, sql in guards)};")


def flip_a_byte(version: int) -> str:
    """One byte of an event's data is another one."""
    return (
        "UPDATE events SET data = CAST(substr(data, 1, 12) || 'X' || substr(data, 14) AS BLOB) "
        f"WHERE version = {version}"
    )


def remove(version: int) -> str:
    """An event is gone."""
    return f"DELETE FROM events WHERE version = {version}"


def swap(version: int) -> str:
    """An event and the one after it have changed places."""
    one = f"SELECT place FROM events WHERE version = {version}"
    return (
        f"CREATE TEMP TABLE places AS SELECT ({one}) AS place; "
        "UPDATE events SET place = -1 WHERE place = (SELECT place FROM places); "
        "UPDATE events SET place = place - 1 WHERE place = (SELECT place FROM places) + 1; "
        "UPDATE events SET place = (SELECT place FROM places) + 1 WHERE place = -1; DROP TABLE places"
    )
