"""A later release's migration keeps what is stored, goes back, and cannot lose a guard: tried with one made up here."""

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest
from alembic.util import CommandError

from perptape.eventstore import errors, schema
from perptape.eventstore.database import Database
from perptape.eventstore.snapshot import Snapshot
from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, records
from tests.eventstore.migrating import migrate
from tests.eventstore.places import Place

NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "later", "THIS", None, None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
""".replace("THIS", schema.REVISIONS[-1])
HARMLESS = NEXT.format(
    upgrade='op.add_column("snapshots", sa.Column("note", sa.Text, server_default="none"))',
    downgrade='with op.batch_alter_table("snapshots") as batch: batch.drop_column("note")',
)
# A batch operation makes the table anew on SQLite, and the new one has no triggers.
REBUILDS = NEXT.format(
    upgrade=(
        'op.execute("PRAGMA legacy_alter_table = ON")\n'  # or SQLite itself sees that a guard names the table
        '    with op.batch_alter_table("heads", recreate="always"): pass'
    ),
    downgrade="pass",
)
DROPS = NEXT.format(
    upgrade=(
        'op.execute("DROP TRIGGER events_refuse_delete"'
        ' + (" ON events" if op.get_bind().dialect.name == "postgresql" else ""))'
    ),
    downgrade="pass",
)


@pytest.fixture
def later_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of migrations of a release with one more of them; the test writes it."""
    folder = tmp_path / "later" / "migrations"
    shutil.copytree(schema.SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "SCRIPTS", str(folder))
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "later"))
    return folder


@pytest.fixture
def filled(place: Place) -> Place:
    with EventStore.open(place.url) as store:
        store.create_stream("bot", NONCE, METADATA)
        store.append("bot", 0, records(1_234))
        store.save_snapshot("bot", Snapshot(7, "now", b"seven"))
    return place


def contents(store: EventStore) -> tuple[object, ...]:
    return store.streams(), list(store.read("bot")), store.snapshots("bot"), store.newest_snapshot("bot", "now")


def test_an_upgrade_and_a_downgrade_keep_all_that_is_stored(
    filled: Place, later_release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    *this_release, later = schema.REVISIONS
    with monkeypatch.context() as before_it:
        before_it.setattr(schema, "REVISIONS", this_release)
        with EventStore.open(filled.url) as store:
            before = contents(store)
    (later_release / "versions" / "later.py").write_text(HARMLESS)

    schema.upgrade(filled.url)
    assert schema.revision(filled.url) == later
    with EventStore.open(filled.url) as store:
        store.check_guards()
        assert contents(store) == before

    migrate(filled.url, this_release[-1], later_release, down=True)
    monkeypatch.setattr(schema, "REVISIONS", this_release)
    with EventStore.open(filled.url) as store:
        store.check_guards()
        assert contents(store) == before
        assert store.append("bot", 1_234, records(2)).version == 1_236


def test_there_is_no_way_down_from_the_first(filled: Place) -> None:
    with pytest.raises(CommandError, match="restore a backup"):
        migrate(filled.url, "base", down=True)

    with EventStore.open(filled.url) as store:
        assert store.verify("bot").events == 1_234


@pytest.mark.parametrize(
    ("place", "script"),
    [("sqlite", REBUILDS), ("sqlite", DROPS), ("postgres", DROPS)],
    indirect=["place"],
    ids=["sqlite rebuilds a table", "sqlite drops a trigger", "postgres drops a trigger"],
)
def test_a_migration_that_loses_a_guard_is_rolled_back(filled: Place, later_release: Path, script: str) -> None:
    (later_release / "versions" / "later.py").write_text(script)

    with pytest.raises(errors.GuardsMissingError, match=r"the guard (heads|events)_refuse_delete is missing"):
        schema.upgrade(filled.url)

    assert schema.revision(filled.url) == schema.REVISIONS[-2]
    with closing(Database(filled.url, busy_timeout_ms=1_000)) as database, database.reading() as connection:
        assert database.backend.guards_in_force(connection) == database.backend.guards


def test_processes_that_make_the_same_store_at_once_make_one(empty_place: Place) -> None:
    program = "import sys; from eventstore import schema; schema.initialise(sys.argv[1])"
    both = [subprocess.Popen([sys.executable, "-c", program, empty_place.url]) for _ in range(2)]

    assert [process.wait() for process in both] == [0, 0]
    with EventStore.open(empty_place.url) as store:
        store.check_guards()


def test_threads_that_make_the_same_store_at_once_make_one(postgres_url: str) -> None:
    """Closer together than processes ever start: none sees the tables of another before it waits for it."""
    began = Barrier(3)
    failures: list[BaseException] = []

    def make() -> None:
        began.wait()
        try:
            schema.initialise(postgres_url)
        except errors.EventStoreError as error:
            failures.append(error)

    threads = [Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert schema.revision(postgres_url) == schema.REVISIONS[-1]
