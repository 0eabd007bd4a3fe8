"""Looking at the installation: what is there, what is missing, and what to do about it."""

import platform
import shutil
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.core.edge.storage.behaviour import behaviour_digest
from perptape.eventstore.errors import EventStoreError, NotAStoreError, StoreMissingError, StoreReadOnlyError
from perptape.eventstore.store import EventStore

NEEDED = ("sqlalchemy", "alembic", "pydantic", "orjson", "msgspec", "typer", "rich", "zstandard", "pyarrow")
PYTHON_MIN = (3, 11)
SQLITE_MIN = (3, 35, 0)
FREE_MIN = 1 << 30
"""A recording of a million events takes about half a gigabyte with its working files."""


class Finding(Struct, frozen=True):
    """One thing looked at."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def examine(store_url: str) -> list[Finding]:
    """Look at Python, packages, SQLite, disk, store and code."""
    return [_python(), *_packages(), _sqlite(), _disk(), *_postgres(store_url), *_store(store_url), _behaviour()]


def _python() -> Finding:
    ok = sys.version_info >= PYTHON_MIN
    return Finding("python", ok, platform.python_version(), "" if ok else "use Python 3.11 or newer")


def _packages() -> list[Finding]:
    missing = [name for name in NEEDED if find_spec(name) is None]
    found = f"{len(NEEDED) - len(missing)} of {len(NEEDED)}"
    return [Finding("packages", not missing, found, f"install {', '.join(missing)}" if missing else "")]


def _sqlite() -> Finding:
    ok = sqlite3.sqlite_version_info >= SQLITE_MIN
    return Finding("sqlite", ok, sqlite3.sqlite_version, "" if ok else "SQLite 3.35 or newer is needed")


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    ok = free >= FREE_MIN
    return Finding("disk", ok, f"{free / (1 << 30):.1f} GiB free here", "" if ok else "free at least 1 GiB")


def _postgres(url: str) -> list[Finding]:
    """The driver, which only who keeps a store on PostgreSQL needs."""
    if not url.startswith("postgres"):
        return []
    try:
        return [Finding("psycopg", True, installed_version("psycopg"))]
    except PackageNotFoundError:
        return [Finding("psycopg", False, "not installed", "install perptape[postgres]")]


def _store(url: str) -> list[Finding]:
    try:
        with EventStore.open(url) as store:
            condition = store.condition()
            database = Finding(
                "database",
                not condition.worries,
                "; ".join((condition.product, *condition.worries)),
                "fix this before trading real money" if condition.worries else "",
            )
            try:
                store.check_guards()
            except StoreReadOnlyError:  # its guards are listed, and this user cannot change anything anyway
                found = f"{store.name}: {len(store.streams())} streams, read-only"
                return [database, Finding("store", True, found, "a bot needs write access")]
            found = f"{store.name}: {len(store.streams())} streams, schema {condition.revision}, guards in place"
            return [database, Finding("store", True, found)]
    except StoreMissingError as error:
        if url.startswith("sqlite") and "no such file" in str(error):
            return [Finding("store", True, f"{error.store}: not created yet", "create it with `perptape store init`")]
        return [Finding("store", False, str(error))]
    except NotAStoreError as error:
        return [
            Finding("store", False, str(error), "create a store with `perptape store init`, or choose another store")
        ]
    except EventStoreError as error:
        return [Finding("store", False, str(error))]


def _behaviour() -> Finding:
    return Finding("behaviour", True, behaviour_digest()[:16])


def as_data(findings: list[Finding]) -> dict[str, Any]:
    """What `doctor --json` prints."""
    return {
        "ok": all(finding.ok for finding in findings),
        "findings": [{"name": f.name, "ok": f.ok, "found": f.found, "remedy": f.remedy or None} for f in findings],
    }


def as_text(findings: list[Finding]) -> str:
    """One line each."""
    return "\n".join(
        f"{'ok ' if f.ok else 'BAD'} {f.name:<10} {f.found}{f'  → {f.remedy}' if f.remedy else ''}" for f in findings
    )
