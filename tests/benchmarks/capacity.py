"""What one PostgreSQL takes from many bots: writer processes with a stream each, their events per second together.

    python -m tests.benchmarks.capacity [--url URL]

Without a URL it measures a server of the tests' own on this machine, whose disk and cores the writers share.
"""

import argparse
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from perptape.eventstore.store import EventStore
from perptape.replays.bench.fills import fills
from tests.postgres.databases import Databases
from tests.postgres.server import installation

ROOT = Path(__file__).parents[2]
WRITERS = (1, 2, 4, 8)
APPENDS = {1: 1_000, 3: 1_000, 100: 300}
"""Appends of each writer by events per append: an observation alone, a turn with an order, a burst."""


def write(url: str, stream: str, group: int, appends: int) -> None:
    """One writer: says ready, waits for a line, appends."""
    records = fills(group)
    with EventStore.open(url) as store:
        store.create_stream(stream, stream, b"{}")
        print("ready", flush=True)
        sys.stdin.readline()
        version = 0
        for _ in range(appends):
            version = store.append(stream, version, records).version


def measure(url: str, writers: int, group: int, round_: str) -> float:
    """Events per second of all writers together."""
    appends = APPENDS[group]
    command = [sys.executable, "-m", "tests.benchmarks.capacity", "--url", url, "--write", str(group), "--as"]
    with ExitStack() as begun:
        processes = [
            begun.enter_context(
                subprocess.Popen(
                    [*command, f"{round_}-{number}"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for number in range(writers)
        ]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        started = time.perf_counter()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.close()
        statuses = [process.wait() for process in processes]
        took = time.perf_counter() - started
    if any(statuses):
        raise SystemExit("a writer failed")
    return writers * group * appends / took


def report(url: str) -> None:
    """Measure everything and print a row for each size of append."""
    EventStore.open(url, create=True).close()
    print(f"{'events per append':<20}" + "".join(f"{writers:>9} writers" for writers in WRITERS))
    for group in APPENDS:
        rates = [measure(url, writers, group, f"bot-{group}-{writers}") for writers in WRITERS]
        print(f"{group:<20}" + "".join(f"{rate:>17,.0f}" for rate in rates), flush=True)


def main() -> None:
    """Measure, or be one of the writers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", default="", help="an empty PostgreSQL database")
    parser.add_argument("--write", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--as", dest="stream", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(options.url, options.stream, options.write, APPENDS[options.write])
    elif options.url:
        report(options.url)
    else:
        with (
            installation() as programs,
            programs.server().running() as server,
            Databases(server.url()).empty() as url,
        ):
            report(url)


if __name__ == "__main__":
    main()
