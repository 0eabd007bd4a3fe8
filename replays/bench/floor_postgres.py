"""The PostgreSQL floors: plain psycopg and the same bytes. Plain on purpose, and frozen."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import make_url

if TYPE_CHECKING:
    import psycopg

_ORDINALS = count(1)


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def scratch(url: str) -> Iterator[str]:
    """The URL of a schema of its own in the database, dropped afterwards."""
    import psycopg  # noqa: PLC0415 - an extra

    name = f"perptape_bench_{next(_ORDINALS)}"
    with psycopg.connect(_libpq(url), autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE".encode())
        connection.execute(f"CREATE SCHEMA {name}".encode())
        try:
            yield (
                make_url(url)
                .update_query_dict({"options": f"-csearch_path={name}"})
                .render_as_string(hide_password=False)
            )
        finally:
            connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


def connect(url: str) -> "psycopg.Connection[Any]":
    """An empty table of lines."""
    import psycopg  # noqa: PLC0415 - an extra

    connection = psycopg.connect(_libpq(url))
    connection.execute("CREATE TABLE lines (version bigint PRIMARY KEY, line bytea NOT NULL)")
    connection.commit()
    return connection


def append_one(connection: "psycopg.Connection[Any]", rows: tuple[tuple[int, bytes], ...]) -> int:
    """One row per transaction."""
    for row in rows:
        connection.execute("INSERT INTO lines VALUES (%s, %s)", row)
        connection.commit()
    return len(rows)


def append_grouped(connection: "psycopg.Connection[Any]", rows: tuple[tuple[int, bytes], ...], group: int) -> int:
    """executemany, `group` rows per transaction."""
    with connection.cursor() as cursor:
        for start in range(0, len(rows), group):
            cursor.executemany("INSERT INTO lines VALUES (%s, %s)", rows[start : start + group])
            connection.commit()
    return len(rows)


def read(connection: "psycopg.Connection[Any]") -> int:
    """Select every line in order and decode it."""
    events = 0
    for (line,) in connection.execute("SELECT line FROM lines ORDER BY version"):
        orjson.loads(line)
        events += 1
    return events
