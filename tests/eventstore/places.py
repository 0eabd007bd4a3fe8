"""Where a store can be: a file or a database, and what somebody can do to it there behind the store's back."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg

from perptape.eventstore.postgres.backend import PostgresBackend
from perptape.eventstore.sqlite.backend import SqliteBackend

_BYTES = re.compile(r"BYTES\(('[^']*')\)")


class Place(Protocol):
    """A place for a store, whose scripts say BYTES('...') for a value of a binary column."""

    @property
    def url(self) -> str: ...

    @property
    def guards(self) -> frozenset[str]: ...

    def run(self, script: str) -> None:
        """Run a script as anybody could."""

    def by_hand(self, script: str) -> None:
        """Run a script with the guards taken away before it and put back after it."""

    def drop_guard(self, guard: str) -> None:
        """Take one guard away."""

    def hollow_guard(self, guard: str) -> None:
        """Put a guard that does nothing in the place of one."""


class SqlitePlace:
    guards = SqliteBackend.guards

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def run(self, script: str) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.executescript(_BYTES.sub(r"CAST(\1 AS BLOB)", script))

    def by_hand(self, script: str) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        before = "".join(f"DROP TRIGGER {name};" for name, _ in guards)
        self.run(f"{before} {script}; {';'.join(sql for _, sql in guards)};")

    def drop_guard(self, guard: str) -> None:
        self.run(f"DROP TRIGGER {guard}")

    def hollow_guard(self, guard: str) -> None:
        table, moment = table_and_moment(guard)
        self.drop_guard(guard)
        self.run(f"CREATE TRIGGER {guard} BEFORE {moment} ON {table} BEGIN SELECT 1; END")


class PostgresPlace:
    guards = PostgresBackend.guards

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, script: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_BYTES.sub(r"convert_to(\1, 'UTF8')", script).encode())

    def by_hand(self, script: str) -> None:
        tables = {table_and_moment(guard)[0] for guard in self.guards}
        before = "".join(f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in tables)
        after = "".join(
            f"ALTER TABLE {table_and_moment(guard)[0]} ENABLE ALWAYS TRIGGER {guard};" for guard in self.guards
        )
        # One statement after the other, as psql does: several at once would be one transaction.
        for statement in (*before.split(";"), *script.split(";"), *after.split(";")):
            if statement.strip():
                self.run(statement)

    def drop_guard(self, guard: str) -> None:
        self.run(f"DROP TRIGGER {guard} ON {table_and_moment(guard)[0]}")

    def hollow_guard(self, guard: str) -> None:
        table, moment = table_and_moment(guard)
        each, result = ("STATEMENT", "NULL") if moment == "TRUNCATE" else ("ROW", "NEW")
        result = "OLD" if moment == "DELETE" else result
        self.run(
            f"CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN {result}; END';"
            f"DROP TRIGGER {guard} ON {table};"
            f"CREATE TRIGGER {guard} BEFORE {moment} ON {table} FOR EACH {each} EXECUTE FUNCTION nothing();"
        )


def table_and_moment(guard: str) -> tuple[str, str]:
    table, _, action = guard.split("_")
    return table, "UPDATE" if action in {"rewind", "sealed"} else action.upper()
