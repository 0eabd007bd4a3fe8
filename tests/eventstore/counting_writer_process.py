"""A writer that appends so many events to a stream, in groups of all sizes, whatever becomes of the server."""

import sys

from perptape.eventstore.errors import StoreBusyError, StoreLostError, StoreUnreachableError
from perptape.eventstore.store import EventStore
from tests.eventstore.given import records


def main(url: str, stream: str, count: int) -> None:
    with EventStore.open(url) as store:
        version = store.head(stream).version
        end = version + count
        print("ready", flush=True)
        sys.stdin.readline()
        while version < end:
            group = records(min(version % 7 + 1, end - version), version + 1)
            try:
                version = store.append(stream, version, group).version
            except (StoreLostError, StoreUnreachableError, StoreBusyError):
                continue  # an append may be repeated
    print(version, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
