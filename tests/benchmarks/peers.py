"""The store beside the `eventsourcing` package, on the same work in the same run.

    python -m tests.benchmarks.peers --python PYTHON-WITH-EVENTSOURCING

The package is installed aside, for example by `python -m venv peers && peers/bin/pip install "eventsourcing[postgres]"
orjson`. Both begin with dictionaries and, when reading back, end with dictionaries; both commit durably.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import orjson

from perptape.eventstore.envelope import Record
from perptape.eventstore.store import EventStore
from perptape.replays.bench.fills import fills
from tests.postgres.databases import Databases
from tests.postgres.server import installation

WORKER = Path(__file__).with_name("eventsourcing_work.py")
COUNTS = {"one": 2_000, "grouped": 50_000, "read": 50_000}
GOALS = {"one": 1.3, "grouped": 2.5, "read": 3.0}
GROUP = 100
Places = Callable[[], AbstractContextManager[str]]
"""Makes an empty place for a store, by its URL, and removes it afterwards."""


def ours(case: str, lines: Path, url: str) -> float:
    """Events per second of our store, in the same terms as the worker's."""
    fields = [orjson.loads(line) for line in lines.read_bytes().splitlines()]
    with EventStore.open(url, create=True) as store:
        store.create_stream("peer", "peer", b"{}")

        def append(group: int) -> None:
            for start in range(0, len(fields), group):
                batch = fields[start : start + group]
                store.append("peer", start, [Record("Fill", 1, 1, None, orjson.dumps(one)) for one in batch])

        if case == "read":
            append(1_000)
            return _rate(len(fields), lambda: [orjson.loads(envelope.data) for envelope in store.read("peer")])
        return _rate(len(fields), lambda: append(GROUP if case == "grouped" else 1))


def _rate(count: int, run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return count / (time.perf_counter() - started)


def theirs(python: str, case: str, level: str, lines: Path, place: str) -> float:
    """Events per second of the peer, in a process of its own."""
    command = [python, str(WORKER), case, level, str(lines), place]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    count, seconds = json.loads(done.stdout)
    return float(count / seconds)


def main() -> int:
    """Measure, print a row for each case, and say by the exit status whether every goal was met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--python", required=True, help="an interpreter with eventsourcing and orjson")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{'':<12}{'':<9}{'ours/s':>10}{'application/s':>15}{'ratio':>7}{'recorder/s':>12}{'ratio':>7}")
    with TemporaryDirectory() as folder:
        met = _measured("sqlite", Path(folder), _file, options)
        # Not before: a server that makes databases keeps the disk busy.
        with installation() as programs, programs.server().running() as server:
            met &= _measured("postgresql", Path(folder), Databases(server.url()).empty, options)
    return 0 if met else 1


def _measured(kind: str, folder: Path, places: Places, options: argparse.Namespace) -> bool:
    """Measure every case on one kind of database, print a row for each, and say whether every goal was met."""
    met = True
    for case, count in COUNTS.items():
        lines = folder / f"{case}.jsonl"
        lines.write_bytes(b"\n".join(record.data for record in fills(count)))
        rounds = [_round(case, lines, places, options.python) for _ in range(options.rounds)]
        mine, application, recorder = (median(column) for column in zip(*rounds, strict=True))
        ratio = median(one[0] / one[1] for one in rounds)
        bare = median(one[0] / one[2] for one in rounds)
        met = met and ratio >= GOALS[case]
        print(
            f"{kind:<12}{case:<9}{mine:>10,.0f}{application:>15,.0f}{ratio:>7.2f}{recorder:>12,.0f}{bare:>7.2f}"
            f"  (goal beside the application {GOALS[case]})",
            flush=True,
        )
    return met


def _round(case: str, lines: Path, places: Places, python: str) -> tuple[float, float, float]:
    """Ours, then the peer as an application, then its recorder alone; each in a place of its own."""
    with places() as url:
        mine = ours(case, lines, url)
    with places() as url:
        application = theirs(python, case, "application", lines, _named_by_peer(url))
    with places() as url:
        recorder = theirs(python, case, "recorder", lines, _named_by_peer(url))
    return mine, application, recorder


@contextmanager
def _file() -> Iterator[str]:
    """URL of a store in a new file."""
    with TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/store.sqlite"


def _named_by_peer(url: str) -> str:
    """The place as the worker wants it named: a file's path, or libpq's words."""
    return url.removeprefix("sqlite:///") if url.startswith("sqlite") else libpq(url)


def libpq(url: str) -> str:
    """The worker's key=value form of a URL."""
    from sqlalchemy import make_url  # noqa: PLC0415

    parsed = make_url(url)
    host = parsed.query.get("host") or parsed.host
    parts = {"dbname": parsed.database, "host": host, "user": parsed.username, "password": parsed.password}
    return " ".join(f"{name}={value}" for name, value in parts.items() if value)


if __name__ == "__main__":
    sys.exit(main())
