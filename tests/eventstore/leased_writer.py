"""A writer that holds a lease: acquires it, then makes an append for every line it is told, and tells what came of it.

`python -m tests.eventstore.leased_writer URL HOLDER TTL_S NOW_NS`; its clock stands at NOW_NS.
"""

import sys

from perptape.eventstore.errors import EventStoreError
from perptape.eventstore.store import EventStore
from tests.eventstore.given import record


def main(url: str, holder: str, ttl_s: float, now_ns: int) -> None:
    with EventStore.open(url, clock=lambda: now_ns) as store:
        lease = store.acquire("bot", holder, ttl_s)
        head = store.head("bot")
        print("acquired", flush=True)
        for _ in sys.stdin:
            try:
                head = store.append("bot", head.version, [record(head.version + 1)], epoch=lease.epoch)
                print(f"appended {head.version}", flush=True)
            except EventStoreError as error:
                print(f"{type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
