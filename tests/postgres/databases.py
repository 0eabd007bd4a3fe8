"""Fresh databases on a PostgreSQL server, one for each test that asks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from perptape.eventstore import schema


class Databases:
    """Databases on one server, made and dropped over a URL that may do so."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made = 0
        self._template: str | None = None

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database with nothing in it."""
        name = self._make("template0")
        try:
            yield self._url_of(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def store(self) -> Iterator[str]:
        """The URL of a database with a store in it: a copy of one that was made the first time."""
        if self._template is None:
            self._template = self._make("template0")
            schema.initialise(self._url_of(self._template))
        name = self._make(self._template)
        try:
            yield self._url_of(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Drop what is kept for copying."""
        if self._template is not None:
            self._run(f"DROP DATABASE {self._template} WITH (FORCE)")

    def _make(self, template: str) -> str:
        self._made += 1
        name = f"perptape_{os.getpid()}_{self._made}"
        self._run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}")
        return name

    def _url_of(self, database: str) -> str:
        return make_url(self._url).set(database=database).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())
