"""What a store does on a disk that fills up, told step by step; run as a process whose disk is small.

    python -m tests.eventstore.drills.full_disk sqlite|postgres FOLDER

FOLDER is on a small file system. A ballast file there is what "making room" removes. Prints one line for each step that
went as it must, and fails at the first that did not.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from perptape.eventstore import schema
from perptape.eventstore.envelope import Record
from perptape.eventstore.errors import StoreFullError
from perptape.eventstore.snapshot import Snapshot
from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE
from tests.eventstore.migrating import migrate
from tests.postgres.server import AS_USER, installation
from tests.replays.command import perptape

ROOM = {"sqlite": 300_000, "postgres": 2_000_000}
"""Bytes of the ballast. A PostgreSQL server under load takes more than it was asked to store."""
RECORDING = Path(__file__).parents[2] / "releases" / "0.1.0" / "eventful.jsonl.zst"
STREAM = "notes"
EVENT = b'{"text":"' + b"x" * 2_000 + b'"}'


class Disk:
    """The small file system."""

    def __init__(self, folder: Path, room: int) -> None:
        self.folder = folder
        self._room = room
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no room at all, but for what removing the ballast gives back."""
        self.empty()
        with self._ballast.open("wb", buffering=0) as ballast:
            ballast.write(b"b" * self._room)
        with (self.folder / "filling").open("wb", buffering=0) as filling:
            for size in (1 << 16, 1 << 10, 1):
                while _wrote(filling.fileno(), b"f" * size):
                    pass

    def load(self) -> None:
        """Take some room from a disk that is not full yet, to have it to give back later."""
        self._ballast.write_bytes(b"b" * self._room)
        (self.folder / "filling").write_bytes(b"f" * 4 * self._room)

    def make_room(self) -> None:
        """Remove the ballast."""
        self._ballast.unlink()

    def empty(self) -> None:
        """Remove everything that is not the store's."""
        for name in ("ballast", "filling"):
            (self.folder / name).unlink(missing_ok=True)


def _wrote(descriptor: int, data: bytes) -> bool:
    try:
        return os.write(descriptor, data) > 0
    except OSError:
        return False


def refused(action: Callable[[], object]) -> None:
    """The action must say that the disk is full."""
    try:
        action()
    except StoreFullError as error:
        if len(str(error).splitlines()) != 1:
            raise AssertionError(f"more than one line: {error}") from error
        return
    raise AssertionError("it should not have fitted")


def append(store: EventStore, stream: str = STREAM, count: int = 20) -> None:
    """Add some large events."""
    version = store.head(stream).version
    store.append(stream, version, [Record("Noted", 1, 1, None, EVENT)] * count)


def whole(store: EventStore, version: int) -> None:
    """The stream ends where it must, and is sound."""
    verified = store.verify(STREAM)
    if not verified.ok or verified.events != version or store.head(STREAM).version != version:
        raise AssertionError(f"{version} events were acknowledged; {verified}, head {store.head('bot')}")


def appends(url: str, disk: Disk) -> None:
    """Append until it does not fit, then with room again."""
    with EventStore.open(url, create=True) as store:
        store.create_stream(STREAM, NONCE, METADATA)
        disk.load()
        acknowledged = 0
        try:
            while acknowledged < 100_000:
                append(store)
                acknowledged = store.head(STREAM).version
        except StoreFullError:
            pass
        disk.fill()
        refused(lambda: append(store, count=40))
        whole(store, acknowledged)
    disk.make_room()
    with EventStore.open(url) as store:
        whole(store, acknowledged)
        append(store)
        whole(store, acknowledged + 20)
    print("append")


def snapshots(url: str, disk: Disk) -> None:
    """Save a snapshot that does not fit, then with room again."""
    with EventStore.open(url) as store:
        version = store.head(STREAM).version
        snapshot = Snapshot(version, "behaviour", os.urandom(100_000))
        refused(lambda: store.save_snapshot(STREAM, snapshot))
        if store.snapshots(STREAM):
            raise AssertionError("half a snapshot was kept")
        disk.make_room()
        store.save_snapshot(STREAM, snapshot)
        if store.newest_snapshot(STREAM, "behaviour") != snapshot:
            raise AssertionError("the snapshot is another one")
        whole(store, version)
    print("snapshot")


def imported(url: str) -> str:
    """Import a recording, before the disk is full; the stream's name."""
    answer = perptape("store", "import", RECORDING, "--store", url, "--json")
    if answer.status:
        raise AssertionError(str(answer))
    return str(answer.data["stream"])


def export(url: str, disk: Disk, stream: str) -> None:
    """Export into a file that does not fit, then with room again."""
    file = disk.folder / "out.jsonl"
    answer = perptape("store", "export", stream, "--store", url, "-o", file)
    if answer.status != 2 or len(answer.err.splitlines()) != 1 or list(disk.folder.glob("out.jsonl*")):
        raise AssertionError(f"{answer}, {list(disk.folder.iterdir())}")
    disk.empty()
    answer = perptape("store", "export", stream, "--store", url, "-o", file)
    if answer.status or not file.stat().st_size:
        raise AssertionError(str(answer))
    print("export")


def migration(url: str, disk: Disk) -> None:
    """Upgrade an older store without any room, then with room again."""
    refused(lambda: schema.upgrade(url))
    disk.make_room()  # without any room SQLite cannot even be opened, which needs a little memory beside the file
    if schema.revision(url) != schema.REVISIONS[0]:
        raise AssertionError(f"it is at {schema.revision(url)}")
    schema.upgrade(url)
    if schema.revision(url) != schema.REVISIONS[-1]:
        raise AssertionError(f"it is at {schema.revision(url)}")
    print("migration")


@contextmanager
def postgres(disk: Disk) -> Iterator[Callable[[str], str]]:
    """A server with room for its log, whose databases lie on the small disk; gives a new one's URL by its name."""
    space = disk.folder / "space"
    space.mkdir()
    if AS_USER:
        os.chown(space, *_ids(AS_USER["user"]))
    with installation() as programs, programs.server().running() as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'".encode())

        def database(name: str) -> str:
            with psycopg.connect(server.url(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name} TABLESPACE small".encode())
            return server.url(name)

        yield database


def _ids(user: str) -> tuple[int, int]:
    from pwd import getpwnam  # noqa: PLC0415 - not everywhere

    found = getpwnam(user)
    return found.pw_uid, found.pw_gid


@contextmanager
def sqlite(disk: Disk) -> Iterator[Callable[[str], str]]:
    """Files on the small disk."""
    yield lambda name: f"sqlite:///{disk.folder / name}.db"


def main(kind: str, folder: str) -> None:
    """Go through all steps on one kind of database."""
    disk = Disk(Path(folder), ROOM[kind])
    with (sqlite if kind == "sqlite" else postgres)(disk) as database:
        old, new = database("old"), database("new")
        migrate(old, schema.REVISIONS[0])
        EventStore.open(new, create=True).close()
        stream = imported(new)
        appends(new, disk)
        disk.fill()
        snapshots(new, disk)
        disk.fill()
        export(new, disk, stream)
        (disk.folder / "out.jsonl").unlink()
        disk.fill()
        migration(old, disk)


if __name__ == "__main__":
    main(*sys.argv[1:])
