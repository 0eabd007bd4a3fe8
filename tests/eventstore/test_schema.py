import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from perptape import migrations
from perptape.eventstore import errors, schema
from perptape.eventstore.store import EventStore
from perptape.eventstore.tables import METADATA
from tests.eventstore.places import Place
from tests.house.layout import ROOT

FOLDER = Path(migrations.__file__).parent


def set_revision(place: Place, *revisions: str) -> None:
    place.run("DELETE FROM alembic_version")
    for revision in revisions:
        place.run(f"INSERT INTO alembic_version VALUES ('{revision}')")


def test_the_migrations_make_the_tables_that_the_store_uses(in_place: EventStore) -> None:
    with in_place._database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_migrations_make_these_guards_and_no_others(in_place: EventStore) -> None:
    backend = in_place._database.backend
    with in_place._database.reading() as connection:
        assert backend.guards_in_force(connection) == backend.guards


def test_the_release_knows_every_revision_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    newest_first = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]

    assert tuple(reversed(newest_first)) == schema.REVISIONS


def test_a_store_tells_its_revision(empty_place: Place) -> None:
    schema.initialise(empty_place.url)

    assert schema.revision(empty_place.url) == schema.REVISIONS[-1]


def test_initialising_twice_keeps_what_is_there(in_place: EventStore, place: Place) -> None:
    schema.initialise(place.url)
    schema.upgrade(place.url)

    assert [stream.name for stream in in_place.streams()] == ["bot"]


def test_an_empty_file_becomes_a_store(url: str, path: Path) -> None:
    path.touch()

    schema.initialise(url)

    assert schema.revision(url) == schema.REVISIONS[-1]


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    schema.initialise(f"sqlite:///{tmp_path}/50% of it, größer.db")

    assert (tmp_path / "50% of it, größer.db").is_file()


def test_an_older_store_is_refused_with_the_command_that_upgrades_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "later"))

    for use in (EventStore.open, schema.initialise):
        with pytest.raises(errors.StoreOutdatedError, match="`perptape store upgrade`"):
            use(place.url)


def test_a_newer_store_is_refused_and_not_touched(place: Place) -> None:
    set_revision(place, "9999")

    for use in (EventStore.open, schema.initialise, schema.upgrade):
        with pytest.raises(errors.StoreTooNewError, match="schema is 9999"):
            use(place.url)
    assert schema.revision(place.url) == "9999"


@pytest.mark.parametrize("revisions", [(), ("0001", "0002")])
def test_a_store_without_one_revision_is_none(place: Place, revisions: tuple[str, ...]) -> None:
    set_revision(place, *revisions)

    with pytest.raises(errors.NotAStoreError, match=f"found {len(revisions)}"):
        EventStore.open(place.url)


@pytest.mark.parametrize("use", [schema.upgrade, schema.revision])
def test_what_is_not_there_is_not_upgraded(url: str, path: Path, use: object) -> None:
    with pytest.raises(errors.StoreMissingError):
        use(url)  # type: ignore[operator]
    assert not path.exists()


def test_a_migration_that_fails_changes_nothing(empty_place: Place) -> None:
    empty_place.run("CREATE VIEW snapshots AS SELECT 1 AS one")

    with pytest.raises(errors.StoreFailedError, match="snapshots"):
        schema.initialise(empty_place.url)
    empty_place.run("DROP VIEW snapshots")

    schema.initialise(empty_place.url)
    assert schema.revision(empty_place.url) == schema.REVISIONS[-1]


def test_somebody_elses_database_is_left_as_it_is(empty_place: Place) -> None:
    empty_place.run("CREATE TABLE recipes (name TEXT)")

    for use in (EventStore.open, schema.initialise, schema.upgrade, schema.revision):
        with pytest.raises(errors.NotAStoreError, match="not an event store"):
            use(empty_place.url)

    empty_place.run("DROP TABLE recipes")
    schema.initialise(empty_place.url)


def test_opening_a_store_does_not_import_alembic(place: Place) -> None:
    program = (
        "import sys; from perptape.eventstore.store import EventStore; "
        f"EventStore.open({place.url!r}).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_alembic_finds_the_migrations_by_itself(empty_place: Place) -> None:
    """With the section `[tool.alembic]` of pyproject.toml, for developers."""
    root = ROOT
    alembic = [sys.executable, "-m", "alembic", "-x", f"url={empty_place.url}"]

    subprocess.run([*alembic, "upgrade", "head"], cwd=root, capture_output=True, check=True)

    assert schema.revision(empty_place.url) == schema.REVISIONS[-1]
    refused = subprocess.run([*alembic, "downgrade", "base"], cwd=root, capture_output=True, text=True, check=False)
    assert "restore a backup" in refused.stdout + refused.stderr
    EventStore.open(empty_place.url).close()
