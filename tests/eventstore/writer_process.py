"""A writer to be killed: appends groups to a stream without end and prints each version once it is acknowledged."""

import sys

from perptape.eventstore.store import EventStore
from tests.eventstore.given import records


def main(url: str, group: int) -> None:
    with EventStore.open(url) as store:
        version = store.head("bot").version
        while True:
            version = store.append("bot", version, records(group, version + 1)).version
            print(version, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
