import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from eventstore import errors, schema
from eventstore.guards import GUARDS
from eventstore.store import EventStore
from eventstore.tables import METADATA

FOLDER = Path(migrations.__file__).parent


def set_revision(path: Path, *revisions: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM alembic_version")
        connection.executemany("INSERT INTO alembic_version VALUES (?)", [(revision,) for revision in revisions])


def test_the_migrations_make_the_tables_that_the_store_uses(on_disk: EventStore) -> None:
    with on_disk._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_migrations_make_these_guards_and_no_others(on_disk: EventStore) -> None:
    with on_disk._database.reading() as connection:
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
        assert set(found) == GUARDS


def test_the_release_knows_every_revision_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    newest_first = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]

    assert tuple(reversed(newest_first)) == schema.REVISIONS


def test_a_store_tells_its_revision(url: str) -> None:
    schema.initialise(url)

    assert schema.revision(url) == schema.REVISIONS[-1]


def test_initialising_twice_keeps_what_is_there(on_disk: EventStore, url: str) -> None:
    schema.initialise(url)
    schema.upgrade(url)

    assert [stream.name for stream in on_disk.streams()] == ["bot"]


def test_an_empty_file_becomes_a_store(url: str, path: Path) -> None:
    path.touch()

    schema.initialise(url)

    assert schema.revision(url) == schema.REVISIONS[-1]


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    schema.initialise(f"sqlite:///{tmp_path}/50% of it, größer.db")

    assert (tmp_path / "50% of it, größer.db").is_file()


def test_an_older_store_is_refused_with_the_command_that_upgrades_it(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    schema.initialise(url)
    monkeypatch.setattr(schema, "REVISIONS", ("0001", "0002"))

    for use in (EventStore.open, schema.initialise):
        with pytest.raises(errors.StoreOutdatedError, match="`perptape store upgrade`"):
            use(url)


def test_a_newer_store_is_refused_and_not_touched(url: str, path: Path) -> None:
    schema.initialise(url)
    set_revision(path, "9999")

    for use in (EventStore.open, schema.initialise, schema.upgrade):
        with pytest.raises(errors.StoreTooNewError, match="schema is 9999"):
            use(url)
    assert schema.revision(url) == "9999"


@pytest.mark.parametrize("revisions", [(), ("0001", "0002")])
def test_a_store_without_one_revision_is_none(url: str, path: Path, revisions: tuple[str, ...]) -> None:
    schema.initialise(url)
    set_revision(path, *revisions)

    with pytest.raises(errors.NotAStoreError, match=f"but of {len(revisions)}"):
        EventStore.open(url)


@pytest.mark.parametrize("use", [schema.upgrade, schema.revision])
def test_what_is_not_there_is_not_upgraded(url: str, path: Path, use: object) -> None:
    with pytest.raises(errors.StoreMissingError):
        use(url)  # type: ignore[operator]
    assert not path.exists()


def test_a_migration_that_fails_changes_nothing(url: str, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIEW snapshots AS SELECT 1 AS one")

    with pytest.raises(errors.StoreFailedError, match="snapshots"):
        schema.initialise(url)

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == []


def test_opening_a_store_does_not_import_alembic(url: str) -> None:
    schema.initialise(url)
    program = (
        "import sys; from eventstore.store import EventStore; "
        f"EventStore.open({url!r}).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_alembic_finds_the_migrations_by_itself(url: str) -> None:
    """With the section `[tool.alembic]` of pyproject.toml, for developers."""
    root = FOLDER.parent
    alembic = [sys.executable, "-m", "alembic", "-x", f"url={url}"]

    subprocess.run([*alembic, "upgrade", "head"], cwd=root, capture_output=True, check=True)

    assert schema.revision(url) == schema.REVISIONS[-1]
    refused = subprocess.run([*alembic, "downgrade", "base"], cwd=root, capture_output=True, text=True, check=False)
    assert "never thrown away" in refused.stdout + refused.stderr
    EventStore.open(url).close()
