"""The kinds of database that can hold a store, by the scheme of a URL.

    sqlite:///FILE                              a file (four slashes for an absolute path)
    postgresql://USER:PASSWORD@HOST/DATABASE    a PostgreSQL server; needs `perptape[postgres]`
    postgresql://USER@/DATABASE?host=/FOLDER    the same over a Unix socket

What else may stand after the `?` of a PostgreSQL URL is what libpq knows: `sslmode`, `connect_timeout`, and `options`,
by which several stores live in one database, each in a schema: `?options=-csearch_path%3DNAME`.

With any of them, `?archives=FOLDER` says where the archives of sealed segments lie. Without it that is `FILE.archives`
beside an SQLite file, and nowhere for PostgreSQL.
"""

import re
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from perptape.eventstore.backend import Backend
from perptape.eventstore.errors import StoreDriverError, StoreUrlError

_FORMS = "a store is sqlite:///FILE or postgresql://USER@HOST/DATABASE"
# Whatever stands before the last `@` may be of a password, rightly written or not, and must not be shown; in a URL with
# none, what should be a port may be. Only a file's name, after three slashes, may hold either.
_SECRETS = re.compile(r"(?<=:/)(?!//)/?(?:.*@|[^@/\[]*:(?!\d*(?:[/?]|$)).*)|^(?![^:]*:/).*@|(?<=password=)[^&]*")


def backend_of(url: str) -> Backend:
    """The database at a URL. Raises StoreUrlError and StoreDriverError; nothing is opened."""
    name = redacted(url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreUrlError(name, f"this is not a URL; {_FORMS}") from None
    folder = parsed.query.get("archives")
    backend = _backend(parsed.difference_update_query(["archives"]), name)
    if isinstance(folder, str):
        backend.archives = Path(folder)
    return backend


def _backend(parsed: URL, name: str) -> Backend:
    match parsed.drivername:
        case "sqlite" | "sqlite+pysqlite":
            from perptape.eventstore.sqlite.backend import SqliteBackend  # noqa: PLC0415  (each kind is loaded when it is used)

            if not parsed.database or parsed.database == ":memory:":
                raise StoreUrlError(name, "no file given (a store in memory would be lost): use sqlite:///FILE")
            return SqliteBackend(parsed, name)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return _postgres(parsed, name)
        case _:
            raise StoreUrlError(name, f"unknown kind of store; {_FORMS}")


def redacted(url: str) -> str:
    """The URL without user, password and line breaks, for messages."""
    return _SECRETS.sub(_stars, " ".join(url.split()))


def _stars(secret: re.Match[str]) -> str:
    slash = "/" if secret[0].startswith("/") else ""
    return f"{slash}***{'@' if secret[0].endswith('@') else ''}"


def _postgres(url: URL, name: str) -> Backend:
    if "@" in (url.host or ""):
        raise StoreUrlError(
            name, "special characters in a password must be escaped: @ as %40, / ? # % as %2F %3F %23 %25"
        )
    if not url.database:
        raise StoreUrlError(name, "no database given: use postgresql://USER@HOST/DATABASE")
    if find_spec("psycopg") is None:
        raise StoreDriverError(name, "PostgreSQL needs a driver: install perptape[postgres]")
    from perptape.eventstore.postgres.backend import PostgresBackend  # noqa: PLC0415  (the driver may be missing)

    return PostgresBackend(url, name)
