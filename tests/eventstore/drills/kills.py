"""A writer killed at the n-th boundary of a statement, or after so many microseconds; run as a process of its own.

    python -m tests.eventstore.drills.kills URL STREAM boundaries APPENDS
    python -m tests.eventstore.drills.kills URL STREAM random KILLS SEED

Each kill hits a forked child between two calls of the driver (`boundaries` goes through all of them until a child gets
to its end) or at a random moment. The parent then opens the store anew, repeats the append in doubt, and checks that
the stream holds what was acknowledged and the repeated append, once each. Prints how many children were killed.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from perptape.eventstore.store import EventStore
from tests.eventstore.given import record, records

GROUPS = (1, 3, 120)
"""Sizes of a child's appends in turn: each takes another way through the appender."""
STATEMENTS = {"connect", "wait", "execute", "executemany", "commit", "rollback"}
"""What psycopg calls its ways to the server."""
WITHIN_US = 30_000
"""A random kill comes within this time after the first append began."""


def main(url: str, stream: str, kind: str, *arguments: str) -> None:
    """Run the drill and print the number of kills."""
    if kind == "boundaries":
        print(at_every_boundary(url, stream, int(arguments[0])))
    else:
        print(at_random_moments(url, stream, int(arguments[0]), int(arguments[1])))


def at_every_boundary(url: str, stream: str, appends: int) -> int:
    """Kill a child at its first, second, third … boundary until one is left alive."""
    for boundary in count(1):
        if not _killed(url, stream, appends, partial(_die_at_boundary, boundary)):
            return boundary - 1
    raise AssertionError("there is always another number")


def at_random_moments(url: str, stream: str, kills: int, seed: int) -> int:
    """Kill so many children at random moments."""
    moments = random.Random(seed)
    done = 0
    while done < kills:
        after_s = moments.randrange(1, WITHIN_US) / 1_000_000
        done += _killed(url, stream, 1_000_000, partial(signal.setitimer, signal.ITIMER_REAL, after_s))
    return done


def _die_at_boundary(boundary: int) -> None:
    """Let the calling process kill itself when its driver is entered or left for the n-th time."""
    passed = 0

    def watch(frame: Any, event: str, called: Any) -> None:
        nonlocal passed
        if event in ("call", "return"):
            of_driver = frame.f_code.co_name in STATEMENTS and frame.f_globals["__name__"].startswith("psycopg.")
        else:
            of_driver = type(getattr(called, "__self__", None)).__module__ == "sqlite3"
        if of_driver:
            passed += 1
            if passed == boundary:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)


def _killed(url: str, stream: str, appends: int, arm: Callable[[], object]) -> bool:
    """Run one child to its death or its end, check what it left behind, and say whether it was killed."""
    with EventStore.open(url) as store:
        before = store.head(stream).version
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _append(url, stream, before, appends, writing, arm)
    os.close(writing)
    with os.fdopen(reading) as said:
        acknowledged = max([before, *(int(line) for line in said if line.endswith("\n"))])
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status)
    if not killed and os.WEXITSTATUS(status):
        raise AssertionError(f"the writer failed with status {os.WEXITSTATUS(status)}")
    _check(url, stream, before, acknowledged)
    return killed


def _append(url: str, stream: str, version: int, appends: int, told: int, arm: Callable[[], object]) -> None:
    """Append, and tell each acknowledged version; never returns."""
    status = 1
    try:
        with EventStore.open(url) as store:
            arm()
            for _ in range(appends):
                version = store.append(stream, version, _batch(version)).version
                os.write(told, f"{version}\n".encode())
            sys.setprofile(None)
        status = 0
    finally:
        os._exit(status)


def _batch(version: int) -> Any:
    """The append that follows a version, which its retry can make again."""
    return records(GROUPS[version * 7919 // 64 % len(GROUPS)], version + 1)


def _check(url: str, stream: str, before: int, acknowledged: int) -> None:
    """What was acknowledged is there, at most the append in doubt besides, and repeating that one changes nothing."""
    with EventStore.open(url) as store:
        batch = _batch(acknowledged)
        found = store.head(stream).version
        in_doubt = acknowledged + len(batch)
        # A server may finish the last append of a writer that is gone after this was read.
        if found not in (acknowledged, in_doubt):
            raise AssertionError(f"{acknowledged} was acknowledged, and the stream ends at {found}")
        head = store.append(stream, acknowledged, batch)
        again = store.append(stream, acknowledged, batch)
        if not head == again == store.head(stream) or head.version != in_doubt:
            raise AssertionError(f"the repeated append gave {head}, then {again}")
        kept = [envelope.data for envelope in store.read(stream, before)]
        if kept != [record(version).data for version in range(before + 1, in_doubt + 1)]:
            raise AssertionError(f"what follows version {before} is not what was written")
        verified = store.verify(stream)
        if not verified.ok:
            raise AssertionError(str(verified.first_bad))


if __name__ == "__main__":
    main(*sys.argv[1:])
