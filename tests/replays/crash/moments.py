"""The moments at which a recording can be killed, numbered in the order in which they come.

They are: before a log append or snapshot, after its commit and before it returns, after it returned and was
acknowledged; the three stages of every broker call; each operation on a file or folder; and, if wanted, each point of
the market.
"""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from perptape.core.edge.market import MarketPoint
from perptape.core.edge.simulation.exchange.simulated import Stage
from perptape.core.ports import Log, LoggedEvent, LogRecord, Snapshot
from perptape.eventstore.envelope import body
from perptape.replays.record import Hooks, Plan

FILE_EVENTS = frozenset(("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "sqlite3.connect"))
ACKNOWLEDGED = "acknowledged.txt"


class Moments:
    """Counts the moments of one process and kills it at the wanted one, if there is one."""

    def __init__(self, folder: Path, kill_at: int | None = None) -> None:
        """`folder` is where the recording is made; kill at this moment, from 0."""
        self.passed: list[str] = []
        self._kill_at = kill_at
        self._folder = str(folder)
        self._watching = True
        self.acknowledgements = os.open(folder.with_name(ACKNOWLEDGED), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        sys.addaudithook(self._audit)

    @property
    def hooks(self) -> Hooks:
        """What makes `record` pass its moments here."""
        return Hooks(stage=self._stage, log=lambda log: WatchedLog(log, self))

    def counting(self, plan: Plan) -> Plan:
        """The plan with every point of its market a moment."""

        def points() -> Iterator[MarketPoint]:
            for point in plan.points():
                self.reach("point")
                yield point

        return replace(plan, points=points)

    def reach(self, name: str) -> None:
        """One moment."""
        if self._watching:
            if len(self.passed) == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.passed.append(name)

    def stop(self) -> None:
        """The recording is finished; what follows is no moment of it."""
        self._watching = False

    def _stage(self, stage: Stage) -> None:
        self.reach(f"call {stage}")

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in FILE_EVENTS and self._watching:
            path = str(arguments[0])
            # A folder is cleared through its descriptor, with the bare names of what is in it.
            if path.startswith(self._folder) or (event in {"os.remove", "os.rmdir"} and arguments[1] >= 0):
                self.reach(f"{event} {Path(path).name}")


class WatchedLog:
    """A log around a log that passes its moments and notes durably what was acknowledged."""

    def __init__(self, log: Log, moments: Moments) -> None:
        self._log = log
        self._moments = moments

    @property
    def nonce(self) -> str:
        return self._log.nonce

    def append(self, expected_version: int, records: Sequence[LogRecord]) -> None:
        with self._around("append"):
            self._log.append(expected_version, records)
        lines = [
            f"{version} {sha256(body(version, record)).hexdigest()}\n"
            for version, record in enumerate(records, expected_version + 1)
        ]
        os.write(self._moments.acknowledgements, "".join(lines).encode())
        os.fsync(self._moments.acknowledgements)
        self._moments.reach("append acknowledged")

    def save_snapshot(self, snapshot: Snapshot) -> None:
        with self._around("snapshot"):
            self._log.save_snapshot(snapshot)

    def read(self, after_version: int) -> Iterator[LoggedEvent]:
        return self._log.read(after_version)

    def head_version(self) -> int:
        return self._log.head_version()

    def newest_snapshot(self, behaviour: str, upto: int | None = None) -> Snapshot | None:
        return self._log.newest_snapshot(behaviour, upto)

    def set_aside_snapshot(self, snapshot: Snapshot, reason: str) -> None:
        self._log.set_aside_snapshot(snapshot, reason)

    @contextmanager
    def _around(self, what: str) -> Iterator[None]:
        self._moments.reach(f"{what} begins")
        yield
        self._moments.reach(f"{what} committed")


def acknowledged(folder: Path) -> dict[int, str]:
    """Digest of each acknowledged event's line by version. A later acknowledgement of a version must be the same."""
    told: dict[int, str] = {}
    for line in folder.with_name(ACKNOWLEDGED).read_text("ascii").splitlines():
        version, _, digest = line.partition(" ")
        if told.setdefault(int(version), digest) != digest:
            raise AssertionError(f"version {version} was acknowledged twice, with different contents")
    return told
