"""The store's commands on both databases: what they say, and what they refuse."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from perptape.eventstore.errors import StoreUnavailableError
from perptape.eventstore.schema import REVISIONS
from perptape.eventstore.store import EventStore
from tests.eventstore.places import Place, PostgresPlace, SqlitePlace
from tests.replays.command import perptape
from tests.replays.secret import assert_keeps_secret

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place where there is a store without streams."""
    if request.param == "sqlite":
        found = SqlitePlace(tmp_path / "tape.db")
        EventStore.open(found.url, create=True).close()
        return found
    return PostgresPlace(request.getfixturevalue("postgres_store_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store can be made."""
    return f"sqlite:///{tmp_path / 'tape.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


# The way of a store.


def test_a_store_is_made_filled_checked_and_verified(empty_url: str, short_file: Path) -> None:
    assert perptape("store", "init", "--store", empty_url).status == 0
    assert perptape("store", "init", "--store", empty_url).status == 0
    assert perptape("store", "upgrade", "--store", empty_url).out.endswith(f"already at schema {REVISIONS[-1]}\n")
    assert "no streams" in perptape("store", "check", "--store", empty_url).out
    assert perptape("store", "import", short_file, "--store", empty_url).status == 0

    checked = perptape("store", "check", "--store", empty_url, "--json")
    assert (checked.status, checked.data["ok"], checked.data["guards"]) == (0, True, None)
    assert checked.data["schema"] == REVISIONS[-1]
    assert checked.data["database"].split()[0] in {"SQLite", "PostgreSQL"}
    assert checked.data["size_bytes"] > 10_000
    [stream] = checked.data["streams"]
    assert (stream["stream"], stream["events"], stream["version"], stream["first_bad"]) == ("bot", 80, 80, None)
    assert stream["data_bytes"] > 5_000
    assert stream["lag_ns"] > 0
    assert (stream["epoch"], stream["lease"]) == (0, None)

    shown = perptape("store", "check", "--store", empty_url).out
    assert [word in shown for word in ("bot", "intact", "80", "epoch 0", "guards in place")] == [True] * 5
    assert all(line == line.rstrip() for line in shown.splitlines())

    everything = perptape("verify", "--store", empty_url, "--json")
    assert (everything.status, everything.data["ok"]) == (0, True)
    [found] = everything.data["streams"]
    assert found == perptape("verify", "bot", "--store", empty_url, "--json").data
    assert found["checkpoints"] is None


def test_a_role_is_let_in_to_add_or_only_to_read(postgres_store_url: str, short_file: Path) -> None:
    perptape("store", "import", short_file, "--store", postgres_store_url)
    with psycopg.connect(postgres_store_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS granted")
        connection.execute("CREATE ROLE granted LOGIN PASSWORD 'p'")
    theirs = make_url(postgres_store_url).set(username="granted", password="p").render_as_string(hide_password=False)
    assert "lacks a privilege" in perptape("verify", "bot", "--store", theirs).complaint

    read = perptape("store", "grant", "granted", "--reader", "--store", postgres_store_url, "--json")
    assert (read.status, read.data["role"], read.data["rights"]) == (0, "granted", "read")
    assert perptape("verify", "bot", "--store", theirs).status == 0
    with EventStore.open(theirs) as store, pytest.raises(StoreUnavailableError):
        store.claim("bot")

    assert "may read and append" in perptape("store", "grant", "granted", "--store", postgres_store_url).out
    with EventStore.open(theirs) as store:
        assert store.claim("bot").epoch == 1
    with psycopg.connect(postgres_store_url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY granted")
        connection.execute("DROP ROLE granted")


def test_a_file_has_no_roles_and_a_role_that_is_not_there_gets_no_rights(
    tmp_path: Path, postgres_store_url: str
) -> None:
    url = f"sqlite:///{tmp_path / 'tape.db'}"
    EventStore.open(url, create=True).close()
    assert "roles exist only on PostgreSQL" in perptape("store", "grant", "bot", "--store", url).complaint
    assert "nobody_at_all" in perptape("store", "grant", "nobody_at_all", "--store", postgres_store_url).complaint


def test_who_holds_a_stream_is_shown(place: Place, short_file: Path) -> None:
    perptape("store", "import", short_file, "--store", place.url)
    with EventStore.open(place.url) as store:
        lease = store.acquire("bot", "host-1", ttl_s=60)
    stream = perptape("store", "check", "--store", place.url, "--json").data["streams"][0]
    assert (stream["lease"]["holder"], stream["epoch"]) == ("host-1", lease.epoch)
    assert "host-1" in perptape("store", "check", "--store", place.url).out


def test_damage_is_a_finding(place: Place, short_file: Path) -> None:
    perptape("store", "import", short_file, "--store", place.url)
    place.by_hand("UPDATE events SET at_ns = at_ns + 1 WHERE version = 20")
    checked = perptape("store", "check", "--store", place.url, "--json")
    assert (checked.status, checked.data["ok"]) == (1, False)
    assert checked.data["streams"][0]["first_bad"]["version"] == 20
    shown = perptape("store", "check", "--store", place.url)
    assert (shown.status, "bot: DAMAGED at version 20: " in shown.out) == (1, True)
    assert perptape("verify", "--store", place.url).status == 1


def test_a_guard_that_is_missing_is_a_finding_and_streams_are_checked_all_the_same(
    place: Place, short_file: Path
) -> None:
    perptape("store", "import", short_file, "--store", place.url)
    place.drop_guard("events_refuse_update")
    checked = perptape("store", "check", "--store", place.url, "--json")
    assert (checked.status, checked.data["ok"]) == (1, False)
    assert "events_refuse_update" in checked.data["guards"]
    assert checked.data["streams"][0]["events"] == 80
    assert "does not protect its events" in perptape("verify", "bot", "--store", place.url).complaint


# Older and newer stores.


def test_a_newer_store_is_refused(place: Place) -> None:
    place.run("UPDATE alembic_version SET version_num = '9999'")
    for command in (["init"], ["upgrade"], ["check"], ["streams"]):
        assert "use a newer release" in perptape("store", *command, "--store", place.url).complaint
    assert "use a newer release" in perptape("verify", "--store", place.url).complaint


def test_an_older_store_is_upgraded_only_when_that_is_asked_for(place: Place) -> None:
    place.run(f"UPDATE alembic_version SET version_num = '{REVISIONS[0]}'")
    for command in (["store", "init"], ["store", "check"], ["verify"], ["rebuild", "bot"], ["verify", "bot"]):
        assert "run `perptape store upgrade`" in perptape(*command, "--store", place.url).complaint


# What is not there, or is something else.


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("sqlite:///none.sqlite", "no such file; create a store with `perptape store init`"),
        ("sqlite:///.", "not a file but a folder or device"),
        ("sqlite://", "no file given"),
        ("nonsense", "this is not a URL"),
        ("mysql://u:Zq@h/d", "unknown kind of store"),
        ("postgresql://u:Zq@h", "no database given"),
        ("postgresql://u:w?xZq@h:port/d", "this is not a URL"),
        ("postgresql://u:p@s@h/d", "special characters in a password must be escaped: @ as %40"),
        ("postgresql://u:Zq@/d?host=/nowhere", "the server cannot be reached"),
        ("postgresql://u:Zq@127.0.0.1:1/d", "the server cannot be reached"),
    ],
)
def test_a_store_that_cannot_be_used_is_one_line_and_nothing_is_made(url: str, problem: str, folder: Path) -> None:
    for command in (
        ["store", "check"],
        ["store", "upgrade"],
        ["store", "streams"],
        ["verify"],
        ["verify", "bot"],
        ["rebuild", "bot"],
        ["store", "checkpoint", "bot"],
    ):
        complaint = perptape(*command, "--store", url).complaint
        assert problem in complaint
        assert_keeps_secret(complaint)
    assert list(folder.iterdir()) == []
    assert_keeps_secret(perptape("doctor", "--json", "--store", url).said)


def test_a_file_of_something_else_is_left_as_it_is(folder: Path) -> None:
    (folder / "notes.txt").write_text("nothing of a database, in more than sixteen bytes\n")
    for command in ("init", "upgrade", "check"):
        assert "not an SQLite database" in perptape("store", command, "--store", "sqlite:///notes.txt").complaint
    assert (folder / "notes.txt").read_text().startswith("nothing of a database")


def test_a_file_that_another_process_writes_to_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perptape.eventstore.schema._BUSY_TIMEOUT_MS", 1)
    url = f"sqlite:///{tmp_path / 'tape.db'}"
    EventStore.open(url, create=True).close()
    with closing(sqlite3.connect(tmp_path / "tape.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "another process is writing to it" in perptape("store", "upgrade", "--store", url).complaint
        assert perptape("store", "streams", "--store", url).status == 0


def test_without_the_driver_a_store_on_postgresql_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perptape.eventstore.backends.find_spec", lambda _name: None)
    url = "postgresql://u:Zq@h/d"
    complaint = perptape("store", "check", "--store", url).complaint
    assert complaint == "store postgresql://***@h/d: PostgreSQL needs a driver: install perptape[postgres]"


def test_who_may_only_read_can_check(postgres_store_url: str) -> None:
    from perptape.eventstore.roles import grant_reader  # noqa: PLC0415

    with psycopg.connect(postgres_store_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS onlooker")
        connection.execute("CREATE ROLE onlooker LOGIN PASSWORD 'look'")
    grant_reader(postgres_store_url, "onlooker")
    url = make_url(postgres_store_url).set(username="onlooker", password="look").render_as_string(hide_password=False)
    checked = perptape("store", "check", "--store", url, "--json")
    assert (checked.status, checked.data["guards"], checked.data["guards_tried"]) == (0, None, False)
    assert "not tried: this user may only read" in perptape("store", "check", "--store", url).out
