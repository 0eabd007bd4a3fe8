"""Imports and archivings, killed at every moment of their way, and done again: what each left, and what came of it.

A process of its own, with one thread, so that forking is safe and cheap: `python -m tests.replays.store_kills
import|archive URL RECORDING FOLDER`. Prints, as JSON, how many processes were killed and what was found wrong. A moment
is before a statement and before or after a commit, and before a file is opened, renamed, removed or synced.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, event, make_url

from perptape.eventstore import importing, segmenting
from perptape.eventstore.envelope import line
from perptape.eventstore.errors import StreamNotFoundError
from perptape.eventstore.store import EventStore
from perptape.replays.tape.errors import SourceError
from perptape.replays.upkeep.archive import archive_stream
from perptape.replays.upkeep.sealing import seal_and_continue
from perptape.replays.upkeep.transfer import export_stream, import_recording

FILES = {"open", "os.rename", "os.remove", "os.mkdir"}
BATCH = 40


class Killer:
    """Kills this very process at a moment."""

    def __init__(self, at: int, folder: Path) -> None:
        self._left = at
        self._folder = str(folder)

    def moment(self, *_: object) -> None:
        """One more moment."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        """Count from now on."""
        event.listen(Engine, "before_cursor_execute", self.moment)
        event.listen(Engine, "commit", self.moment)
        event.listen(Engine, "begin", self.moment)
        sync = os.fsync

        def counted_sync(descriptor: Any) -> None:
            self.moment()
            sync(descriptor)
            self.moment()

        os.fsync = counted_sync  # type: ignore[assignment]  # positional, as everybody calls it
        sys.addaudithook(self._file)

    def _file(self, name: str, about: tuple[object, ...]) -> None:
        if name in FILES and str(about[0]).startswith(self._folder):
            self.moment()


def killed(at: int, folder: Path, work: Callable[[], object]) -> bool:
    """Do the work in a process that is killed at its so many-th moment: whether it got that far."""
    pid = os.fork()
    if pid == 0:
        Killer(at, folder).arm()
        work()
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def fresh(url: str, folder: Path, number: int) -> str:
    """The URL of a new store."""
    if url.startswith("sqlite"):
        return f"sqlite:///{folder}/{number}.sqlite?archives={folder}/{number}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA trial_{number}".encode())
    query = {"options": f"-csearch_path=trial_{number}", "archives": f"{folder}/{number}"}
    return make_url(url).update_query_dict(query).render_as_string(hide_password=False)


def import_trial(url: str, recording: Path, folder: Path, at: int) -> tuple[bool, list[str]]:
    """An import that is killed, looked at, and done again."""
    EventStore.open(url, create=True).close()
    reached = killed(at, folder, lambda: _import(url, recording))
    wrong = []
    with EventStore.open(url) as store:
        seen = [(stream.name, stream.head.version) for stream in store.streams()]
        try:
            whole = store.verify("bot").events
            store.append("bot", whole, [])
        except StreamNotFoundError:
            whole = 0
        if seen not in ([], [("bot", whole)]) or bool(seen) != bool(whole):
            wrong.append(f"half a stream can be seen: {seen}")
        try:
            import_recording(store, recording)
        except SourceError:
            if not seen:
                wrong.append("it cannot be imported again")
        out = folder / f"{at}.jsonl"
        export_stream(store, "bot", out)
        if out.read_bytes() != recording.read_bytes():
            wrong.append("another recording comes out")
        store.check_guards()
    return reached, wrong


def _import(url: str, recording: Path) -> None:
    with EventStore.open(url) as store:
        import_recording(store, recording)


def archive_trial(url: str, recording: Path, folder: Path, at: int) -> tuple[bool, list[str]]:
    """An archiving that is killed, looked at, and done again."""
    with EventStore.open(url, create=True) as store:
        import_recording(store, recording)
        seal_and_continue(store, "bot", url)
        before = [line(envelope) for envelope in store.read("bot")]
    reached = killed(at, folder, lambda: _archive(url))
    wrong = []
    with EventStore.open(url) as store:
        if [line(envelope) for envelope in store.read("bot")] != before or not store.verify("bot").ok:
            wrong.append("after the kill other events are read")
        report = archive_stream(store, "bot", url)
        if [line(envelope) for envelope in store.read("bot")] != before or not store.verify("bot").ok:
            wrong.append("in the end other events are read")
        if [one.segment for one in report.archived] != ["bot#1"]:
            wrong.append(f"archived is {report.archived}")
        if store.data_bytes("bot") != len(before[-1][before[-1].index(b'"data":') + 7 : before[-1].rindex(b',"hash"')]):
            wrong.append("archived events are in the database still")
        if os.listdir(folder / str(at)) != ["bot.1.jsonl.zst"]:  # noqa: PTH208 - names are all that counts
            wrong.append(f"in the folder is {os.listdir(folder / str(at))}")  # noqa: PTH208
        store.check_guards()
    return reached, wrong


def _archive(url: str) -> None:
    with EventStore.open(url) as store:
        archive_stream(store, "bot", url)


def main(operation: str, url: str, recording: str, where: str) -> None:
    importing.BATCH = segmenting.DELETED_AT_A_TIME = BATCH
    trial = {"import": import_trial, "archive": archive_trial}[operation]
    folder, at, failures, reached = Path(where), 0, list[str](), True
    while reached:
        at += 1
        reached, wrong = trial(fresh(url, folder, at), Path(recording), folder, at)
        failures += [f"{operation} killed at moment {at}: {what}" for what in wrong]
    print(json.dumps({"killed": at - 1, "failures": failures}))


if __name__ == "__main__":
    main(*sys.argv[1:])
