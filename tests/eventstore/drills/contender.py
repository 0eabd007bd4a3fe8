"""One of several processes at one store: appends as often as it can, or tails a stream, and tells what it did as JSON.

python -m tests.eventstore.drills.contender URL write STREAM NAME APPENDS
python -m tests.eventstore.drills.contender URL tail STREAM UPTO
"""

import json
import sys

import orjson

from perptape.eventstore.envelope import Record
from perptape.eventstore.errors import ConflictError, StoreBusyError
from perptape.eventstore.store import EventStore


def main(url: str, kind: str, stream: str, *arguments: str) -> None:
    """Say `ready`, wait for a line, and do it."""
    with EventStore.open(url, busy_timeout_ms=60_000) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        if kind == "write":
            write(store, stream, arguments[0], int(arguments[1]))
        else:
            tail(store, stream, int(arguments[0]))


def write(store: EventStore, stream: str, name: str, appends: int) -> None:
    """Win so many appends against everybody else: each by the version that it expects, and tell which that was."""
    version, won = store.head(stream).version, 0
    while won < appends:
        words = [orjson.dumps({"by": name, "nth": won, "part": part}) for part in range(won % 3 + 1)]
        batch = [Record("Won", 1, version, None, data) for data in words]
        try:
            head = store.append(stream, version, batch)
        except (ConflictError, StoreBusyError):
            version = store.head(stream).version
            continue
        print(json.dumps([version, len(batch), won]), flush=True)
        version, won = head.version, won + 1


def tail(store: EventStore, stream: str, upto: int) -> None:
    """Follow the stream from its beginning to a version, and tell each event as it comes."""
    with store.subscribe({stream: 0}) as subscription:
        for batch in subscription:
            for envelope in batch.envelopes:
                print(json.dumps([envelope.version, orjson.loads(envelope.data)]), flush=True)
            if batch.cursor >= upto:
                return


if __name__ == "__main__":
    main(*sys.argv[1:])
